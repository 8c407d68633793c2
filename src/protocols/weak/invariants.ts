// The invariants of the weak protocol: K1 to K5 of docs/protocols/weak.md, as far as its options
// leave them, and G1 and G2.
import { compareVersions, nameOfVersion } from '../../clocks/version.ts';
import type { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import type { Life } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/invariants.ts';
import type { AnsweredPut } from './session.ts';
import { type Accepted, type Compared, type Entry, WeakState } from './state.ts';

export function createWeakInvariants(): Invariants {
  return new WeakInvariants();
}

class WeakInvariants implements Invariants {
  /** Every write that a server has accepted, by the name of its version. */
  readonly #acceptedByName = new Map<string, Entry>();
  /** What the servers had applied when the round began. */
  #before: readonly { readonly self: Life; readonly applied: VersionVector }[] = [];

  changed({ state }: Witnessed, facts: readonly object[]): void {
    for (const fact of facts as readonly (Accepted | AnsweredPut | Compared)[]) {
      if (fact.kind === 'accepted') this.#accept(fact.entry);
      else if (fact.kind === 'compared') checkCompared(fact);
      else checkPut(fact);
    }
    if (!(state instanceof WeakState)) return;
    if (state.stamps === 'lamport') checkClock(state);
    this.#checkEntries(state);
    if (state.breaks !== 'causal') this.#checkClosed(state);
  }

  stabilizing(_round: number, servers: readonly Witnessed[]): void {
    this.#before = servers.map(({ state }) => {
      const { self, applied } = state as WeakState;
      return { self, applied: applied.copy() };
    });
  }

  stabilized(_round: number, reached: readonly Witnessed[]): void {
    const states = reached.map(({ state }) => state as WeakState);
    const ofRound = this.#before.filter(({ self }) => states.some((state) => state.self === self));
    for (const state of states) {
      for (const { self, applied } of ofRound) {
        assert(
          state.applied.dominates(applied),
          () => `K4: server ${state.self.id} lacks what server ${self.id} had before the round`,
        );
      }
    }
    const [first] = states;
    if (first !== undefined) for (const other of states) checkAlike(first, other);
  }

  #accept(entry: Entry): void {
    const name = nameOfVersion(entry.version);
    // A copy of a request gets the same entry again.
    const known = this.#acceptedByName.get(name) ?? entry;
    assert(known === entry, () => `G2: two writes have the version ${name}`);
    this.#acceptedByName.set(name, entry);
  }

  #checkEntries(state: WeakState): void {
    for (const { key, value, version } of state.entries()) {
      const written = this.#acceptedByName.get(nameOfVersion(version));
      assert(
        written?.key === key && written.value === value,
        () => `G1: server ${state.self.id} has ${key}=${value}, which no client wrote`,
      );
    }
  }

  #checkClosed(state: WeakState): void {
    for (const { key, version } of this.#acceptedByName.values()) {
      if (!state.applied.covers(version)) continue;
      const held = state.read(key)?.version;
      assert(
        held !== undefined && held.timestamp >= version.timestamp,
        () => `K2: server ${state.self.id} has applied a write of ${key}, and holds an older one`,
      );
    }
  }
}

function checkClock({ self, applied, clock }: WeakState): void {
  for (const [, , timestamp] of applied.toTuples()) {
    assert(
      timestamp <= clock.time,
      () => `K1: server ${self.id} holds a later time than its clock`,
    );
  }
}

/** The guard has what the session had seen, as far as the options keep its guarantees. */
function checkPut({ version, guard }: AnsweredPut): void {
  for (const [, , timestamp] of guard.toTuples()) {
    assert(
      timestamp < version.timestamp,
      'K3: a write is not later than what its session had seen',
    );
  }
}

function checkCompared({ expected, found, entry }: Compared): void {
  const isEqual = found !== undefined && found.value === expected;
  assert(isEqual === (entry !== undefined), 'K5: a compare-and-set is decided by another value');
}

function checkAlike(first: WeakState, other: WeakState): void {
  const hasMore =
    !first.applied.dominates(other.applied) || !other.applied.dominates(first.applied);
  if (['causal', 'convergence'].includes(first.breaks) || hasMore) return;
  for (const { key, version } of first.entries()) {
    const held = other.read(key)?.version;
    assert(
      held !== undefined && compareVersions(held, version) === 0,
      () => `K4: servers ${first.self.id} and ${other.self.id} differ at ${key} after the round`,
    );
  }
}
