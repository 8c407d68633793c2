// What coordinators ask of the servers that have a key, this one among them.
import type { NodeId } from '../../kernel/ids.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { HandOff } from './handOff.ts';
import type { Journal } from './journal.ts';
import type { Peers } from './peers.ts';
import type { Target } from './pendingWrite.ts';
import type { QuorumState } from './state.ts';
import { packWrite, unpackWrite, type Write } from './write.ts';

export class Replicas {
  readonly #journal: Journal;
  readonly #state: QuorumState;
  readonly #peers: Peers;
  readonly #handOff: HandOff;
  readonly #tasks: Tasks;

  constructor(parts: {
    readonly journal: Journal;
    readonly peers: Peers;
    readonly handOff: HandOff;
    readonly tasks: Tasks;
  }) {
    this.#journal = parts.journal;
    this.#state = parts.journal.state;
    this.#peers = parts.peers;
    this.#handOff = parts.handOff;
    this.#tasks = parts.tasks;
  }

  /**
   * Makes a write durable at a replica, or at a stand-in for its owner. Whether it is there now, or
   * one that supersedes it. Rejects with CallError.
   */
  async write({ server, owner }: Target, write: Write): Promise<boolean> {
    const isStandIn = server !== owner;
    if (server === this.#state.self.id) {
      return isStandIn ? this.#journal.keepFor(owner, write) : this.#journal.keep(write);
    }
    const { ring, settings } = this.#state;
    const params = {
      ring: ring?.number ?? 0,
      write: packWrite(write),
      owner: isStandIn ? owner : null,
    };
    const answer = await this.#peers.call(server, 'replicate', params, settings.callMs);
    this.#answered(server, answer);
    return answer.isKept;
  }

  /** The newest writes of a key that a server has. Rejects with CallError. */
  async read(server: NodeId, key: string): Promise<readonly Write[]> {
    if (server === this.#state.self.id) return this.#state.read(key);
    const { ring, settings } = this.#state;
    const params = { ring: ring?.number ?? 0, key };
    const answer = await this.#peers.call(server, 'read', params, settings.callMs);
    this.#answered(server, answer);
    return answer.writes.map(unpackWrite);
  }

  /** A server has answered: what it keeps for this one can be delivered now. */
  #answered(server: NodeId, { isOwed }: { readonly isOwed: boolean }): void {
    if (isOwed) this.#tasks.run(() => this.#handOff.announce(server));
  }
}
