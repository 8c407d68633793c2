// What each write requires of a server that has it: all that its session had written before (or
// read, for writes follow reads). Servers apply the writes of one server in order, so one number
// for each server describes what is applied.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { type Answers, comparePlaces } from './answers.ts';
import { isOneSession } from './causalWitness.ts';
import { VectorBound } from './demands.ts';
import { isPending, isWrite, type Normalized } from './normalize.ts';
import { isCovered } from './readsFrom.ts';
import type { WriteGuarantee } from './verdict.ts';

/** A history, and which of the two guarantees is judged. */
export interface WritesView {
  readonly normalized: Normalized;
  readonly answers: Answers;
  readonly guarantee: WriteGuarantee;
}

interface Visitor {
  begin(): void;
  /**
   * What later writes of the session require: this version or, if `isOpen`, perhaps a later one;
   * null if the version is unknown.
   */
  needed(op: number, version: VersionTuple | null, isOpen: boolean): void;
  write(op: number, version: VersionTuple | null): void;
}

/** Visits each write, and before it what its session had written or read. */
export function eachWrite({ normalized, answers, guarantee }: WritesView, visit: Visitor): void {
  const { starts, operations } = normalized;
  for (let session = 0; session + 1 < starts.length; session += 1) {
    visit.begin();
    for (let op = starts[session] as number; op < (starts[session + 1] as number); op += 1) {
      const operation = operations[op] as Operation;
      if (!isWrite(operation)) {
        if (guarantee === 'monotonic-writes') continue;
        const { least, greatest } = answers.answerOf(op);
        if (greatest === 'first') continue;
        const isOpen = comparePlaces(least, greatest) !== 0;
        visit.needed(op, typeof least === 'string' ? null : least, isOpen);
        continue;
      }
      const version = answers.writes.versionOf(op);
      // An unanswered write that no get can have returned need not have happened.
      if (isPending(operation) && version === null && !answers.mayBeRead(op)) continue;
      visit.write(op, version);
      if (guarantee === 'monotonic-writes' && !isPending(operation)) {
        visit.needed(op, version, version === null);
      }
    }
  }
}

/** A violation: what a server lacks. */
export interface Missing {
  /** A write that the server had applied. */
  readonly write: number;
  /** An earlier operation of the session of `write`, whose version the server had not applied. */
  readonly needed: number;
}

/** A requirement that is not exactly known: a version is unknown. */
interface Open {
  readonly op: number;
  /** The version of the write; null if it is the unknown one. */
  readonly version: VersionTuple | null;
  readonly needs: readonly number[];
  /** An upper bound on the other requirements. */
  readonly bound: VectorBound;
}

/**
 * By server incarnation: what its first n writes require of every server incarnation, for each n.
 */
export class Needs {
  /** An operation whose unknown version matters for the verdict. */
  doubt: number | undefined;
  /** Whether no write requires another one. */
  isEmpty = true;
  readonly #view: WritesView;
  readonly #lifeNumber = new Map<number, number>();
  /** By server incarnation: its writes, sorted by timestamp. */
  readonly #writes: { op: number; timestamp: number; needs: number[] }[][] = [];
  /** By server incarnation and write: the requirements of this write and all earlier ones. */
  readonly #together: number[][][] = [];
  readonly #open: Open[] = [];

