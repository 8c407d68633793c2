// Gossip: pushes to the connected servers the writes that they lack, after each write or at an
// interval.
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Journal } from './journal.ts';
import type { CausalMessages, WireEntry } from './messages.ts';
import type { CausalState } from './state.ts';
import { type Delivery, Intake, packParts, type TransferVectors } from './transfer.ts';

/**
 * A peer may refuse a transfer because its vector is not the one assumed. Then it is made again.
 */
const ATTEMPTS = 3;

interface Peer {
  /** What the peer has applied, by its latest message; undefined before the first one. */
  known: VersionVector | undefined;
  readonly intake: Intake;
  transfers: number;
  /** The push under way; there is at most one to each peer. */
  pushing: Promise<void> | undefined;
  /** A write came in while a push was under way. */
  isBehind: boolean;
}

type Push = ParamsOf<CausalMessages, 'push'>;

/** A transfer under way. */
interface Transfer extends TransferVectors {
  /** Counted from 1. */
  readonly attempt: number;
  readonly transfer: number;
  readonly since: VectorTuples;
  readonly parts: WireEntry[][];
  /** The index of the part that is on its way. */
  part: number;
}

export class Gossip {
  readonly #env: Env<CausalMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: CausalState;
  readonly #peerById = new Map<NodeId, Peer>();

  constructor(env: Env<CausalMessages, 'server'>, journal: Journal) {
    this.#env = env;
    this.#journal = journal;
    this.#state = journal.state;
  }

  connected(id: NodeId): void {
    if (this.#peerById.has(id)) return;
    this.#peerById.set(id, {
      known: undefined,
      intake: new Intake(),
      transfers: 0,
      pushing: undefined,
      isBehind: false,
    });
  }

  disconnected(id: NodeId): void {
    this.#peerById.delete(id);
  }

  /** The connected servers, by ascending id. */
  get peers(): NodeId[] {
    return [...this.#peerById.keys()].sort((a, b) => a - b);
  }

  isConnected(id: NodeId): boolean {
    return this.#peerById.has(id);
  }

  /** Starts a push to every connected server that lacks a write. */
  pushToAll(): void {
    for (const id of this.#peerById.keys()) this.#pushTo(id);
  }

  /** Resolves when no push is under way. */
  async quiesced(): Promise<void> {
    for (;;) {
      const pushes: Promise<void>[] = [];
      for (const { pushing } of this.#peerById.values()) {
        if (pushing !== undefined) pushes.push(pushing);
      }
      if (pushes.length === 0) return;
      await Promise.all(pushes);
    }
  }

  /** Answers a peer's push. Throws ERR_NOT_CONNECTED if the link to that peer is cut. */
  receive(
    from: NodeId,
    params: ParamsOf<CausalMessages, 'push'>,
  ): ResultOf<CausalMessages, 'push'> | Promise<ResultOf<CausalMessages, 'push'>> {
    const peer = this.#peerById.get(from);
    if (peer === undefined) throw new CallError('ERR_NOT_CONNECTED', `server ${from}`);
    this.#journal.witness(params.clock);
    peer.known ??= new VersionVector();
    peer.known.merge(VersionVector.fromTuples(params.applied));
    const delivery = peer.intake.deliver(this.#journal, params);
    return delivery instanceof Promise
      ? delivery.then((outcome) => this.#answer(outcome))
      : this.#answer(delivery);
  }

  #answer(delivery: Delivery): ResultOf<CausalMessages, 'push'> {
    const { applied, clock } = this.#state;
    return { accepted: delivery !== 'refused', applied: applied.toTuples(), clock: clock.time };
  }

  #pushTo(id: NodeId): void {
    const peer = this.#peerById.get(id);
    if (peer === undefined || peer.known?.dominates(this.#state.applied)) return;
    if (peer.pushing === undefined) peer.pushing = this.#bring(id, peer);
    else peer.isBehind = true;
  }

  /** Transfers to the peer what it lacks, and again if there were more writes meanwhile. */
  async #bring(id: NodeId, peer: Peer): Promise<void> {
    try {
      let transfer = this.#begin(peer);
      while (transfer !== undefined) {
        const answer = await this.#env.call(id, 'push', this.#partOf(transfer));
        this.#journal.witness(answer.clock);
        peer.known = VersionVector.fromTuples(answer.applied);
        transfer = this.#next(peer, transfer, answer.accepted);
      }
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    } finally {
      peer.pushing = undefined;
    }
  }

  #begin(peer: Peer): Transfer | undefined {
    peer.isBehind = false;
    return this.#attempt(peer, 1);
  }

  /**
   * A transfer of what the peer lacks beyond its known vector; undefined if it lacks nothing. If
   * the vector is not known, the transfer is empty, and the answer says the vector.
   */
  #attempt(peer: Peer, attempt: number): Transfer | undefined {
    if (peer.known?.dominates(this.#state.applied)) return undefined;
    const since = peer.known ?? this.#state.applied.copy();
    const parts = packParts(this.#state.entriesBeyond(since));
    const { applied, collected } = this.#state.vectors();
    peer.transfers += 1;
    const transfer = peer.transfers;
    return { attempt, transfer, since: since.toTuples(), parts, part: 0, applied, collected };
  }

  #partOf({ transfer, since, parts, part, applied, collected }: Transfer): Push {
    const entries = parts[part] as WireEntry[];
    const last = part === parts.length - 1;
    const clock = this.#state.clock.time;
    return { since, entries, transfer, part, last, applied, collected, clock };
  }

  /** What to send after the answer to a part; undefined if nothing is left to do. */
  #next(peer: Peer, transfer: Transfer, isAccepted: boolean): Transfer | undefined {
    if (isAccepted && transfer.part < transfer.parts.length - 1) {
      transfer.part += 1;
      return transfer;
    }
    const isAgain = !isAccepted && transfer.attempt < ATTEMPTS;
    const again = isAgain ? this.#attempt(peer, transfer.attempt + 1) : undefined;
    return again ?? (peer.isBehind ? this.#begin(peer) : undefined);
  }
}
