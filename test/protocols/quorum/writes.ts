// Writes for the tests of quorum, and a ring.
import { CausalContext } from '../../../src/clocks/causalContext.ts';
import type { Version } from '../../../src/clocks/version.ts';
import { completeOptions } from '../../../src/kernel/protocol.ts';
import { answerTo, holdingOf } from '../../../src/protocols/quorum/exchange.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import type { Level } from '../../../src/protocols/quorum/levels.ts';
import { readSettings, type Settings } from '../../../src/protocols/quorum/options.ts';
import type { PendingWrite } from '../../../src/protocols/quorum/pendingWrite.ts';
import type { RingSpec } from '../../../src/protocols/quorum/ring.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import type { Write } from '../../../src/protocols/quorum/write.ts';
import { answerMerkle, MerkleDescent } from '../../../src/replication/merkle/descent.ts';

export function at(timestamp: number, id = 0, incarnation = 1): Version {
  return { timestamp, origin: { id, incarnation } };
}

export function put(key: string, timestamp: number, value: string | null = `v${timestamp}`): Write {
  return { key, value, version: at(timestamp), context: null };
}

/** Members 0 to 3: keys 0 to 63 belong to 0, 1, 2; 64 to 127 to 1, 2, 3; and so on. */
export const ORDERED: RingSpec = {
  number: 1,
  partitioner: 'byteOrdered',
  n: 3,
  vnodes: 16,
  versions: 'lww',
  members: [
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 1],
  ],
};

export function settings(given: Record<string, string> = {}): Settings {
  return readSettings(completeOptions(quorum, { partitioner: 'byteOrdered', ...given }));
}

/** A server of that ring with links to the other three. */
export function createState(id: number, given: Record<string, string> = {}): QuorumState {
  const state = new QuorumState({ id, incarnation: 1 }, settings(given));
  state.adopt(ORDERED, true);
  for (const other of [0, 1, 2, 3]) if (other !== id) state.liveness.connected(other);
  return state;
}

/** Begins a put of `v` for a session that knows these writes of the key. */
export function begin(
  state: QuorumState,
  key: string,
  level: Level | null,
  known = CausalContext.EMPTY,
): PendingWrite {
  return state.beginWrite({ key, value: 'v', known }, level);
}

/** Makes two replicas equal, as a reconciler does over messages. */
export function reconcile(
  here: QuorumState,
  there: QuorumState,
): { readonly trees: number; readonly questions: number } {
  const [a, b] = [here.self.id, there.self.id];
  const trees = there.store.forest.differing(a, here.store.forest.rootsWith(b));
  let questions = 0;
  for (const name of trees) {
    const descent = new MerkleDescent(here.store.forest.tree(name));
    for (let question = descent.next(); question !== undefined; question = descent.next()) {
      questions += 1;
      let keys = descent.take(answerMerkle(there.store.forest.tree(name), question));
      while (keys.length > 0) {
        questions += 1;
        const holdings = keys.map((key) => holdingOf(here, key));
        const { writes, lacking, answered } = answerTo(there, a, holdings);
        for (const write of writes) here.keep(write, true);
        for (const number of lacking) {
          for (const write of here.store.find(keys[number] ?? '')) there.keep(write, true);
        }
        keys = keys.slice(answered);
      }
    }
  }
  return { trees: trees.length, questions };
}
