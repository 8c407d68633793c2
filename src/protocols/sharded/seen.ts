// What the invariants know of a run: every server that they have seen, what their disks have, and
// what their groups have applied.
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Witnessed } from '../../kernel/invariants.ts';
import { ConfigurationBook } from './configurationBook.ts';
import { Durability } from './durability.ts';
import { EntryTree, has } from './entryTree.ts';
import { GroupLine, type Place } from './groupLine.ts';
import type { GroupLog } from './log.ts';
import type { GroupId } from './placement.ts';
import type { ShardedState } from './state.ts';

/** A life of a server. What it had when it ended stays known. */
export interface SeenServer {
  readonly life: Life;
  readonly state: ShardedState;
  readonly durable: Witnessed['durable'];
  isLive: boolean;
}

export class Seen {
  readonly book = new ConfigurationBook();
  readonly tree = new EntryTree();
  readonly #durability = new Durability();
  readonly #lines = new Map<GroupId, GroupLine>();
  readonly #servers = new Map<number, SeenServer>();

  see({ life, state, durable }: Witnessed): SeenServer {
    const known = this.#servers.get(lifeKey(life));
    if (known !== undefined && known.state === state) return known;
    const server = { life, state: state as ShardedState, durable, isLive: true };
    this.#servers.set(lifeKey(life), server);
    return server;
  }

  server(life: Life): SeenServer | undefined {
    return this.#servers.get(lifeKey(life));
  }

  ended(life: Life): void {
    const server = this.server(life);
    if (server !== undefined) server.isLive = false;
  }

  /** Whether no server lives, and none has left a disk. */
  get isOver(): boolean {
    return [...this.#servers.values()].every(({ isLive, durable }) => !isLive && !durable);
  }

  lineOf(group: GroupId): GroupLine {
    const line =
      this.#lines.get(group) ??
      new GroupLine(group, {
        tree: this.tree,
        lineOf: (id) => this.lineOf(id),
        moveOf: (id) => this.book.moveOf(id),
        isOver: (id) => this.book.isOver(id),
      });
    this.#lines.set(group, line);
    return line;
  }

  /** What the disk of a live server has of its log; undefined if it has no disk, or no log. */
  keptBy({ state, durable, isLive }: SeenServer): GroupLog | undefined {
    return isLive && durable ? this.#durability.stateOf(state, durable()).log : undefined;
  }

  /**
   * Whether the server has that entry of the group's log, on its disk if it has one. A later life
   * of the server counts: calls are to servers, so a primary that does not know of the death yet
   * takes its answers for those of the earlier life.
   */
  holds({ life }: SeenServer, group: GroupId, place: Place): boolean {
    return [...this.#servers.values()].some(
      (other) =>
        other.life.id === life.id &&
        other.life.incarnation >= life.incarnation &&
        this.#holdsIn(other, group, place),
    );
  }

  #holdsIn(server: SeenServer, group: GroupId, { epoch, index }: Place): boolean {
    const { log } = server.state;
    if (log?.group !== group || !has(log, epoch, index)) return false;
    if (!server.isLive || server.durable === undefined) return true;
    const kept = this.keptBy(server);
    return kept?.group === group && has(kept, epoch, index);
  }
}
