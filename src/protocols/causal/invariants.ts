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
  collected: VersionVector | undefined;
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
  readonly #deletionsByKey = new Map<string, Version[]>();
  readonly #serverByLife = new Map<number, SeenServer>();
  readonly #sessionByLife = new Map<number, SeenSession>();
  #latestRound: readonly Life[] = [];
  readonly #appliedByRound = new Map<number, Map<number, VersionVector>>();
  /** Up to where any server has forgotten deletions. */
  readonly #forgotten = new VersionVector();

  changed({ life, role, state }: Witnessed): void {
    if (role === 'server') this.#checkServer(life, state as CausalState);
    else this.#checkSession(life, state as SessionState);
  }

  stabilizing(round: number, servers: readonly Witnessed[]): void {
    const appliedByLife = new Map<number, VersionVector>();
    for (const { life, state } of servers) {
      appliedByLife.set(lifeKey(life), (state as CausalState).applied.copy());
    }
    this.#appliedByRound.set(round, appliedByLife);
    this.#latestRound = servers.map(({ life }) => life);
  }

  stabilized(round: number, reached: readonly Witnessed[]): void {
    const before = this.#appliedByRound.get(round);
    this.#appliedByRound.delete(round);
    const union = new VersionVector();
    for (const { life } of reached) {
      const applied = before?.get(lifeKey(life));
      if (applied !== undefined) union.merge(applied);
    }
    const states = reached.map(({ state }) => state as CausalState);
    for (const state of states) {
      assert(
        state.applied.dominates(union),
        `C4: server ${state.self.id} lacks what another had before the round`,
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
      this.#forgotten.merge(state.collected);
    }
    assert(state.applied.dominates(seen.applied), 'C7: what was applied stays applied');
    if (seen.applied.dominates(state.applied)) return;
    this.#recordAccepted(state, seen.applied);
    for (const [id, incarnation, to] of state.applied.toTuples()) {
      const origin = { id, incarnation };
      const from = seen.applied.at(origin);
      if (to <= from) continue;
      assert(time >= to, `C1: clock ${time} below a held timestamp ${to}`);
      this.#checkApplied(state, origin, from, to);
    }
    seen.applied = state.applied.copy();
  }

  /**
   * Deletions may only be forgotten where every server that lived at the round's start has them.
   */
  #checkCollected(self: Life, collected: VersionVector): void {
    for (const life of this.#latestRound) {
      const applied = this.#serverByLife.get(lifeKey(life))?.applied ?? new VersionVector();
      assert(
        applied.dominates(collected),
        `C4: server ${self.id} forgets deletions that server ${life.id} has not seen`,
      );
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
      `C7: server ${state.self.id} has a write of ${origin.id} without what came before it there`,
    );
  }

  #checkHeld(state: CausalState, write: Entry): void {
    const held = state.read(write.key);
    if (held === undefined) {
      assert(this.#wasForgotten(write.key, write.version), `C7: ${write.key} is lost`);
      return;
    }
    const order = compareVersions(held.version, write.version);
    if (order < 0) {
      assert(
        this.#wasForgotten(write.key, write.version),
        `C7: ${write.key} is older than applied`,
      );
    }
    if (order === 0) assert(held.value === write.value, 'G2: one version, one value');
  }

  /**
   * Whether some server has forgotten a deletion of the key at or after this version. Only then may
   * a store lack the write, or hold a lesser one: that of a life whose clock was still behind the
   * deletion and that found nothing left of it.
   */
  #wasForgotten(key: string, version: Version): boolean {
    const deletions = this.#deletionsByKey.get(key) ?? [];
    return deletions.some(
      (deletion) => compareVersions(deletion, version) >= 0 && this.#forgotten.covers(deletion),
    );
  }

  #checkSession(life: Life, state: SessionState): void {
    const seen = this.#sessionByLife.get(lifeKey(life)) ?? {
      lastPut: undefined,
      lastGet: undefined,
      greatest: undefined,
    };
    const { lastPut, lastGet } = state;
    if (lastPut !== undefined && lastPut !== seen.lastPut) {
      assert(
        seen.greatest === undefined || compareVersions(lastPut, seen.greatest) > 0,
        `C2: session ${life.id} wrote below what it had written or read`,
      );
    }
    if (lastGet !== undefined && lastGet !== seen.lastGet) this.#checkGet(life, lastGet);
    const greatest = [seen.greatest, lastPut, lastGet?.version].reduce(later);
    assert(state.clock.time >= (greatest?.timestamp ?? 0), 'C1: a session below what it has seen');
    this.#sessionByLife.set(lifeKey(life), { lastPut, lastGet, greatest });
  }

  #checkGet(life: Life, { key, value, dependsOn, version }: AnsweredGet): void {
    if (version !== undefined) {
      const write = this.#find(version);
      assert(
        write !== undefined && write.key === key && write.value === value,
        `G1: session ${life.id} read of ${key} what nobody wrote`,
      );
    }
    if (dependsOn === undefined) return;
    const isOlder = version === undefined || compareVersions(version, dependsOn) < 0;
    assert(
      !isOlder || this.#wasForgotten(key, dependsOn),
      `C3: session ${life.id} read ${key} older than it had put or got`,
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
      `C4: servers ${a.self.id} and ${b.self.id} differ at ${key} after the round`,
    );
  }
}
