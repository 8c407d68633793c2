// The invariants of the quorum protocol that are about what sessions are told.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import type { ContextTuples } from '../../kernel/history.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Answered, Asked, SessionFact } from './facts.ts';
import { countOf, type Level } from './levels.ts';
import type { Losses } from './losses.ts';
import { nameOf, type Oracle } from './oracle.ts';
import type { Write } from './write.ts';

/** A put that a session had an answer to. */
interface OwnPut {
  readonly version: Version;
  readonly level: Level;
}

/** What one session was told. */
class Told {
  readonly putsByKey = new Map<string, readonly OwnPut[]>();
  /** By key: what its last answer included. */
  readonly contextByKey = new Map<string, ContextTuples>();
  /** The greatest version that it has put or got. */
  greatest: Version | undefined;
}

/** What the servers' side of the invariants knows. */
export interface Known {
  readonly oracle: Oracle;
  readonly losses: Losses;
  /** How many replicas the ring has of each key. Levels count against it. */
  replicaCount(): number;
  checkKnown(write: Write): void;
  isForgotten(version: Version): boolean;
  /** A put was refused for certain: no copy of it may exist. */
  refused(request: string, session: Life, seq: number): void;
}

export class SessionInvariants {
  readonly #known: Known;
  readonly #toldByLife = new Map<number, Told>();
  /** By request: what the session knew of the key. */
  readonly #asked = new Map<string, ContextTuples | null>();

  constructor(known: Known) {
    this.#known = known;
  }

  changed(life: Life, facts: readonly SessionFact[]): void {
    const told = this.#toldByLife.get(lifeKey(life)) ?? new Told();
    this.#toldByLife.set(lifeKey(life), told);
    for (const fact of facts) {
      if (fact.kind === 'asks put') this.#ask(life, fact, told);
      else if (fact.kind === 'refused put') {
        this.#known.refused(requestOf(life, fact.seq), life, fact.seq);
      } else this.#answer(life, fact, told);
    }
  }

  /** What the session of that request knew of the key. */
  knownOf(request: string): ContextTuples | null {
    return this.#asked.get(request) ?? null;
  }

  /** Q7: a session writes with what its last answer of the key included. */
  #ask(life: Life, { seq, key, known }: Asked, told: Told): void {
    const last = told.contextByKey.get(key);
    const isSame = JSON.stringify(known ?? []) === JSON.stringify(last ?? []);
    assert(isSame, () => `Q7: session ${life.id} puts ${key} with another context than it got`);
    this.#asked.set(requestOf(life, seq), known);
  }

  #answer(life: Life, fact: Answered, told: Told): void {
    const { key, writes } = fact;
    for (const write of writes) this.#known.checkKnown(write);
    const puts = told.putsByKey.get(key) ?? [];
    if (fact.kind === 'answered get') this.#checkGet(life, fact, puts);
    else for (const { version } of writes) this.#checkPut(life, key, version, told);
    if (fact.kind === 'answered put') {
      const made = writes.map(({ version }) => ({ version, level: fact.level }));
      told.putsByKey.set(key, [...puts, ...made]);
    }
    told.contextByKey.set(key, spansOf(writes));
    for (const { version } of writes) {
      const { greatest } = told;
      if (greatest === undefined || compareVersions(version, greatest) > 0) told.greatest = version;
    }
  }

  /** Q9 */
  #checkPut({ id }: Life, key: string, version: Version, { greatest }: Told): void {
    const isAbove = greatest === undefined || compareVersions(version, greatest) > 0;
    assert(isAbove, () => `Q9: session ${id} put ${key} below what it had seen`);
  }

  /**
   * Q2: a read that overlaps an own put does not miss it, unless as many members as have confirmed
   * the put were without their data at a time since it began.
   */
  #checkGet({ id }: Life, { key, writes, ...get }: Answered, puts: readonly OwnPut[]): void {
    const { oracle, losses } = this.#known;
    const n = this.#known.replicaCount();
    for (const put of puts) {
      const confirmed = countOf(put.level, n);
      const isOverlapping = !get.isSloppy && confirmed + countOf(get.level, n) > n;
      if (!isOverlapping || this.#known.isForgotten(put.version)) continue;
      if (losses.mostSince(nameOf(put.version)) >= confirmed) continue;
      assert(
        oracle.isIncluded(writes, put.version),
        () => `Q2: session ${id} does not read its own put of ${key} ${nameOf(put.version)}`,
      );
    }
  }
}

export function requestOf(life: Life, seq: number): string {
  return `${lifeKey(life)} ${seq}`;
}

/** All that these writes include, sorted; spans that meet are one. */
function spansOf(writes: readonly Write[]): ContextTuples {
  const all = writes.flatMap(({ context }) => context?.toTuples() ?? []);
  const sorted = [...all].sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const spans: [number, number, number, number][] = [];
  for (const [id, incarnation, after, upTo] of sorted) {
    const last = spans.at(-1);
    if (last !== undefined && last[0] === id && last[1] === incarnation && after <= last[3]) {
      last[3] = Math.max(last[3], upTo);
    } else spans.push([id, incarnation, after, upTo]);
  }
  return spans;
}
