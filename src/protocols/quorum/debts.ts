// What a coordinator owes for the writes that are under way: the replicas that have not confirmed
// yet. When all calls of a write have ended, what is left becomes hints. Synchronous.
import { nameOfVersion, type Version } from '../../clocks/version.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Hint } from '../../replication/hints.ts';
import type { Write } from './write.ts';

export interface Debt {
  readonly write: Write;
  readonly owners: readonly NodeId[];
}

export class Debts {
  readonly #byName = new Map<string, Debt>();

  incur(write: Write, owners: readonly NodeId[]): void {
    if (owners.length > 0) this.#byName.set(nameOfVersion(write.version), { write, owners });
  }

  /** All calls for that write have ended. Gives a hint for each server that is still owed it. */
  settle(version: Version, paid: readonly NodeId[]): Hint<Write>[] {
    const debt = this.#byName.get(nameOfVersion(version));
    this.#byName.delete(nameOfVersion(version));
    if (debt === undefined) return [];
    const { write, owners } = debt;
    return owners.filter((owner) => !paid.includes(owner)).map((owner) => ({ owner, write }));
  }

  /** What is owed of that key to that server. */
  find(owner: NodeId, key: string): Write[] {
    return [...this.all()]
      .filter(({ write, owners }) => write.key === key && owners.includes(owner))
      .map(({ write }) => write);
  }

  all(): IterableIterator<Debt> {
    return this.#byName.values();
  }
}
