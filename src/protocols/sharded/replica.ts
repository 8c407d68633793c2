// The replica of the sharded protocol: the asynchronous shell around its pure parts. It waits for
// the network, the disk and the shard master, passes their results to the state, and does what is
// due then. What begins in an epoch of the group ends with it. Nothing leaves before the disk has
// it.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import type { RecoveredWrite } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import type { RoundOutcome } from '../../kernel/round.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import { findReached } from '../../replication/reach.ts';
import { Repeating } from '../../replication/repeating.ts';
import { CALL_MS } from '../../replication/timing.ts';
import { staleEpoch } from './errors.ts';
import { Giver } from './giver.ts';
import { inspect } from './inspect.ts';
import { Leading } from './leading.ts';
import { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import { Opener } from './opener.ts';
import { readSettings } from './options.ts';
import { Receiver } from './receiver.ts';
import { Restoring, recoveredWrites } from './records.ts';
import { Requests } from './requests.ts';
import { Rounds } from './rounds.ts';
import { ShardedState } from './state.ts';
import { unpackEntry, unpackPiece } from './wire.ts';

type Params<K extends keyof ShardedMessages> = ParamsOf<ShardedMessages, K>;
type Result<K extends keyof ShardedMessages> = ResultOf<ShardedMessages, K>;

export function createShardedReplica(
  env: Env<ShardedMessages, 'server'>,
  options: Options,
): Replica<ShardedMessages> {
  return new ShardedReplica(env, options);
}

class ShardedReplica implements Replica<ShardedMessages> {
  readonly state: ShardedState;
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #requests: Requests;
  readonly #leading: Leading;
  readonly #giver: Giver;
  readonly #opener: Opener;
  readonly #receiver: Receiver;
  readonly #rounds: Rounds;
  readonly #restoring: Restoring;

  constructor(env: Env<ShardedMessages, 'server'>, options: Options) {
    this.#env = env;
    this.state = new ShardedState(env.self, readSettings(options));
    this.#member = new Member(env, this.state, {
      send: (position) => this.#leading.send(position),
      isQuiet: (position) => this.#leading.isQuiet(position),
      move: () => {
        this.#giver.give();
        this.#opener.open();
      },
    });
    this.#leading = new Leading(env, this.#member);
    this.#requests = new Requests(env, this.#member);
    this.#giver = new Giver(env, this.#member);
    this.#opener = new Opener(env, this.#member);
    this.#receiver = new Receiver(this.#member);
    this.#rounds = new Rounds(env, this.#member);
    this.#restoring = new Restoring(this.state);
    const { sync, intervalMs } = this.state.settings;
    if (sync === 'all' || intervalMs === null) return;
    const interval = { least: intervalMs, most: intervalMs };
    new Repeating(env, interval, async () => this.#member.tick()).turn(true);
  }

  readonly handlers: Replica<ShardedMessages>['handlers'] = {
    write: (from, params) => this.#requests.write(from, params),
    read: (_from, params) => this.#requests.read(params),
    latest: (_from, { group, epoch, key }) => {
      const held = this.state.latest(group, epoch, key);
      return {
        value: held?.value ?? null,
        version: held === undefined ? null : toVersionTuple(held.version),
      };
    },
    extent: (from, { group, epoch }) => {
      const { history, last, applied } = this.state.positionAfter(from, group, epoch).log.extent;
      return { history: [...history], last, applied };
    },
    append: (from, params) => this.#append(from, params),
    install: (from, params) => this.#install(from, params),
    adopt: (_from, { configuration }) => {
      this.#member.adopt(configuration);
      return {};
    },
    flush: (_from, { budgetMs }) => this.#rounds.flush(budgetMs),
    give: (_from, params) => this.#receiver.receive(params),
    ping: () => ({}),
    configure: (_from, { configuration }) => {
      this.#member.adopt(configuration);
      return { number: this.state.number };
    },
    stand: (_from, { configuration }) => {
      this.#member.adopt(configuration);
      const { lastEpoch, last } = this.state.extent;
      return { number: this.state.number, lastEpoch, last };
    },
    progress: (_from, { move, to }) => ({ parts: this.#giver.partsGiven(move, to) }),
    reach: async (_from, { peers }) => {
      const ping = (peer: NodeId, timeoutMs: number) => this.#env.call(peer, 'ping', {}, timeoutMs);
      return { reached: await findReached(this.#env, peers, ping) };
    },
  };

  restore(record: Json): void {
    this.#restoring.restore(record);
  }

  recovered(): Iterable<RecoveredWrite> {
    return recoveredWrites(this.state);
  }

  connected(_peer: NodeId, role: 'server' | 'client'): void {
    if (role === 'server') this.#member.wake();
  }

  disconnected(): void {}

  quiesced(): Promise<readonly NodeId[] | undefined> {
    return this.#member.quiesced();
  }

  stabilize(order: { known: readonly NodeId[]; budgetMs: number }): Promise<RoundOutcome> {
    return this.#rounds.stabilize(order);
  }

  *entries(): Iterable<readonly [key: string, value: string]> {
    for (const [key, { value }] of this.#owned()) yield [key, value];
  }

  *versions(): Iterable<StoreEntry> {
    for (const [key, { value, version }] of this.#owned()) {
      yield { key, value, version: toVersionTuple(version) };
    }
  }

  replicasOf(key: string): readonly NodeId[] {
    return this.state.replicasOf(key);
  }

  inspect(): Inspection {
    return inspect(this.state);
  }

  /** The entries of the shards that its group owns, not of those that it is given. */
  #owned() {
    return this.state.log?.shards.entriesOf((slot) => this.state.isOwned(slot)) ?? [];
  }

  // As a secondary.

  async #append(from: NodeId, params: Params<'append'>): Promise<Result<'append'>> {
    const { group, epoch, number, base, cuts, entries, committed } = params;
    await this.#upTo(number);
    const position = this.state.positionAfter(from, group, epoch);
    const taken = this.state.append(position, base, entries.map(unpackEntry), cuts);
    if (taken === 'gap') return { status: 'gap' };
    await this.#member.whenDurable(position, base + entries.length);
    this.#member.advance(committed);
    return { status: 'ok' };
  }

  async #install(from: NodeId, params: Params<'install'>): Promise<Result<'install'>> {
    const { group, epoch, number, upTo, history, received, pieces, ...part } = params;
    await this.#upTo(number);
    const position = this.state.positionAfter(from, group, epoch);
    const parts = position.intake.take(part, pieces.map(unpackPiece));
    if (parts === 'copy') return { status: part.isLast ? 'gap' : 'more' };
    if (typeof parts === 'string') return { status: parts };
    this.state.install(position, { upTo, history, received, pieces: parts.flat() });
    await this.#member.whenDurable(position, upTo);
    this.#member.advance();
    return { status: 'whole' };
  }

  /**
   * The disk of a secondary has the configuration by which the primary has made its entries. So a
   * later run knows of it if one of these disks is left.
   */
  async #upTo(number: number): Promise<void> {
    if (number > this.state.number) throw staleEpoch(`no configuration ${number} yet`);
    await this.#member.whenKept(CALL_MS);
  }
}
