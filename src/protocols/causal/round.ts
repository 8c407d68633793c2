// Which rounds of stabilize a server takes part in, and as whose child: the decisions of the echo
// algorithm (Chang, "Echo Algorithms", IEEE TSE 1982), without its messages.
import type { VersionVector } from '../../clocks/versionVector.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ResultOf } from '../../kernel/messages.ts';
import { staleRound } from './errors.ts';
import type { CausalMessages, WireEntry } from './messages.ts';
import { Intake } from './transfer.ts';

export interface Child {
  readonly id: NodeId;
  /** What it had applied when it answered that its subtree is done. */
  readonly applied: VersionVector;
}

/** This server's part in one round. */
export interface Round {
  readonly number: number;
  /** Null at the root. */
  readonly parent: NodeId | null;
  /** The servers whose subtrees answered, in ascending order. Filled once they all have. */
  children: Child[];
  /**
   * What it brings to the round: all that it had applied when its children had answered and what it
   * had received by then was durable. Undefined until then.
   */
  contribution: VersionVector | undefined;
  /** The answer to the parent's probe: second copies of the probe get the same one. */
  gathered: Promise<ResultOf<CausalMessages, 'probe'>> | undefined;
  /** What is handed up, fixed when the parent first asks for it. */
  upward: { parts: WireEntry[][]; applied: VersionVector } | undefined;
  /** The parts of what the parent spreads. */
  readonly intake: Intake;
  /** The answer to the last part of the parent's spread. */
  spreading: Promise<ResultOf<CausalMessages, 'spread'>> | undefined;
}

/** How long a phase may take at a server, and how much less each level below it gets. */
export interface Budget {
  readonly budgetMs: number;
  readonly stepMs: number;
}

/** Which lives a spread reached, and which servers it did not. */
export interface Spread {
  readonly reached: readonly Life[];
  readonly missing: NodeId[];
}

export class Rounds {
  #current: Round | undefined;

  /** The latest that this server has entered. */
  get current(): Round | undefined {
    return this.#current;
  }

  /**
   * Enters a round as the child of whoever asked first. Undefined for one who asks later in the
   * same round. Throws ERR_STALE_ROUND for a round that a later one has ended: two rounds never
   * mix.
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

  /**
   * The round of that number, if it is the current one and `parent` is this server's parent in it.
   */
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
