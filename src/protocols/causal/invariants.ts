// What must be true of the causal protocol after every event of a simulation. The numbers are those
// of docs/protocols; an oracle remembers every accepted write with what its server had applied
// then.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/protocol.ts';
import type { AnsweredGet, SessionState } from './sessionState.ts';
import type { CausalState, Entry } from './state.ts';

interface AcceptedWrite {
  readonly entry: Entry;
  /** What the accepting server had applied, this write included. */
  readonly applied: VersionVector;
}

interface SeenServer {
  clock: number;
  applied: VersionVector;
  collected: CausalState['collected'];
}

/** What a server had applied when a round of stabilize began. */
interface Before {
  readonly life: Life;
  readonly applied: VersionVector;
}

interface SeenSession {
  lastPut: Version | undefined;
  lastGet: AnsweredGet | undefined;
  greatest: Version | undefined;
}

/** Two stores are compared key by key up to this size; beyond it their vectors have to do. */
const COMPARED_ENTRIES = 10_000;

export function createCausalInvariants(): Invariants {
  return new CausalInvariants();
}

class CausalInvariants implements Invariants {
  readonly #writesByLife = new Map<number, AcceptedWrite[]>();
  /** Those that no server has forgotten, and of the others the greatest. */
  readonly #deletionsByKey = new Map<string, Version[]>();
  readonly #forgottenByKey = new Map<string, Version>();
  /** The latest timestamp of a deletion that any server has forgotten. */
  #forgottenTime = 0;
  readonly #serverByLife = new Map<number, SeenServer>();
  readonly #sessionByLife = new Map<number, SeenSession>();
  readonly #beforeByRound = new Map<number, readonly Before[]>();

  changed({ life, role, state }: Witnessed): void {
    if (role === 'server') this.#checkServer(life, state as CausalState);
    else this.#checkSession(life, state as SessionState);
  }

  stabilizing(round: number, servers: readonly Witnessed[]): void {
    const before = servers.map(({ life, state }) => {
      return { life, applied: (state as CausalState).applied.copy() };
    });
    this.#beforeByRound.set(round, before);
  }

  stabilized(round: number, reached: readonly Witnessed[]): void {
    const keys = new Set(reached.map(({ life }) => lifeKey(life)));
    const union = new VersionVector();
    for (const { life, applied } of this.#beforeByRound.get(round) ?? []) {
      if (keys.has(lifeKey(life))) union.merge(applied);
    }
    this.#beforeByRound.delete(round);
    const states = reached.map(({ state }) => state as CausalState);
    for (const state of states) {
      assert(
        state.applied.dominates(union),
        () => `C4: server ${state.self.id} lacks what another had before the round`,
      );
    }
    for (const state of states.slice(1)) compareStores(states[0] as CausalState, state);
  }

