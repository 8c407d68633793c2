// Which writes the server of a get must have applied, from one session's view (Terry et al., PDIS
// 1994, section 3). Per key: the latest write that the session knows. For all keys: everything that
// it has put or got. Undecided if the answer does not say what its server had applied.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { type Answer, comparePlaces } from './answers.ts';
import { type Complaint, laterOf, type Seen } from './keyReads.ts';
import { compareVersions, isCovered } from './readsFrom.ts';

/** The latest write of a key that a session has put or got. A server must have it to answer. */
export class LatestKnown {
  #version: VersionTuple | undefined;
  #put = -1;
  #got = -1;
  /** Whether some answer names this version; false if it was only inferred. */
  #isNamed = false;
  /** Operations of unknown version, each with its latest possible position. */
  #openPut: Seen | undefined;
  #openGet: Seen | undefined;
  #openNothing: Seen | undefined;
  readonly #bound = new VectorBound();

  put(op: number, version: VersionTuple | null): void {
    if (version === null) this.#openPut = { op, place: 'last' };
    else if (this.#raise(version)) {
      this.#put = op;
      this.#isNamed = true;
    }
  }

  get(op: number, { least, greatest, isNothing }: Answer, applied: VectorTuples | null): void {
    if (comparePlaces(least, greatest) !== 0) {
      this.#bound.add(applied);
      const seen = { op, place: greatest };
      if (isNothing) this.#openNothing = laterOf(this.#openNothing, seen);
      else this.#openGet = laterOf(this.#openGet, seen);
    }
    if (typeof least === 'string' || !this.#raise(least)) return;
    this.#got = op;
    if (!isNothing) this.#isNamed = true;
  }

  /** What a server with this vector lacks, for a get with this answer. */
  findLacking(
    applied: VectorTuples,
    { isNothing }: Answer,
    kind: 'put' | 'get',
  ): Complaint | undefined {
    const latest = kind === 'put' ? this.#put : this.#got;
    const binding = isNothing ? [this.#openGet] : [this.#openGet, this.#openNothing];
    const [open] = (kind === 'put' ? [this.#openPut] : binding).filter(this.#mayBeLatest);
    if (latest >= 0 && (this.#isNamed || !isNothing) && !this.#isIn(applied)) {
      const all = [this.#openPut, this.#openGet, this.#openNothing];
      return lacking(latest, !all.some(this.#mayBeLatest));
    }
    const isThere = open === undefined || (kind === 'get' && this.#bound.isWithin(applied));
    return isThere ? undefined : lacking(open.op, false);
  }

  readonly #mayBeLatest = (seen: Seen | undefined): boolean =>
    seen !== undefined && comparePlaces(seen.place, this.#version ?? 'first') > 0;

  #isIn(applied: VectorTuples): boolean {
    return this.#version === undefined || isCovered(applied, this.#version);
  }

  /** Makes this version the latest if it is not older. Returns whether it is the latest now. */
  #raise(version: VersionTuple): boolean {
    const order = this.#version === undefined ? 1 : compareVersions(version, this.#version);
    if (order > 0) {
      this.#version = version;
      this.#put = -1;
      this.#got = -1;
      this.#isNamed = false;
    }
    return order >= 0;
  }
}

/** A write that a server must have applied. */
interface Asked {
  readonly op: number;
  /** Null if unknown. */
  readonly version: VersionTuple | null;
  /** The write itself: the put, or the one that the get must have returned; -1 if unknown. */
  readonly write: number;
  /** An upper bound: the vector of the answer, if it has one. */
  readonly applied: VectorTuples | null;
}

/** The writes of all keys that a server must have applied to answer the session. */
export class Database {
  /**
   * By server incarnation, the latest write that it took. A vector counts in the same way, so one
   * write for each is enough.
   */
  readonly #byLife = new Map<number, { op: number; version: VersionTuple }>();
  /** The version, if only one is required; null for several, undefined for none. */
  #sole: VersionTuple | null | undefined;
  /** The first required write of unknown version. */
  #open: Asked | undefined;
  /** Whether all required writes of unknown version are the same write. */
  #isOneOpen = true;
  readonly #bound = new VectorBound();

  ask(asked: Asked): void {
    const { op, version } = asked;
    if (version === null) {
      this.#askOpen(asked);
      return;
    }
    if (this.#sole === undefined) this.#sole = version;
    else if (this.#sole !== null && compareVersions(this.#sole, version) !== 0) this.#sole = null;
    const life = lifeKey({ id: version[1], incarnation: version[2] });
    if ((this.#byLife.get(life)?.version[0] ?? -1) < version[0]) {
      this.#byLife.set(life, { op, version });
    }
  }

  #askOpen(asked: Asked): void {
    this.#open ??= asked;
    if (asked.write < 0 || asked.write !== this.#open.write) this.#isOneOpen = false;
    this.#bound.add(asked.applied);
  }

  /** What the server of a get lacked, or may have lacked. */
  findLacking({ applied }: Operation, answer: Answer): Complaint | undefined {
    for (const { op, version } of this.#byLife.values()) {
      if (applied === null && this.#isReturned(answer)) continue;
      if (applied === null) return lacking(op, false);
      if (!isCovered(applied, version)) return lacking(op, true);
    }
    const isOpenThere =
      (this.#isOneOpen && answer.only >= 0 && answer.only === this.#open?.write) ||
      (applied !== null && this.#bound.isWithin(applied));
    return this.#open === undefined || isOpenThere ? undefined : lacking(this.#open.op, false);
  }

  /** Whether the get returned the only required write; then its server has it. */
  #isReturned({ least, greatest }: Answer): boolean {
    if (typeof least === 'string' || comparePlaces(least, greatest) !== 0) return false;
    return this.#sole != null && compareVersions(least, this.#sole) === 0;
  }
}

/** The elementwise maximum of vectors: an upper bound of all that these servers had returned. */
export class VectorBound {
  /** By server incarnation; undefined if one of the answers had no vector. */
  #upTo: Map<number, number> | undefined = new Map();

  add(applied: VectorTuples | null): void {
    if (applied === null) this.#upTo = undefined;
    for (const [id, incarnation, upTo] of applied ?? []) {
      const life = lifeKey({ id, incarnation });
      this.#upTo?.set(life, Math.max(upTo, this.#upTo.get(life) ?? 0));
    }
  }

  /** Whether a server with this vector had applied all of it. */
  isWithin(applied: VectorTuples): boolean {
    if (this.#upTo === undefined) return false;
    const left = new Map(this.#upTo);
    for (const [id, incarnation, upTo] of applied) {
      const life = lifeKey({ id, incarnation });
      if (upTo >= (left.get(life) ?? 0)) left.delete(life);
    }
    return left.size === 0;
  }
}

/** The server of a get lacks, or may lack, the operation `before` of the session. */
function lacking(before: number, isCertain: boolean): Complaint {
  return { isCertain, before, others: [], isLacking: true };
}
