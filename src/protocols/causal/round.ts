// The rounds of stabilize that a server takes part in, and its parent in each: the decisions of the
// echo algorithm (Chang, "Echo Algorithms", IEEE TSE 1982). No messages here.
import type { VersionVector } from '../../clocks/versionVector.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import { staleRound } from './errors.ts';
import type { CausalMessages, WireEntry } from './messages.ts';
import { Intake, type TransferVectors } from './transfer.ts';

export interface Child {
  readonly id: NodeId;
  /** What it had applied when its answer said that its subtree has been gathered. */
  readonly applied: VersionVector;
}

/** The state of this server in one round. */
export interface Round {
  readonly number: number;
  /** Null at the root. */
  readonly parent: NodeId | null;
  /** The servers whose subtrees have answered, in ascending order. Filled when all have. */
  children: Child[];
  /**
   * What it contributes to the round: its vector when all its children had answered, and all that
   * it had received by then was durable. Undefined until then.
   */
  contribution: VersionVector | undefined;
  /** The answer to the parent's probe. A copy of the probe gets the same answer. */
  gathered: Promise<ResultOf<CausalMessages, 'probe'>> | undefined;
  /** What the parent pulls. Fixed by its first `pull`. */
  upward: { parts: WireEntry[][]; vectors: TransferVectors } | undefined;
  /** The parts of the parent's spread. */
  readonly intake: Intake;
  /** The answer to the last part of the parent's spread. */
  spreading: Promise<ResultOf<CausalMessages, 'spread'>> | undefined;
}

/**
 * How long a phase may take at a server, and by how much that shrinks at each level of the tree.
 */
export interface Budget {
  readonly budgetMs: number;
  readonly stepMs: number;
}

/** The lives that a spread reached, and the servers that it did not reach. */
export interface Spread {
  readonly reached: readonly Life[];
  readonly missing: NodeId[];
}

export class Rounds {
  #current: Round | undefined;

  /** The latest round that this server has entered. */
  get current(): Round | undefined {
    return this.#current;
  }

  /**
   * Enters a round as the child of the first server that asks. Undefined for another server that
   * asks in the same round. Throws ERR_STALE_ROUND if a later round has begun here.
   */
  enter(number: number, parent: NodeId | null): Round | undefined {
    const current = this.#current;
    if (current !== undefined && number < current.number) throw staleRound();
    if (current?.number === number) return current.parent === parent ? current : undefined;
    this.#current = {
      number,
      parent,
      children: [],
      contribution: undefined,
      gathered: undefined,
      upward: undefined,
      intake: new Intake(),
      spreading: undefined,
    };
    return this.#current;
  }

  /** The current round. Throws ERR_STALE_ROUND if `number` or `parent` differs from it. */
  find(number: number, parent: NodeId): Round {
    const current = this.#current;
    if (current?.number !== number || current.parent !== parent) {
      throw staleRound();
    }
    return current;
  }

  /** Throws ERR_STALE_ROUND if a later round has begun since `round` was entered. */
  confirm(round: Round): void {
    if (this.#current !== round) throw staleRound();
  }
}