  #checkServer(life: Life, state: CausalState): void {
    let seen = this.#serverByLife.get(lifeKey(life));
    if (seen === undefined) {
      seen = { clock: 0, applied: new VersionVector(), collected: undefined };
      this.#serverByLife.set(lifeKey(life), seen);
    }
    const { time } = state.clock;
    assert(time >= seen.clock, 'C1: a clock never goes back');
    seen.clock = time;
    if (state.collected !== undefined && state.collected !== seen.collected) {
      seen.collected = state.collected;
      this.#checkCollected(state.self, state.collected);
      this.#forget(state.collected.upTo);
    }
    assert(
      !state.isAcquainted || time >= this.#forgottenTime,
      () => `C4: server ${life.id} is acquainted, with a clock below a forgotten deletion`,
    );
    assert(state.applied.dominates(seen.applied), 'C7: what was applied stays applied');
    if (seen.applied.dominates(state.applied)) return;
    this.#recordAccepted(state, seen.applied);
    for (const [id, incarnation, to] of state.applied.toTuples()) {
      const origin = { id, incarnation };
      const from = seen.applied.at(origin);
      if (to <= from) continue;
      assert(time >= to, () => `C1: clock ${time} below a held timestamp ${to}`);
      this.#checkApplied(state, origin, from, to);
    }
    seen.applied = state.applied.copy();
  }

  /**
   * A round's root forgets first. By then every server that lived when the round began must have
   * had the deletions at that moment: then nobody learns a time below them any more.
   */
  #checkCollected(self: Life, { round, upTo }: NonNullable<CausalState['collected']>): void {
    for (const { life, applied } of this.#beforeByRound.get(round) ?? []) {
      assert(
        applied.dominates(upTo),
        () => `C4: server ${self.id} forgets what server ${life.id} did not have before the round`,
      );
    }
  }

  #forget(upTo: VersionVector): void {
    for (const [key, deletions] of this.#deletionsByKey) {
      const kept = deletions.filter((deletion) => !upTo.covers(deletion));
      if (kept.length === deletions.length) continue;
      this.#deletionsByKey.set(key, kept);
      const gone = deletions.filter((deletion) => upTo.covers(deletion));
      const greatest = [this.#forgottenByKey.get(key), ...gone].reduce(later) as Version;
      this.#forgottenByKey.set(key, greatest);
      for (const { timestamp } of gone) {
        this.#forgottenTime = Math.max(this.#forgottenTime, timestamp);
      }
    }
  }

  /** Adds the write that this server has just accepted, if it has. */
  #recordAccepted(state: CausalState, before: VersionVector): void {
    const timestamp = state.applied.at(state.self);
    if (timestamp <= before.at(state.self)) return;
    for (const entry of state.entriesBeyond(before)) {
      if (lifeKey(entry.version.origin) !== lifeKey(state.self)) continue;
      const writes = this.#writesOf(state.self);
      const last = writes.at(-1)?.entry.version.timestamp ?? 0;
      assert(entry.version.timestamp > last, 'G2: a life never uses a timestamp twice');
      assert(
        entry.version.timestamp > this.#forgottenTime,
        () => `C4: server ${state.self.id} accepts a write below a forgotten deletion`,
      );
      writes.push({ entry, applied: state.applied.copy() });
      if (entry.value === null) this.#recordDeletion(entry);
    }
    assert(
      this.#writesOf(state.self).at(-1)?.entry.version.timestamp === timestamp,
      'C7: a server claims a write of its own that it does not hold',
    );
  }

  #recordDeletion({ key, version }: Entry): void {
    const versions = this.#deletionsByKey.get(key) ?? [];
    versions.push(version);
    this.#deletionsByKey.set(key, versions);
  }

  /** Every write of `origin` in (from, to] is in the store or beaten, and closed downwards. */
  #checkApplied(state: CausalState, origin: Life, from: number, to: number): void {
    const writes = this.#writesOf(origin);
    let latest: AcceptedWrite | undefined;
    for (let index = writes.length - 1; index >= 0; index -= 1) {
      const write = writes[index] as AcceptedWrite;
      const { timestamp } = write.entry.version;
      if (timestamp > to) continue;
      if (timestamp <= from) break;
      latest ??= write;
      this.#checkHeld(state, write.entry);
    }
    assert(latest?.entry.version.timestamp === to, 'C7: a vector names a write nobody accepted');
    assert(
      state.applied.dominates(latest.applied),
      () =>
        `C7: server ${state.self.id} has a write of ${origin.id} without what came before it there`,
    );
  }

  #checkHeld(state: CausalState, write: Entry): void {
    const { key, version, value } = write;
    const held = state.read(key);
    if (held === undefined) {
      assert(this.#wasForgotten(key, version), () => `C7: ${key} is lost`);
      return;
    }
    const order = compareVersions(held.version, version);
    assert(order >= 0, () => `C7: ${key} is older than applied`);
    if (order === 0) assert(held.value === value, 'G2: one version, one value');
    assert(
      !this.#wasForgotten(key, held.version) || held.value === null,
      () => `C4: ${key} is back at server ${state.self.id}: its deletion was forgotten`,
    );
  }

  /**
   * Whether some server has forgotten a deletion of the key at or after this version. Then a store
   * may lack the write, and none may show it.
   */
  #wasForgotten(key: string, version: Version): boolean {
    const forgotten = this.#forgottenByKey.get(key);
    return forgotten !== undefined && compareVersions(forgotten, version) >= 0;
  }

  #checkSession(life: Life, state: SessionState): void {
    const key = lifeKey(life);
    let seen = this.#sessionByLife.get(key);
    if (seen === undefined) {
      seen = { lastPut: undefined, lastGet: undefined, greatest: undefined };
      this.#sessionByLife.set(key, seen);
    }
    const { lastPut, lastGet } = state;
    if (lastPut !== undefined && lastPut !== seen.lastPut) {
      assert(
        seen.greatest === undefined || compareVersions(lastPut, seen.greatest) > 0,
        () => `C2: session ${life.id} wrote below what it had written or read`,
      );
      seen.greatest = lastPut;
    }
    if (lastGet !== undefined && lastGet !== seen.lastGet) {
      this.#checkGet(life, lastGet);
      seen.greatest = later(seen.greatest, lastGet.version);
    }
    const greatest = seen.greatest?.timestamp ?? 0;
    assert(state.clock.time >= greatest, 'C1: a session below what it has seen');
    seen.lastPut = lastPut;
    seen.lastGet = lastGet;
  }

  #checkGet(life: Life, { key, value, dependsOn, version }: AnsweredGet): void {
    if (version !== undefined) {
      const write = this.#find(version);
      assert(
        write !== undefined && write.key === key && write.value === value,
        () => `G1: session ${life.id} read of ${key} what nobody wrote`,
      );
    }
    if (dependsOn === undefined) return;
    assert(
      version === undefined
        ? this.#wasForgotten(key, dependsOn)
        : compareVersions(version, dependsOn) >= 0,
      () => `C3: session ${life.id} read ${key} older than it had put or got`,
    );
  }

  #find(version: Version): Entry | undefined {
    const writes = this.#writesOf(version.origin);
    for (let index = writes.length - 1; index >= 0; index -= 1) {
      const { entry } = writes[index] as AcceptedWrite;
      if (entry.version.timestamp === version.timestamp) return entry;
    }
    return undefined;
  }

  #writesOf(life: Life): AcceptedWrite[] {
    let writes = this.#writesByLife.get(lifeKey(life));
    if (writes === undefined) {
      writes = [];
      this.#writesByLife.set(lifeKey(life), writes);
    }
    return writes;
  }
}

function later(a: Version | undefined, b: Version | undefined): Version | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareVersions(a, b) > 0 ? a : b;
}

/** Equal sets of writes make equal stores, but for deletions that one of them still remembers. */
function compareStores(a: CausalState, b: CausalState): void {
  if (!a.applied.dominates(b.applied) || !b.applied.dominates(a.applied)) return;
  const entries = [...a.entries()].filter(({ value }) => value !== null);
  if (entries.length > COMPARED_ENTRIES) return;
  const others = [...b.entries()].filter(({ value }) => value !== null);
  assert(entries.length === others.length, 'C4: equal vectors, stores of unequal size');
  for (const { key, value, version } of entries) {
    const other = b.read(key);
    assert(
      other !== undefined && compareVersions(other.version, version) === 0 && other.value === value,
      () => `C4: servers ${a.self.id} and ${b.self.id} differ at ${key} after the round`,
    );
  }
}
