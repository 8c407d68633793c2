// Judges a history whose keys are of several types: registers, keys with append, pop or add, and
// sets. Each type is judged by itself. What breaks a level there breaks it: an order of all, or
// what each operation has seen, explains the operations of some of the keys as well. Whether the
// level holds for all keys together is asked only where it is not local.
import { type CheckOptions, createCheck } from './check.ts';
import { UNTIMED } from './checkTransactions.ts';
import {
  type History,
  isInitial,
  isOfSet,
  isPlain,
  PLAIN,
  type Recorded,
  type SetOperation,
} from './history.ts';
import { IMPLIES, IMPLIES_AS_SEEN, impliedBy } from './implications.ts';
import { LEVELS } from './levels.ts';
import { judgeCalls } from './linearizability.ts';
import { judgeSessionOrder, MixedCheck, showAs, showWitness, undefinedFor } from './mixedCheck.ts';
import { normalize } from './normalize.ts';
import { basisOf } from './sessions.ts';
import { isSearchable, SetCheck } from './setHistory.ts';
import { toElementRegisters } from './setRegisters.ts';
import { whyNothing } from './subject.ts';
import { createTimes } from './times.ts';
import { HOLDS, type Judgement, type Level, undecided } from './verdict.ts';
import { tell } from './words.ts';

/** `unclear`: sets and something else at once. */
type KeyType = 'registers' | 'calls' | 'sets' | 'unclear';

/** A check of the keys of one type. */
interface Part {
  readonly operations: readonly Recorded[];
  judge(level: Level): Judgement;
}

/** Those that hold for a history if they hold for each of its keys. */
const LOCAL: ReadonlySet<Level> = new Set(['read-your-writes', 'monotonic-reads']);

const CAUSAL: ReadonlySet<Level> = new Set([
  'causal-memory',
  'causal-convergence',
  'causal',
  'pram',
]);

export class KeyTypesCheck {
  readonly #history: History;
  readonly #options: CheckOptions;
  readonly #byType: ReadonlyMap<KeyType, readonly Recorded[]>;
  readonly #parts: readonly Part[];
  readonly #found = new Map<Level, Judgement>();
  #elements: ElementsCheck | undefined;

  constructor(history: History, options: CheckOptions) {
    this.#history = history;
    this.#options = options;
    this.#byType = byType(history.operations);
    this.#parts = [...this.#byType].map(([type, operations]) =>
      createPart(type, { ...history, operations }, options),
    );
  }

  judge(level: Level): Judgement {
    const found = this.#found.get(level) ?? this.#judge(level);
    this.#found.set(level, found);
    return found;
  }

  #judge(level: Level): Judgement {
    const { operations, transactions, isTimed } = this.#history;
    if (transactions > 0) return undecided(undefinedFor(operations));
    const [only] = this.#parts;
    if (only !== undefined && this.#parts.length === 1) return only.judge(level);
    if (level === 'linearizable' && !isTimed) {
      const found = this.judge('sequential');
      return found.outcome === 'holds' ? undecided(UNTIMED) : found;
    }
    let open: Judgement | undefined;
    for (const part of this.#parts) {
      const found = part.judge(level);
      if (found.outcome === 'broken') return found;
      if (found.outcome !== 'undecided') continue;
      // Of keys that say nothing about the level, it asks nothing.
      if (whyNothing(part.operations, level) === undefined) open ??= found;
    }
    const found = open ?? this.#judgeTogether(level);
    return found.outcome === 'undecided' && this.#isImplied(level) ? HOLDS : found;
  }

  /** The level holds for each type alone. */
  #judgeTogether(level: Level): Judgement {
    const { operations } = this.#history;
    const { budget } = this.#options;
    if (LOCAL.has(level)) return HOLDS;
    if (level === 'linearizable') {
      // It is local, but for sessions whose turns the clock does not tell apart.
      if (!createTimes(normalize(operations)).isCoarse) return HOLDS;
      return showWitness(operations, judgeCalls(operations, budget), budget);
    }
    if (level === 'sequential') {
      if (this.#history.isTimed && this.judge('linearizable').outcome === 'holds') return HOLDS;
      if (!isSearchable(operations.filter(isOfSet))) {
        return undecided('there are too many elements for a search of all keys together');
      }
      return judgeSessionOrder(operations, budget);
    }
    const shared = findShared(this.#byType.values());
    if (shared === undefined) return HOLDS;
    if (CAUSAL.has(level)) {
      this.#elements ??= new ElementsCheck(this.#history, this.#byType, this.#options);
      const found = this.#elements.judge(level);
      if (found !== undefined) return found;
    }
    return undecided(`${tell(shared)}, whose client also used keys of another type`);
  }

  /** Whether a stronger level holds. */
  #isImplied(level: Level): boolean {
    const basis = basisOf(this.#history.operations);
    const isExact = basis === 'vectors' || basis === 'contexts';
    const maps = isExact ? [IMPLIES] : [IMPLIES, IMPLIES_AS_SEEN];
    const stronger = LEVELS.filter((other) => impliedBy(other, maps).has(level));
    return stronger.reverse().some((other) => this.judge(other).outcome === 'holds');
  }
}

