// Judges the answers to sessions by their versions and vectors: the session guarantees as Terry et
// al. (PDIS 1994) define them, and that no value is made up, applied twice or lost.
import type { Answer } from '../../src/kernel/control.ts';
import type { VectorTuples, VersionTuple } from '../../src/kernel/history.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { Witnessed } from '../../src/kernel/invariants.ts';

interface SessionPast {
  readonly seenByKey: Map<string, VersionTuple>;
  readonly seen: VersionTuple[];
}

/** What each server had of the writes of the other side when a partition began. */
export type Watch = Map<NodeId, Map<NodeId, number>>;

interface AppliedState {
  readonly applied: { at(life: { id: NodeId; incarnation: number }): number };
}

export class Judge {
  readonly #marks: Map<string, number>;
  readonly #pastBySession = new Map<NodeId, SessionPast>();
  readonly #versionByValue = new Map<string, VersionTuple>();
  readonly #keyByValue = new Map<string, string>();
  readonly #ackedByKey = new Map<string, VersionTuple[]>();
  readonly #indeterminate = new Set<string>();
  /** Values whose put certainly did not happen. */
  readonly #refused = new Set<string>();

  constructor(marks: Map<string, number>) {
    this.#marks = marks;
  }

  mark(what: string): void {
    this.#marks.set(what, (this.#marks.get(what) ?? 0) + 1);
  }

  /** A put is about to be sent: other sessions may read it before its session has an answer. */
  putting(key: string, value: string): void {
    this.#keyByValue.set(value, key);
  }

  put(
    session: NodeId,
    isCausal: boolean,
    key: string,
    value: string | null,
    answer: Answer | undefined,
  ): void {
    this.mark(`${value === null ? 'delete' : 'put'} ${answer?.outcome ?? 'unknown'}`);
    if (answer?.outcome !== 'ok') {
      if (value !== null && answer?.outcome === 'fail') this.#refused.add(value);
      else if (value !== null && answer?.outcome !== 'stale') this.#indeterminate.add(value);
      return;
    }
    const { version, applied } = answer;
    must(version !== null && applied !== null, 'an acknowledged write has a version');
    const past = this.#pastOf(session);
    for (const seen of past.seen) {
      must(compare(version, seen) > 0, `C2: session ${session} wrote ${version} after ${seen}`);
    }
    if (isCausal) this.#mustCover(applied, past.seen, `MW or WFR: put of ${session}`);
    if (value !== null) this.#bind(value, version);
    this.#remember(past, key, version);
    const acked = this.#ackedByKey.get(key) ?? [];
    acked.push(version);
    this.#ackedByKey.set(key, acked);
  }

  got(session: NodeId, isCausal: boolean, key: string, answer: Answer | undefined): void {
    this.mark(`get ${answer?.outcome ?? 'unknown'}`);
    if (answer?.outcome !== 'ok' && answer?.outcome !== 'absent') return;
    const { value, version, applied } = answer;
    must(applied !== null, 'an answered read says what its server had applied');
    const past = this.#pastOf(session);
    const seen = past.seenByKey.get(key);
    if (seen !== undefined) this.#mustCover(applied, [seen], `RYW or MR: get of ${session}`);
    if (isCausal) this.#mustCover(applied, past.seen, `causal: get of ${session}`);
    if (value !== null) {
      must(version !== null, 'a value has a version');
      must(!this.#refused.has(value), `${value} was read, and its put had failed for certain`);
      must(this.#keyByValue.get(value) === key, `G1: no client put ${value} under ${key}`);
      this.#bind(value, version);
    }
    if (version !== null) this.#remember(past, key, version);
  }

  /** All servers agree, and no acknowledged write of a life that still lives is missing. */
  async judgeStores(
    answersByKey: ReadonlyMap<string, readonly { server: NodeId; answer: Answer }[]>,
    isAlive: (version: VersionTuple) => boolean,
  ): Promise<void> {
    for (const [key, answers] of answersByKey) {
      const [first] = answers;
      for (const { server, answer } of answers) {
        // Of two servers without a value one may still remember the deletion.
        const same =
          answer.value === first?.answer.value &&
          (answer.value === null || String(answer.version) === String(first.answer.version));
        must(same, `C4/C5: servers ${first?.server} and ${server} differ at ${key}`);
        for (const acked of this.#ackedByKey.get(key) ?? []) {
          if (!isAlive(acked)) continue;
          must(covers(answer.applied ?? [], acked), `lost: ${key} ${acked} at server ${server}`);
          if (answer.version === null) continue;
          must(compare(answer.version, acked) >= 0, `${key} at ${server} is older than ${acked}`);
        }
      }
    }
  }

  watch(living: readonly Witnessed[], left: readonly NodeId[], right: readonly NodeId[]): Watch {
    const watch: Watch = new Map();
    for (const [here, there] of [[left, right] as const, [right, left] as const]) {
      for (const id of here) {
        const origins = living.filter(({ life }) => there.includes(life.id));
        const own = origins.map(({ life, state }): [NodeId, number] => [
          life.id,
          (state as AppliedState).applied.at(life),
        ]);
        watch.set(id, new Map(own));
      }
    }
    return watch;
  }

  /** Nothing that one side accepted after the cut is known on the other side. */
  judgeIsolation(before: Watch, living: readonly Witnessed[]): void {
    for (const { life, role, state } of living) {
      if (role !== 'server') continue;
      for (const [origin, timestamp] of before.get(life.id) ?? []) {
        const other = living.find((node) => node.life.id === origin);
        if (other === undefined) continue;
        const known = (state as AppliedState).applied.at(other.life);
        must(known <= timestamp, `server ${life.id} heard of ${origin} across a cut`);
      }
    }
  }

  /** A value is put once, so it has one version, however often its request arrived (G7). */
  #bind(value: string, version: VersionTuple): void {
    const bound = this.#versionByValue.get(value);
    must(
      bound === undefined || this.#indeterminate.has(value) || compare(bound, version) === 0,
      `G7: ${value} has the versions ${bound} and ${version}`,
    );
    this.#versionByValue.set(value, version);
  }

  #mustCover(applied: VectorTuples, seen: readonly VersionTuple[], what: string): void {
    for (const version of seen) must(covers(applied, version), `${what} without ${version}`);
  }

  #remember(past: SessionPast, key: string, version: VersionTuple): void {
    past.seenByKey.set(key, version);
    past.seen.push(version);
  }

  #pastOf(session: NodeId): SessionPast {
    let past = this.#pastBySession.get(session);
    if (past === undefined) {
      past = { seenByKey: new Map(), seen: [] };
      this.#pastBySession.set(session, past);
    }
    return past;
  }
}

function covers(applied: VectorTuples, [timestamp, id, incarnation]: VersionTuple): boolean {
  return applied.some(([i, n, t]) => i === id && n === incarnation && t >= timestamp);
}

function compare(a: VersionTuple, b: VersionTuple): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
