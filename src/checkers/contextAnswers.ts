// What each operation of a history with causal contexts includes: the writes of its key that its
// context has, and perhaps deletions that are collected. A server forgets a deletion at some time,
// and then no answer names it, nor what it has removed.
import type { ContextTuples, Operation, VersionTuple } from '../kernel/history.ts';
import { covers, singleton, unite, without } from './contexts.ts';
import { isWrite, type Normalized } from './normalize.ts';
import { writtenValue } from './valueIndex.ts';
import { WriteVersions } from './writeVersions.ts';

/** What an answer, or the context of a write, includes. */
export interface Included {
  /** Certainly included. */
  readonly has: ContextTuples;
  /** Whether `has` is all, except for collected deletions. */
  readonly isTold: boolean;
  /** Whether the versions of all that came back are known. */
  readonly isNamed: boolean;
  /** The known versions of what came back: no deletion that is included has removed these. */
  readonly returned: readonly VersionTuple[];
}

interface Deletion {
  readonly op: number;
  /** Undefined if unknown. */
  readonly context: ContextTuples | undefined;
}

export class ContextAnswers {
  readonly #normalized: Normalized;
  readonly #versions: WriteVersions;
  /** The contexts of writes, by key and version. */
  readonly #contexts = new Map<string, ContextTuples>();
  /** By key: the deletions, the last one to begin first. */
  readonly #deletions = new Map<number, Deletion[]>();
  /** By get of nothing: what it may have found deleted. */
  readonly #found = new Map<number, ContextTuples | undefined>();
  /** By key and value: the gets that returned it. */
  readonly #gets = new Map<string, number[]>();

  constructor(normalized: Normalized, isTimed: boolean) {
    this.#normalized = normalized;
    this.#versions = new WriteVersions(normalized, isTimed);
    for (const [op, operation] of normalized.operations.entries()) {
      this.#learnContext(op, operation);
      if (!isWrite(operation)) this.#addGet(op, operation);
    }
    for (const [op, operation] of normalized.operations.entries()) {
      if (isWrite(operation) && writtenValue(operation) === null) this.#addDeletion(op);
    }
    const begin = ({ op }: Deletion): number => this.#operation(op).invokedAt;
    for (const all of this.#deletions.values()) all.sort((a, b) => begin(b) - begin(a));
  }

  /** The version of a write; null if unknown. */
  versionOf(write: number): VersionTuple | null {
    return this.#versions.versionOf(write);
  }

  of(op: number): Included {
    const operation = this.#operation(op);
    const entries = entriesOf(isWrite(operation) ? { version: this.versionOf(op) } : operation);
    const returned = entries.flatMap(({ version }) => (version === null ? [] : [version]));
    // Of the deletions that a get of nothing found, the answer names only one.
    const isNamed = returned.length === entries.length && !isAbsent(operation);
    const known = returned.map((version) => this.#contexts.get(this.#nameOf(op, version)));
    const all = isNamed && known.every((one) => one !== undefined) ? known.reduce(unite, []) : null;
    const told = operation.context ?? all;
    const has = told ?? returned.map(singleton).reduce(unite, []);
    return { has, isTold: told !== null, isNamed, returned };
  }

  /** Whether collected deletions that the operation includes may have removed all of these. */
  mayInclude(op: number, { isTold, returned }: Included, lacking: ContextTuples): boolean {
    let left = lacking;
    for (const context of isTold ? this.#collectable(op, returned) : [undefined]) {
      if (context === undefined) return true;
      left = without(left, context);
      if (left.length === 0) return true;
    }
    return false;
  }

  /** Everything that a get of nothing may have found deleted; undefined if that may be anything. */
  mayHaveFound(get: number): ContextTuples | undefined {
    if (!this.#found.has(get)) {
      let all: ContextTuples | undefined = [];
      for (const context of this.#collectable(get, [])) {
        all = context && unite(all, context);
        if (all === undefined) break;
      }
      this.#found.set(get, all);
    }
    return this.#found.get(get);
  }

  /** Whether some get may have returned this write. */
  mayBeRead(write: number): boolean {
    const gets = this.#gets.get(this.#nameOf(write, writtenValue(this.#operation(write)))) ?? [];
    return gets.some((get) => !this.#versions.isTooLate(write, get));
  }

  /** The contexts of deletions that may be collected at the server of the operation. */
  *#collectable(
    op: number,
    returned: readonly VersionTuple[],
  ): Generator<ContextTuples | undefined> {
    for (const deletion of this.#deletions.get(this.#normalized.key[op] as number) ?? []) {
      if (deletion.op === op || this.#versions.isTooLate(deletion.op, op)) continue;
      const { context } = deletion;
      if (context === undefined || !returned.some((version) => covers(context, version))) {
        yield context;
      }
    }
  }

  #learnContext(op: number, operation: Operation): void {
    const { kind, siblings, context } = operation;
    if (context === undefined || siblings !== undefined || isAbsent(operation)) return;
    const version = kind === 'get' ? operation.version : this.versionOf(op);
    if (version !== null) this.#contexts.set(this.#nameOf(op, version), context);
  }

  #addGet(op: number, operation: Operation): void {
    for (const value of new Set(entriesOf(operation).map((entry) => entry.value ?? null))) {
      const name = this.#nameOf(op, value);
      const known = this.#gets.get(name);
      if (known === undefined) this.#gets.set(name, [op]);
      else known.push(op);
    }
  }

  #addDeletion(op: number): void {
    const key = this.#normalized.key[op] as number;
    const version = this.versionOf(op);
    const context = version === null ? undefined : this.#contexts.get(this.#nameOf(op, version));
    const known = this.#deletions.get(key);
    if (known === undefined) this.#deletions.set(key, [{ op, context }]);
    else known.push({ op, context });
  }

  #nameOf(op: number, what: VersionTuple | string | null): string {
    return JSON.stringify([this.#normalized.key[op], what]);
  }

  #operation(op: number): Operation {
    return this.#normalized.operations[op] as Operation;
  }
}

function isAbsent({ kind, outcome }: Operation): boolean {
  return kind === 'get' && outcome === 'absent';
}

type Entry = Partial<Pick<Operation, 'value'>> & Pick<Operation, 'version'>;

/** What a get returned, or a write wrote. */
function entriesOf(operation: Entry & Pick<Operation, 'siblings'>): readonly Entry[] {
  return operation.siblings ?? [operation];
}
