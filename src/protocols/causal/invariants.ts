// The invariants of the causal protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/causal.md. An oracle remembers every accepted write with the vector that
// its server had then.
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/invariants.ts';
import type { Json } from '../../kernel/json.ts';
import { type AcceptedWrite, AcceptedWrites } from './acceptedWrites.ts';
import { CollectedTombstones } from './collectedTombstones.ts';
import { compareStores } from './compareStores.ts';
import { Contributions, effectOf } from './contributions.ts';
import { Durability } from './durability.ts';
import type { Entry } from './entry.ts';
import type { AnsweredGet, AnsweredPut, SessionState } from './sessionState.ts';
import type { CausalState } from './state.ts';

interface SeenServer {
  clock: number;
  applied: VersionVector;
  lastCollection: CausalState['lastCollection'];
  isBootstrapped: boolean;
}

/** The state of a server when a round of stabilize began. */
interface Before {
  readonly life: Life;
  readonly applied: VersionVector;
  /** The records on their way to its disk. */
  readonly pending: readonly Json[];
}

/** What sessions report to the invariants. */
type Fact = AnsweredPut | AnsweredGet;

export function createCausalInvariants(): Invariants {
  return new CausalInvariants();
}

class CausalInvariants implements Invariants {
  readonly #durability = new Durability((write) => this.#recover(write));
  readonly #contributions = new Contributions();
  readonly #writesByLife = new Map<number, AcceptedWrites>();
  readonly #collected = new CollectedTombstones();
  readonly #serverByLife = new Map<number, SeenServer>();
  /** By session: the greatest version that it has put or got. */
  readonly #greatestByLife = new Map<number, Version>();
  readonly #beforeByRound = new Map<number, readonly Before[]>();

  changed({ life, role, state, durable, pending }: Witnessed, facts: readonly object[]): void {
    if (durable !== undefined) this.#durability.check(state as CausalState, durable);
    if (pending !== undefined) this.#contributions.check(state as CausalState, pending);
    if (role === 'server') this.#checkServer(life, state as CausalState);
    else this.#checkSession(life, state as SessionState, facts as readonly Fact[]);
  }

