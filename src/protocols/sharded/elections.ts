// The shard master appoints primaries, and finds out which servers of a group are cut off.
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ServiceEnv } from '../../kernel/service.ts';
import { inBackground, pause, unlessCallError } from '../../replication/background.ts';
import { findCutOff } from '../../replication/reachability.ts';
import { CALL_MS, REACH_MS, RETRY_MS } from '../../replication/timing.ts';
import type { Candidate, GroupRoll } from './group.ts';
import type { ShardedMessages } from './messages.ts';
import type { GroupId } from './placement.ts';
import type { Roster } from './roster.ts';

export class Elections {
  readonly #env: ServiceEnv<ShardedMessages>;
  readonly #roster: Roster;
  readonly #change: <T>(action: () => T) => T;
  readonly #electing = new Set<GroupId>();
  readonly #suspects = new Map<GroupId, Set<NodeId>>();
  readonly #inquiring = new Set<GroupId>();

  constructor(env: ServiceEnv<ShardedMessages>, roster: Roster, change: <T>(action: () => T) => T) {
    this.#env = env;
    this.#roster = roster;
    this.#change = change;
  }

  /** Appoints a primary of each group that has lost its own. */
  elect(): void {
    for (const group of this.#roster.groups.all) {
      if (!group.isElecting || this.#electing.has(group.id)) continue;
      this.#electing.add(group.id);
      inBackground(this.#env, async () => {
        await this.#elect(group);
        this.#electing.delete(group.id);
      });
    }
  }

  /** Suspects a server. That removes no server: its group is asked first. */
  suspect(server: NodeId): void {
    const group = this.#roster.groups.ofMember(server);
    if (group === undefined || !this.#isIn(group, server)) return;
    const suspects = this.#suspects.get(group.id) ?? new Set();
    this.#suspects.set(group.id, suspects.add(server));
    if (this.#inquiring.has(group.id)) return;
    this.#inquiring.add(group.id);
    inBackground(this.#env, async () => {
      while ((this.#suspects.get(group.id)?.size ?? 0) > 0) await this.#inquire(group);
      this.#inquiring.delete(group.id);
    });
  }

  #isIn(group: GroupRoll, id: NodeId): boolean {
    return [...group.serving, ...group.joiners].some((life) => life.id === id);
  }

  /** Asks all that serve how long their logs are, until one can be appointed. */
  async #elect(group: GroupRoll): Promise<void> {
    while (group.isElecting && this.#roster.groups.all.includes(group)) {
      const { epoch } = group;
      const answers = await Promise.all(group.serving.map((life) => this.#stand(life)));
      const candidates = answers.filter((answer) => answer !== undefined);
      const isDone = this.#change(() => this.#roster.appoint(group.id, epoch, candidates));
      if (isDone) this.#env.note('promote', { group: group.id, server: group.primary });
      else await pause(this.#env, RETRY_MS);
    }
  }

  /** A server that has the configuration takes no more entries of the former primary. */
  async #stand({ id }: Life): Promise<Candidate | undefined> {
    const configuration = this.#roster.configuration();
    const asked = this.#env.tell(id, 'stand', { configuration }, CALL_MS);
    const answer = await unlessCallError(asked);
    return answer && { id, lastEpoch: answer.lastEpoch, last: answer.last };
  }

  /** Answers about another configuration of the group decide nothing. */
  async #inquire(group: GroupRoll): Promise<void> {
    const suspects = [...(this.#suspects.get(group.id) ?? [])];
    this.#suspects.delete(group.id);
    const lives = [...group.serving, ...group.joiners];
    const ids = lives.map(({ id }) => id);
    const { epoch } = group;
    const answers = await Promise.all(ids.map((id) => this.#askReach(id, ids)));
    if (group.epoch !== epoch || !lives.every((life) => group.has(life))) return;
    const reachedBy = new Map(ids.map((id, index) => [id, answers[index]]));
    const cutOff = findCutOff(reachedBy, suspects);
    this.#change(() => this.#roster.leaveOut(group.id, cutOff));
  }

  /** Undefined for a server that does not answer. */
  async #askReach(id: NodeId, servers: readonly NodeId[]): Promise<NodeId[] | undefined> {
    const peers = servers.filter((server) => server !== id);
    const answer = await unlessCallError(this.#env.tell(id, 'reach', { peers }, REACH_MS));
    return answer?.reached;
  }
}
