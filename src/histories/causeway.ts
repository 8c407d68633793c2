// Causeway's own history format, as `--history FILE` writes it: one operation per line, as JSON,
// with the fields of kernel/history.ts. It also has append, pop, cas, add and the operations of
// sets, which other tools and some protocols use. A line of the kind `initial` is a write of an
// earlier run; it stands where its server joined.

import { covers } from '../checkers/contexts.ts';
import type { History, Recorded } from '../checkers/history.ts';
import { InitialWrites } from '../checkers/initialWrites.ts';
import { normalize } from '../checkers/normalize.ts';
import { HistoryError } from '../checkers/verdict.ts';
import { isContext } from '../kernel/control.ts';
import type {
  ContextTuples,
  InitialWrite,
  Operation,
  Outcome,
  Sibling,
  Side,
  VectorTuples,
  VersionTuple,
} from '../kernel/history.ts';
import { MAX_INCARNATION, MAX_NODE_ID } from '../kernel/ids.ts';
import { type Format, FormatError, type HistoryReader } from './format.ts';
import {
  INITIAL_OUTCOMES,
  isNumber,
  isSibling,
  isTuple,
  isWhole,
  KINDS,
  OUTCOMES,
} from './shapes.ts';

const INITIAL = 'initial';
export const CAUSEWAY: Format = {
  name: 'causeway',
  about: 'what --history writes',
  createReader: () => new CausewayReader(),
  toText: (word) => word,
  write: ({ initial = [], operations, isTimed, transactions }) => {
    const [first] = operations;
    if (first !== undefined && !isTimed) {
      throw new FormatError(first.line, 'the times of the operations are unknown');
    }
    if (first !== undefined && transactions > 0) {
      throw new FormatError(
        first.line,
        'the format has no word for a transaction of several operations',
      );
    }
    const lines = function* (): Generator<string> {
      for (const write of initial) yield JSON.stringify({ kind: INITIAL, ...write });
      for (const operation of operations) yield JSON.stringify(operation);
    };
    return { lines: lines(), losses: [] };
  },
};

class CausewayReader implements HistoryReader {
  readonly #initial = new InitialWrites();
  readonly #operations: Recorded[] = [];
  readonly notes: readonly string[] = [];

  take(text: string, line: number): void {
    if (text.trim() === '') return;
    const fields = new Fields(parse(text, line), line);
    if (fields.read('kind') === INITIAL) this.#initial.add(toInitialWrite(fields));
    else this.#operations.push(toOperation(fields));
  }