/** Registers and sets that only grow, each element of which is a register as well. */
class ElementsCheck {
  readonly #check: MixedCheck | undefined;
  readonly #recorded: ReadonlyMap<Recorded, Recorded>;

  constructor(
    history: History,
    byType: ReadonlyMap<KeyType, readonly Recorded[]>,
    options: CheckOptions,
  ) {
    const sets = (byType.get('sets') ?? []) as readonly SetOperation[];
    const registers = byType.get('registers') ?? [];
    const isAll = byType.size === 2 && byType.has('sets') && byType.has('registers');
    const elements = isAll ? toElementRegisters(sets, registers) : undefined;
    this.#recorded = elements?.recorded ?? new Map();
    if (elements === undefined) return;
    const operations = [...registers, ...elements.operations].sort(
      (a, b) => a.invokedAt - b.invokedAt || a.seq - b.seq,
    );
    this.#check = new MixedCheck({ ...history, operations }, options);
  }

  /** Undefined where it does not tell. */
  judge(level: Level): Judgement | undefined {
    const found = this.#check?.judge(level);
    return found && showAs(found, this.#recorded);
  }
}

function byType(operations: readonly Recorded[]): ReadonlyMap<KeyType, readonly Recorded[]> {
  const types = new Map<string, KeyType>();
  for (const one of operations) {
    const [type, known] = [typeOf(one), types.get(one.key) ?? typeOf(one)];
    if (type === known) types.set(one.key, type);
    else types.set(one.key, [type, known].some(isNoText) ? 'unclear' : 'calls');
  }
  const all = new Map<KeyType, Recorded[]>();
  for (const one of operations) {
    const type = types.get(one.key) as KeyType;
    const ofType = all.get(type) ?? [];
    if (ofType.length === 0) all.set(type, ofType);
    ofType.push(one);
  }
  return all;
}

function typeOf(operation: Recorded): KeyType {
  if (isOfSet(operation)) return 'sets';
  return PLAIN.has(operation.kind) || operation.kind === 'cas' ? 'registers' : 'calls';
}

function isNoText(type: KeyType): boolean {
  return type === 'sets' || type === 'unclear';
}

function createPart(type: KeyType, history: History, options: CheckOptions): Part {
  const { operations, isTimed } = history;
  if (type === 'sets') {
    const sets = new SetCheck(operations.filter(isOfSet), isTimed, options);
    return { operations, judge: (level) => sets.judge(level) };
  }
  if (isPlain(operations)) {
    return { operations, judge: createCheck(operations, { ...options, isTimed }) };
  }
  if (type !== 'unclear') {
    const mixed = new MixedCheck(history, options);
    return { operations, judge: (level) => mixed.judge(level) };
  }
  const other = operations.find((one) => !isOfSet(one)) as Recorded;
  const why = isInitial(other) ? 'sets are judged as empty at first' : `${other.key} is a set`;
  return { operations, judge: () => undecided(`${why}, and ${tell(other)}`) };
}

/** An operation of a session that has used keys of several types; undefined if there is none. */
function findShared(parts: Iterable<readonly Recorded[]>): Recorded | undefined {
  const users = new Map<string, number>();
  let part = 0;
  for (const operations of parts) {
    for (const one of operations) {
      const session = `${one.session}.${one.incarnation}`;
      const user = users.get(session) ?? part;
      if (user !== part) return one;
      users.set(session, user);
    }
    part += 1;
  }
  return undefined;
}
