// What the server of a get must have applied, by a session's reading of Terry et al. (PDIS 1994,
// section 3): by key the latest write that the session knows, for all keys whatever it has put or
// got. Where an answer does not say what its server had applied, that may be open.
import type { Operation, VectorTuples, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { type Answer, comparePlaces } from './answers.ts';
import { type Complaint, laterOf, type Seen } from './keyReads.ts';
import { compareVersions, isCovered } from './readsFrom.ts';

/** The latest write of a key that a session has put or got: a server that answers is to have it. */
export class LatestKnown {
  #version: VersionTuple | undefined;
  #put = -1;
  #got = -1;
  /** Whether some answer has named it, and not only left it to be concluded. */
  #isNamed = false;
  /** Operations of which nobody knows the version, and how late it may be. */
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

  /** What a server with this vector lacks, for a get that gave this answer. */
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

  /** Whether it is the latest now. */
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

/** What a server must have applied. */
interface Asked {
  readonly op: number;
  /** Null where nobody has told it. */
  readonly version: VersionTuple | null;
  /** The write that the operation was, or must have got; -1 where that is not known. */
  readonly write: number;
  /** All that it can be among, if the operation's answer says so. */
  readonly applied: VectorTuples | null;
}

/** What a server must have applied, of any key, to answer the session. */
export class Database {
  /** By life of a server, the latest write that it took: a vector says all with one number. */
  readonly #byLife = new Map<number, { op: number; version: VersionTuple }>();
  /** The only version that is asked for; null for several, undefined for none. */
  #sole: VersionTuple | null | undefined;
  /** The first of those whose version nobody has told. */
  #open: Asked | undefined;
  /** Whether all of them are one write. */
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

  /** What a get has returned its server has. */
  #isReturned({ least, greatest }: Answer): boolean {
    if (typeof least === 'string' || comparePlaces(least, greatest) !== 0) return false;
    return this.#sole != null && compareVersions(least, this.#sole) === 0;
  }
}

/** What several servers had applied together: whatever they had returned is in it. */
export class VectorBound {
  /** By life of a server; undefined where one of them did not tell. */
  #upTo: Map<number, number> | undefined = new Map();

  add(applied: VectorTuples | null): void {
    if (applied === null) this.#upTo = undefined;
    for (const [id, incarnation, upTo] of applied ?? []) {
      const life = lifeKey({ id, incarnation });
      this.#upTo?.set(life, Math.max(upTo, this.#upTo.get(life) ?? 0));
    }
  }

  /** Whether a server with this vector had all of it. */
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

/** That the server of a get lacks, or may lack, what the session had put or got before. */
function lacking(before: number, isCertain: boolean): Complaint {
  return { isCertain, before, others: [], isLacking: true };
}