  end(): History {
    try {
      normalize(this.#operations);
    } catch (error) {
      if (error instanceof HistoryError) throw new FormatError(error.operation.line, error.message);
      throw error;
    }
    const initial = [...this.#initial.list()];
    return { initial, operations: this.#operations, isTimed: true, transactions: 0 };
  }
}

function parse(text: string, line: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError(line, (error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FormatError(line, 'not a JSON object');
  }
  return value as Record<string, unknown>;
}

/**
 * The fields of one line; each is checked before it is used. None has the name of a property that
 * all objects have.
 */
class Fields {
  readonly line: number;
  readonly #record: Record<string, unknown>;

  constructor(record: Record<string, unknown>, line: number) {
    this.#record = record;
    this.line = line;
  }

  refuse(name: string, wanted: string): FormatError {
    const value = this.#record[name];
    const shown = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40);
    return new FormatError(this.line, `${name} is ${shown}, not ${wanted}`);
  }

  read(name: string): unknown {
    return this.#record[name];
  }

  whole(name: string, least: number, most: number): number {
    const value = this.read(name);
    if (isWhole(value, least, most)) return value;
    throw this.refuse(name, `a whole number from ${least} to ${most}`);
  }

  text(name: string): string {
    const value = this.read(name);
    if (typeof value === 'string') return value;
    throw this.refuse(name, 'a text');
  }

  textOrNull(name: string): string | null {
    return this.read(name) === null ? null : this.text(name);
  }

  oneOf<T extends string>(name: string, words: ReadonlySet<unknown>): T {
    const value = this.read(name);
    if (words.has(value)) return value as T;
    throw this.refuse(name, `one of ${[...words].join(', ')}`);
  }

  moment(name: string): number {
    const value = this.read(name);
    if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
    throw this.refuse(name, 'a time in milliseconds');
  }

  version(): VersionTuple | null {
    const value = this.read('version');
    if (value === null || isTuple(value)) return value;
    throw this.refuse('version', 'null or [timestamp, server, incarnation]');
  }

  /** Undefined if the line has none. */
  modifiers(): readonly string[] | undefined {
    const value = this.read('modifiers');
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.every((word) => typeof word === 'string');
    if (!isList || value.length === 0) throw this.refuse('modifiers', 'a list of words');
    return value;
  }

  /** The end that an append or a pop is about; an append may leave it out. */
  side(kind: 'append' | 'pop'): { side?: Side } {
    const value = this.read('side');
    if (value === undefined && kind === 'append') return {};
    if (value === 'left' || value === 'right') return { side: value };
    throw this.refuse('side', 'left or right');
  }

  /** All values of a read that returned several; `value` is that of the first. */
  siblings(outcome: Outcome, first: string | null): readonly Sibling[] | undefined {
    const value = this.read('siblings');
    if (value === undefined) return undefined;
    const isList = Array.isArray(value) && value.length > 1 && value.every(isSibling);
    if (outcome !== 'ok' || !isList || value.at(0)?.value !== first) {
      throw this.refuse('siblings', 'a list of several {value, version}, the first with value');
    }
    return value;
  }

  elements(): readonly string[] {
    const value = this.read('elements');
    const isList = Array.isArray(value) && value.every((one) => typeof one === 'string');
    if (isList) return value;
    throw this.refuse('elements', 'a list of texts');
  }

  /** What a compare-and-set found; undefined if the line does not say. */
  found(): Sibling | undefined {
    const value = this.read('found');
    if (value === undefined || isSibling(value)) return value;
    throw this.refuse('found', '{value, version}');
  }

  /** Undefined if the line has none. */
  context(version: VersionTuple | null, siblings: readonly Sibling[]): ContextTuples | undefined {
    const context = this.read('context');
    if (context === undefined) return undefined;
    if (!isContext(context)) {
      throw this.refuse('context', 'a sorted list of [server, incarnation, after, upTo]');
    }
    const isIn = (version: VersionTuple | null): boolean =>
      version === null || covers(context, version);
    const isWhole = isIn(version) && siblings.every((sibling) => isIn(sibling.version));
    if (!isWhole) throw this.refuse('context', 'a set with the version itself');
    return context;
  }

  applied(): VectorTuples | null {
    const value = this.read('applied');
    if (value === null || (Array.isArray(value) && value.every(isTuple))) return value;
    throw this.refuse('applied', 'null or a list of [server, incarnation, timestamp]');
  }
}

function toInitialWrite(fields: Fields): InitialWrite {
  const version = fields.version();
  const context = fields.context(version, []);
  return {
    key: fields.text('key'),
    value: fields.textOrNull('value'),
    version,
    ...(context !== undefined && { context }),
    outcome: fields.oneOf<InitialWrite['outcome']>('outcome', INITIAL_OUTCOMES),
    server: fields.whole('server', 0, MAX_NODE_ID),
  };
}

/** Written while its line is read. */
type Draft = { -readonly [Field in keyof Operation]: Operation[Field] };

function toOperation(fields: Fields): Recorded {
  const kind = fields.oneOf<Recorded['kind']>('kind', KINDS);
  const outcome = fields.oneOf<Outcome>('outcome', OUTCOMES);
  const returned = fields.read('returnedAt');
  const operation: Draft = {
    session: fields.whole('session', 0, Number.MAX_SAFE_INTEGER),
    incarnation: fields.whole('incarnation', 0, MAX_INCARNATION),
    seq: fields.whole('seq', 0, Number.MAX_SAFE_INTEGER),
    // Kinds with more fields get them below.
    kind: kind as Operation['kind'],
    key: fields.text('key'),
    value: fields.textOrNull('value'),
    outcome,
    invokedAt: fields.moment('invokedAt'),
    returnedAt: outcome === 'unknown' && returned === null ? null : fields.moment('returnedAt'),
    server: fields.read('server') === null ? null : fields.whole('server', 0, MAX_NODE_ID),
    version: fields.version(),
    applied: fields.applied(),
    line: fields.line,
  };
  const modifiers = fields.modifiers();
  if (modifiers !== undefined) operation.modifiers = modifiers;
  checkValue(fields, kind, operation.value !== null, outcome);
  const siblings = kind === 'get' ? fields.siblings(outcome, operation.value) : undefined;
  if (siblings !== undefined) operation.siblings = siblings;
  const context = fields.context(operation.version, siblings ?? []);
  if (context !== undefined) operation.context = context;
  if (kind === 'append' || kind === 'pop') {
    return { ...operation, ...fields.side(kind) } as Recorded;
  }
  if (kind === 'add') return toAdd(fields, operation);
  if (kind === 'elements') return { ...operation, elements: fields.elements() } as Recorded;
  return kind === 'cas' ? toCompareAndSet(fields, operation) : operation;
}

function toAdd(fields: Fields, operation: Draft): Recorded {
  const sum = fields.read('sum');
  if (!isNumber(operation.value)) throw fields.refuse('value', 'a whole number as text');
  if (sum !== undefined && !isNumber(sum)) throw fields.refuse('sum', 'a whole number as text');
  return { ...operation, ...(sum !== undefined && { sum }) } as unknown as Recorded;
}

function toCompareAndSet(fields: Fields, operation: Draft): Recorded {
  const isSet = fields.read('isSet');
  const isKnown = typeof isSet === 'boolean' || (isSet === null && operation.outcome !== 'ok');
  if (!isKnown) throw fields.refuse('isSet', 'true or false');
  const expected = fields.textOrNull('expected');
  const found = fields.found();
  if (found !== undefined && isSet !== (found.value === expected))
    throw fields.refuse('found', 'what it expected exactly if it wrote');
  return { ...operation, expected, isSet, ...(found && { found }) } as Recorded;
}

/** Checks that a value is present exactly if the kind and the outcome require one. */
function checkValue(
  fields: Fields,
  kind: Recorded['kind'],
  hasValue: boolean,
  outcome: Outcome,
): void {
  const doesRead = kind === 'get' || kind === 'pop';
  if (outcome === 'absent' && !doesRead) throw fields.refuse('outcome', `one of a ${kind}`);
  const needsValue = doesRead ? outcome === 'ok' : kind !== 'delete' && kind !== 'elements';
  if (hasValue === needsValue) return;
  throw fields.refuse('value', needsValue ? 'a text' : `null, as in a ${kind} that is ${outcome}`);
}
