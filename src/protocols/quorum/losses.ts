// For the invariants: how many members were without their data at a time. A member loses its data
// when it dies without a log, and has them again when it has copied from all others.
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { QuorumState } from './state.ts';

export class Losses {
  /** Of the latest ring that a server has, its newcomer included. */
  #members: readonly NodeId[] = [];
  #number = 0;
  readonly #complete = new Set<NodeId>();
  /** By version: the greatest number of members without data since the write began. */
  readonly #mostByVersion = new Map<string, number>();

  /** A server has run an event. */
  seen({ self, ring, isMember, isComplete }: QuorumState): void {
    if (ring !== undefined && ring.number >= this.#number) {
      this.#number = ring.number;
      this.#members = [...ring.members, ...(ring.newcomer === undefined ? [] : [ring.newcomer])];
    }
    if (isMember && isComplete) this.#complete.add(self.id);
    else this.#complete.delete(self.id);
  }

  ended({ id }: Life): void {
    if (!this.#complete.delete(id)) return;
    const lacking = this.#members.filter((member) => !this.#complete.has(member)).length;
    for (const [version, most] of this.#mostByVersion) {
      if (lacking > most) this.#mostByVersion.set(version, lacking);
    }
  }

  begun(version: string): void {
    this.#mostByVersion.set(version, 0);
  }

  /** A copy that is confirmed may be lost before the write is acknowledged, so losses count too. */
  mostSince(version: string): number {
    return this.#mostByVersion.get(version) ?? 0;
  }
}
