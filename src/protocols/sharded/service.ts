// The shard master: answers servers and clients, and carries out the changes of the groups, one at
// a time. The roster makes every decision.
import { CallError } from '../../kernel/errors.ts';
import { type Life, lifeKey, type NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options } from '../../kernel/protocol.ts';
import { randomOf } from '../../kernel/random.ts';
import type { Service, ServiceEnv } from '../../kernel/service.ts';
import { Announcer } from '../../replication/announcer.ts';
import { inBackground, unlessCallError } from '../../replication/background.ts';
import { CALL_MS, HELLO_MS, REACH_MS, RETRY_MS } from '../../replication/timing.ts';
import { type Configuration, ownerOf, serversOf } from './configuration.ts';
import { Elections } from './elections.ts';
import { NO_OWNER } from './errors.ts';
import type { GroupRoll } from './group.ts';
import { groupsOf } from './inspect.ts';
import type { ShardedMessages } from './messages.ts';
import { Moves } from './moves.ts';
import { readSettings, type Settings } from './options.ts';
import { type GroupId, refuseKey, slotOf } from './placement.ts';
import { Roster } from './roster.ts';

type Result<K extends keyof ShardedMessages> = ResultOf<ShardedMessages, K>;

export function createShardedService(
  env: ServiceEnv<ShardedMessages>,
  options: Options,
): Service<ShardedMessages> {
  return new ShardedService(env, readSettings(options));
}

class ShardedService implements Service<ShardedMessages> {
  readonly state: Roster;
  readonly #env: ServiceEnv<ShardedMessages>;
  readonly #announcer: Announcer<Configuration>;
  readonly #elections: Elections;
  readonly #moves: Moves;
  readonly #takingIn = new Set<number>();
  #hasWarned = false;
  /** By group: the epoch in which it was found to be dead for good. */
  readonly #epochsWarnedOf = new Map<GroupId, number>();

