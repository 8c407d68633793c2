// Q6, checked when a round of stabilize has ended: the replicas that were reached have the same.
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { Witnessed } from '../../kernel/invariants.ts';
import type { Hint } from '../../replication/hints.ts';
import { tell } from './oracle.ts';
import type { QuorumRing } from './ring.ts';
import type { QuorumState } from './state.ts';
import type { Write } from './write.ts';

/** What a server had when a round began. */
interface Before {
  readonly life: Life;
  readonly ring: QuorumRing | undefined;
  readonly writes: readonly Write[];
  readonly hints: readonly Hint<Write>[];
}

interface Known {
  /** Whether the server's store has the write, or one that replaces it. */
  has(server: QuorumState, write: Write): boolean;
  /** Whether the server had one that replaced the write, and was allowed to forget it. */
  isSuperseded(server: QuorumState, write: Write): boolean;
}

export class RoundInvariants {
  readonly #known: Known;
  readonly #beforeByRound = new Map<number, readonly Before[]>();

  constructor(known: Known) {
    this.#known = known;
  }

  begins(round: number, servers: readonly Witnessed[]): void {
    const before = servers.map(({ life, state }): Before => {
      const { ring, store, hints } = state as QuorumState;
      return { life, ring, writes: [...store.writes()], hints: [...hints.all()] };
    });
    this.#beforeByRound.set(round, before);
  }

  /** A server that was started again during the round has nothing of before. */
  ends(round: number, reached: readonly Witnessed[]): void {
    const before = this.#beforeByRound.get(round) ?? [];
    this.#beforeByRound.delete(round);
    const rings = new Map(before.map(({ life, ring }) => [lifeKey(life), ring]));
    const states = new Map<ReturnType<typeof lifeKey>, QuorumState>();
    for (const { life, state } of reached) {
      const server = state as QuorumState;
      const key = lifeKey(life);
      if (!hasTurned(life, rings.get(key), server.ring)) states.set(key, server);
    }
    for (const { life, writes, hints } of before) {
      const holder = states.get(lifeKey(life));
      if (holder === undefined) continue;
      for (const state of states.values()) {
        for (const write of writes) this.#checkEqual(state, write, life.id);
        for (const { owner, write } of hints) {
          if (owner !== state.self.id) continue;
          this.#checkEqual(state, write, life.id);
          const isOwed = holder.hints.paidBy({ owner, write }).length > 0;
          assert(!isOwed, () => `Q6: server ${life.id} still has a hint for server ${owner}`);
        }
      }
    }
  }

  #checkEqual(state: QuorumState, write: Write, other: NodeId): void {
    if (!state.isReplica(write.key)) return;
    assert(
      this.#known.has(state, write) || this.#known.isSuperseded(state, write),
      () => `Q6: server ${state.self.id} lacks ${tell(write)}, which server ${other} had before`,
    );
  }
}

/**
 * Whether the server has become a newcomer during the round, or was one and is so no longer: before
 * it has copied, it counts for nothing, and what it has may be dropped.
 */
function hasTurned(
  { id }: Life,
  before: QuorumRing | undefined,
  after: QuorumRing | undefined,
): boolean {
  if (before?.number === after?.number) return false;
  return before?.isCopying(id) === true || after?.isCopying(id) === true;
}