  ended(life: Life): void {
    const seen = this.#serverByLife.get(lifeKey(life));
    if (seen !== undefined) seen.isBootstrapped = false;
    const isKnown = [...this.#serverByLife.values()].some(({ isBootstrapped }) => isBootstrapped);
    if (!isKnown) this.#collected.release();
  }

  stabilizing(round: number, servers: readonly Witnessed[]): void {
    const before = servers.map(({ life, state, pending }) => {
      return { life, applied: (state as CausalState).applied.copy(), pending: pending?.() ?? [] };
    });
    this.#beforeByRound.set(round, before);
  }

  stabilized(round: number, reached: readonly Witnessed[]): void {
    const states = reached.map(({ state }) => state as CausalState);
    const stateByLife = new Map(states.map((state) => [lifeKey(state.self), state]));
    const union = new VersionVector();
    for (const { life, applied, pending } of this.#beforeByRound.get(round) ?? []) {
      const state = stateByLife.get(lifeKey(life));
      if (state === undefined) continue;
      union.merge(applied);
      union.merge(effectOf(pending, state));
    }
    this.#beforeByRound.delete(round);
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
      seen = {
        clock: 0,
        applied: new VersionVector(),
        lastCollection: undefined,
        isBootstrapped: false,
      };
      this.#serverByLife.set(lifeKey(life), seen);
    }
    const { time } = state.clock;
    assert(time >= seen.clock, 'C1: a clock never goes back');
    seen.clock = time;
    const { lastCollection } = state;
    if (lastCollection !== undefined && lastCollection !== seen.lastCollection) {
      seen.lastCollection = lastCollection;
      this.#checkCollected(state.self, lastCollection);
      this.#collected.collect(lastCollection.upTo);
    }
    seen.isBootstrapped = state.isBootstrapped;
    assert(
      !state.isBootstrapped || time >= this.#collected.time,
      () => `C4: server ${life.id} is bootstrapped, with a clock below a collected tombstone`,
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
   * The root of a round collects first. Every server that lived when the round began must have had
   * the deletions at that moment: then no server can learn a clock below them any more.
   */
  #checkCollected(self: Life, { round, upTo }: NonNullable<CausalState['lastCollection']>): void {
    for (const { life, applied } of this.#beforeByRound.get(round) ?? []) {
      assert(
        applied.dominates(upTo),
        () => `C4: server ${self.id} collects what server ${life.id} did not have before the round`,
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
      assert(entry.version.timestamp > writes.last, 'G2: a life never uses a timestamp twice');
      assert(
        entry.version.timestamp > this.#collected.time,
        () => `C4: server ${state.self.id} accepts a write below a collected tombstone`,
      );
      writes.add({ entry, applied: state.applied.copy() });
      if (entry.value === null) this.#collected.add(entry.key, entry.version);
    }
    assert(
      this.#writesOf(state.self).last === timestamp,
      'C7: a server claims a write of its own that it does not hold',
    );
  }

  /** A write that an earlier life had logged, and perhaps neither applied nor answered. */
  #recover(write: AcceptedWrite): void {
    if (this.#find(write.entry.version) !== undefined) return;
    this.#writesOf(write.entry.version.origin).add(write);
    const { key, value, version } = write.entry;
    if (value === null) this.#collected.add(key, version);
  }

  /**
   * Every write of `origin` in (from, to] is in the store or superseded, and all are closed (C7).
   */
  #checkApplied(state: CausalState, origin: Life, from: number, to: number): void {
    const writes = this.#writesOf(origin);
    let latest: number | undefined;
    for (let index = writes.count - 1; index >= 0; index -= 1) {
      const timestamp = writes.timestampAt(index);
      if (timestamp > to) continue;
      if (timestamp <= from) break;
      latest ??= index;
      this.#checkHeld(state, writes.at(index));
    }
    assert(
      latest !== undefined && writes.timestampAt(latest) === to,
      'C7: a vector names a write no server accepted',
    );
    // Of `origin` itself the server has applied all up to this write.
    assert(
      state.applied.dominates(writes.othersAt(latest)),
      () =>
        `C7: server ${state.self.id} has a write of ${origin.id} without what came before it there`,
    );
  }

  #checkHeld(state: CausalState, write: Entry): void {
    const { key, version, value } = write;
    const held = state.read(key);
    if (held === undefined) {
      assert(this.#collected.excuses(key, version), () => `C7: ${key} is lost`);
      assert(
        this.#collected.isIn(key, state.collected),
        () => `C3: server ${state.self.id} does not know that a deletion of ${key} was collected`,
      );
      return;
    }
    const order = compareVersions(held.version, version);
    assert(order >= 0, () => `C7: ${key} is older than applied`);
    if (order === 0) assert(held.value === value, 'G2: one version, one value');
    assert(
      !this.#collected.forbids(key, held.version) || held.value === null,
      () => `C4: ${key} is back at server ${state.self.id}: its tombstone was collected`,
    );
  }

  #checkSession(life: Life, state: SessionState, facts: readonly Fact[]): void {
    const name = lifeKey(life);
    let greatest = this.#greatestByLife.get(name);
    for (const fact of facts) {
      if (fact.kind === 'answered put') {
        assert(
          greatest === undefined || compareVersions(fact.version, greatest) > 0,
          () => `C2: session ${life.id} wrote below what it had written or read`,
        );
        greatest = fact.version;
      } else {
        this.#checkGet(life, fact);
        greatest = later(greatest, fact.version);
      }
    }
    if (greatest === undefined) return;
    if (facts.length > 0) this.#greatestByLife.set(name, greatest);
    assert(state.clock.time >= greatest.timestamp, 'C1: a session below what it has seen');
  }

  #checkGet(life: Life, { key, value, dependsOn, version }: AnsweredGet): void {
    if (version !== undefined) {
      const write = this.#find(version);
      assert(
        write !== undefined && write.key === key && write.value === value,
        () => `G1: session ${life.id} read of ${key} what no session wrote`,
      );
    }
    if (dependsOn === undefined) return;
    assert(
      version === undefined
        ? this.#collected.excuses(key, dependsOn)
        : compareVersions(version, dependsOn) >= 0,
      () => `C3: session ${life.id} read ${key} older than it had put or got`,
    );
  }

  #find(version: Version): Entry | undefined {
    return this.#writesOf(version.origin).find(version.timestamp);
  }

  #writesOf(life: Life): AcceptedWrites {
    let writes = this.#writesByLife.get(lifeKey(life));
    if (writes === undefined) {
      writes = new AcceptedWrites(life);
      this.#writesByLife.set(lifeKey(life), writes);
    }
    return writes;
  }
}

function later(a: Version | undefined, b: Version | undefined): Version | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareVersions(a, b) > 0 ? a : b;
}