  constructor(env: ServiceEnv<ShardedMessages>, settings: Settings) {
    this.#env = env;
    this.state = new Roster(settings, env.earlier, env.generation);
    this.#announcer = new Announcer(env, {
      isDue: (id, { number }) =>
        this.state.number === number && this.state.lives.of(id) !== undefined,
      configure: (id, configuration) => env.tell(id, 'configure', { configuration }, CALL_MS),
      pauseMs: (id) => (this.state.groups.serving.includes(id) ? RETRY_MS : HELLO_MS),
      failed: (id, failures) => {
        if (failures > 1) this.#elections.suspect(id);
      },
    });
    const change = <T>(action: () => T): T => this.#change(action);
    this.#elections = new Elections(env, this.state, change);
    this.#moves = new Moves(env, this.state, change);
  }

  readonly handlers: Service<ShardedMessages>['handlers'] = {
    hello: (from, { recovered }) => this.#hello(from, recovered),
    confirm: (_from, { number }) => ({ configuration: this.state.correctionOf(number) }),
    synced: (from, { group, epoch, joiner: [id, incarnation] }) => {
      this.#change(() => this.state.sync(from, group, epoch, { id, incarnation }));
      return {};
    },
    given: (from, { move, from: giver, to, epoch, isDone }) => {
      this.#moves.given(from, move, [giver, to], epoch, isDone);
      return {};
    },
    suspect: (_from, { server }) => {
      this.#elections.suspect(server);
      return {};
    },
    opened: (from, { move, group, epoch }) => {
      this.#moves.opened(from, move, group, epoch);
      return {};
    },
    resign: (from) => {
      this.#change(() => this.state.resign(from));
      this.#moves.resigned(from);
      return {};
    },
    status: () => ({
      number: this.state.number,
      isWhole: this.state.isWhole && !this.#moves.isBusy,
    }),
    where: (_from, params) => this.#where(params),
    configuration: (_from, { number, silent }) => {
      if (silent !== null) this.#elections.suspect(silent);
      return { configuration: this.state.correctionOf(number) };
    },
  };

  ended(life: Life): void {
    this.#change(() => this.state.end(life));
  }

  async command(name: string, args: readonly string[]): Promise<readonly string[]> {
    const [word = '', second] = args;
    if (name === 'query') return [`${word}:${this.#query(word, second === 'put')}`];
    const id = Number(word);
    if (name === 'join') await this.#moves.join(id);
    else await this.#moves.leave(id, second === 'force');
    await this.#tellServing();
    return [];
  }

  /** So that the next line finds the new owners at every server that can be reached. */
  async #tellServing(): Promise<void> {
    const configuration = this.state.configuration();
    const told = this.state.groups.serving.map((id) =>
      unlessCallError(this.#env.tell(id, 'configure', { configuration }, CALL_MS)),
    );
    await Promise.all(told);
  }

  inspect(): Inspection {
    const configuration = this.state.configuration();
    const { number, owners, move } = configuration;
    const shards = configuration.groups.map(({ id }) => ({
      group: id,
      shards: owners.filter((owner) => owner === id).length,
    }));
    return {
      configuration: number,
      isMoving: move !== null,
      groups: groupsOf(configuration),
      shards,
    };
  }

  #hello(from: Life, recovered: ParamsOf<ShardedMessages, 'hello'>['recovered']): Result<'hello'> {
    const isLive = this.#change(() => this.state.register(from, recovered));
    if (!isLive) return { configuration: null, awaited: [], isWaiting: false };
    this.#warn();
    this.#takeIn(from);
    if (this.state.wantsToJoin(from)) this.#moves.joinLater(from.id);
    const { number, awaited, groups } = this.state;
    const lost = groups.lostWith(from.id);
    this.#warnOfLoss(lost);
    const isPlaced = groups.ofMember(from.id) !== undefined && lost === undefined;
    const isServing = groups.isServing(from);
    return {
      configuration: number === 0 ? null : this.state.configuration(),
      awaited: number === 0 ? awaited : isServing ? [] : groups.awaitedBy(from.id),
      isWaiting: number === 0 || isPlaced || this.state.wantsToJoin(from),
    };
  }

  /** A server with a place is brought up to date, if it reaches the servers of its group. */
  #takeIn(life: Life): void {
    const name = lifeKey(life);
    if (!this.state.lacksService(life) || this.#takingIn.has(name)) return;
    this.#takingIn.add(name);
    inBackground(this.#env, async () => {
      const serving = this.state.groups.ofMember(life.id)?.serving ?? [];
      const peers = serving.map(({ id }) => id);
      const reaches = peers.length > 0 && (await this.#reaches(life.id, peers));
      this.#takingIn.delete(name);
      if (!reaches) return;
      this.#change(() => this.state.beginJoin(life));
    });
  }

  async #reaches(id: NodeId, peers: NodeId[]): Promise<boolean> {
    const answer = await unlessCallError(this.#env.tell(id, 'reach', { peers }, REACH_MS));
    return peers.every((peer) => answer?.reached.includes(peer) === true);
  }

  #where({ key, isRead, silent }: ParamsOf<ShardedMessages, 'where'>): Result<'where'> {
    if (silent !== null) this.#elections.suspect(silent);
    const { number } = this.state;
    return { number, servers: this.#serversFor(key, isRead) };
  }

  /** The servers that answer a request for the key: for a write the primary alone. */
  #serversFor(key: string, isRead: boolean): NodeId[] {
    const configuration = this.state.configuration();
    if (refuseKey(configuration.partition, key) !== undefined) return [];
    const owner = ownerOf(configuration, slotOf(configuration.partition, key));
    if (owner === undefined) return [];
    return isRead ? serversOf(owner) : owner.primary === null ? [] : [owner.primary];
  }

  #query(key: string, isWrite: boolean): NodeId {
    const servers = this.#serversFor(key, !isWrite);
    const server = randomOf(() => this.#env.random(), servers);
    if (server === undefined) throw new CallError(NO_OWNER, `key ${key}`);
    return server;
  }

  /** Changes the roster. If that made a new configuration, sends it, and does what is due then. */
  #change<T>(action: () => T): T {
    const { number } = this.state;
    const result = action();
    if (this.state.number === number) return result;
    const configuration = this.state.configuration();
    this.#announcer.announce(this.state.lives.ids, configuration);
    this.#elections.elect();
    this.#moves.look();
    for (const id of this.state.lives.ids) {
      const life = this.state.lives.of(id);
      if (life !== undefined) this.#takeIn(life);
    }
    return result;
  }

  #warn(): void {
    if (this.#hasWarned || this.state.number === 0) return;
    this.#hasWarned = true;
    if (this.state.shards.isOtherPartition) {
      this.#env.warn('the data are divided as in the earlier run: its partitioner and slots count');
    }
    for (const id of this.state.refused) this.#warnOfLoss(this.state.groups.find(id));
  }

  /** Once for each time that the group has died. */
  #warnOfLoss(group: GroupRoll | undefined): void {
    if (group === undefined || this.#epochsWarnedOf.get(group.id) === group.epoch) return;
    this.#epochsWarnedOf.set(group.id, group.epoch);
    this.#env.warn(
      `keys of the group of server ${group.members.join(', ')} are refused: ` +
        'no server has all that was acknowledged; leave with force gives them up',
    );
  }
}