  constructor(view: WritesView) {
    this.#view = view;
    this.#collect();
    for (const writes of this.#writes) {
      writes.sort((a, b) => a.timestamp - b.timestamp);
      let sum: number[] = [];
      this.#together.push(
        writes.map((entry) => {
          sum = join(sum, entry.needs);
          return sum;
        }),
      );
    }
  }

  #collect(): void {
    const { key } = this.#view.normalized;
    let needs: number[] = [];
    let bound = new VectorBound();
    /** By key: whether a required version of the key is unknown. */
    let needed = new Map<number, boolean>();
    let open = -1;
    eachWrite(this.#view, {
      begin: () => {
        [needs, bound, needed, open] = [[], new VectorBound(), new Map(), -1];
      },
      needed: (op, version, isOpen) => {
        const k = key[op] as number;
        needed.set(k, isOpen || (needed.get(k) ?? false));
        if (isOpen) {
          open = op;
          bound.add(this.#operation(op).applied);
        }
        if (version === null || isOpen) return;
        const life = this.#numberOf(version[1], version[2]);
        needs = needs.slice();
        needs[life] = Math.max(needs[life] ?? 0, version[0]);
      },
      write: (op, version) => {
        if (needed.size === 0) return;
        this.isEmpty = false;
        // Two writes of one key must also have versions in session order, so an unknown version is
        // a doubt.
        const isOpenOfKey = needed.get(key[op] as number);
        if (isOpenOfKey || (isOpenOfKey !== undefined && version === null)) this.doubt ??= op;
        if (version === null || open >= 0) {
          this.#open.push({ op: version === null ? op : open, version, needs, bound });
        }
        if (version === null) return;
        const life = this.#numberOf(version[1], version[2]);
        this.#writes[life]?.push({ op, timestamp: version[0], needs });
      },
    });
  }

  #operation(op: number): Operation {
    return this.#view.normalized.operations[op] as Operation;
  }

  /** Sets `doubt` if a server with this vector may lack something of unknown version. */
  doubtAt(applied: VectorTuples): void {
    if (this.#open.length === 0) return;
    const upTo = this.#upTo(applied);
    const doubtful = this.#open.find(({ version, needs, bound }) => {
      const has =
        version === null
          ? this.#view.answers.writes.latestUntold(applied) !== undefined
          : isCovered(applied, version);
      const hasAll = needs.every((timestamp, life) => (timestamp ?? 0) <= (upTo[life] ?? 0));
      return has && !(hasAll && bound.isWithin(applied));
    });
    this.doubt ??= doubtful?.op;
  }

  #upTo(applied: VectorTuples): number[] {
    const upTo: number[] = [];
    for (const [id, incarnation, timestamp] of applied) {
      upTo[this.#numberOf(id, incarnation)] = timestamp;
    }
    return upTo;
  }

  findMissing(applied: VectorTuples): Missing | undefined {
    const upTo = this.#upTo(applied);
    for (const [life, writes] of this.#writes.entries()) {
      const count = countUpTo(writes, upTo[life] ?? 0);
      const needs = this.#together[life]?.[count - 1] ?? [];
      for (const [other, timestamp] of needs.entries()) {
        if ((timestamp ?? 0) <= (upTo[other] ?? 0)) continue;
        return this.#name(writes.slice(0, count), other, upTo[other] ?? 0);
      }
    }
    return undefined;
  }

  #numberOf(id: number, incarnation: number): number {
    const name = lifeKey({ id, incarnation });
    let number = this.#lifeNumber.get(name);
    if (number === undefined) {
      number = this.#lifeNumber.size;
      this.#lifeNumber.set(name, number);
      this.#writes.push([]);
    }
    return number;
  }

  #name(writes: readonly { op: number; needs: number[] }[], life: number, upTo: number): Missing {
    const write = writes.find(({ needs }) => (needs[life] ?? 0) > upTo)?.op as number;
    let found = write;
    eachWrite(this.#view, {
      begin: () => undefined,
      write: () => undefined,
      needed: (op, version, isOpen) => {
        if (version === null || isOpen || op >= write || !this.#isOneSession(op, write)) return;
        if (this.#numberOf(version[1], version[2]) === life && version[0] > upTo) found = op;
      },
    });
    return { write, needed: found };
  }

  #isOneSession(a: number, b: number): boolean {
    return isOneSession(this.#operation(a), this.#operation(b));
  }
}

function join(a: readonly number[], b: readonly number[]): number[] {
  const sum = a.slice();
  for (const [index, value] of b.entries()) sum[index] = Math.max(sum[index] ?? 0, value ?? 0);
  return sum;
}

function countUpTo(writes: readonly { timestamp: number }[], timestamp: number): number {
  let low = 0;
  let high = writes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((writes[middle] as { timestamp: number }).timestamp <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}
