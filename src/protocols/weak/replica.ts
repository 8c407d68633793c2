// The server's half of the weak protocol: answers clients, pushes, takes part in stabilize.
import { toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId, Role } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica, RoundOutcome } from '../../kernel/protocol.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import { unlessCallError } from '../../replication/background.ts';
import { Rounds } from '../../replication/rounds.ts';
import type { SessionRequest } from '../../replication/sessionTable.ts';
import { Tasks } from '../../replication/tasks.ts';
import type { Store, WeakMessages } from './messages.ts';
import { type Accepted, type Entry, WeakState } from './state.ts';
import { pack, unpack } from './wire.ts';

export function createWeakReplica(
  env: Env<WeakMessages, 'server'>,
  options: Options,
): Replica<WeakMessages> {
  return new WeakReplica(env, options);
}

const NOTHING = { value: null, version: null };

type Params<K extends keyof WeakMessages> = ParamsOf<WeakMessages, K>;
type Result<K extends keyof WeakMessages> = ResultOf<WeakMessages, K>;

class WeakReplica implements Replica<WeakMessages> {
  readonly state: WeakState;
  readonly handlers: Replica<WeakMessages>['handlers'] = {
    write: (from, params) => this.#write(from, params),
    compare: (from, params) => this.#compare(from, params),
    read: (_from, params) => this.#read(params),
    push: (_from, store) => {
      this.state.merge(unpack(store));
      return {};
    },
    gather: (from, params) => this.#rounds.gather(from, params),
    spread: (from, params) => this.#rounds.spread(from, params),
  };
  readonly #env: Env<WeakMessages, 'server'>;
  readonly #isEager: boolean;
  readonly #peers = new Set<NodeId>();
  readonly #pushes: Tasks;
  readonly #rounds: Rounds<Store>;

  constructor(env: Env<WeakMessages, 'server'>, options: Options) {
    this.#env = env;
    this.#isEager = options.gossip === 'eager';
    this.state = new WeakState(env.self, options, () => env.wallClock());
    this.#pushes = new Tasks(env);
    this.#rounds = new Rounds({
      self: env.self.id,
      peers: () => this.#peers,
      store: () => pack(this.state.tell()),
      merge: (store) => this.state.merge(unpack(store)),
      gather: (peer, params, ms) => env.call(peer, 'gather', params, ms),
      spread: (peer, params, ms) => env.call(peer, 'spread', params, ms),
    });
  }

  connected(peer: NodeId, role: Role): void {
    if (role === 'server') this.#peers.add(peer);
  }

  disconnected(peer: NodeId): void {
    this.#peers.delete(peer);
  }

  async quiesced(): Promise<undefined> {
    await this.#pushes.quiesced();
  }

  stabilize(order: Parameters<Replica['stabilize']>[0]): Promise<RoundOutcome> {
    return this.#rounds.stabilize(order);
  }

  entries(): [key: string, value: string][] {
    const entries = [...this.state.entries()];
    return entries.flatMap(({ key, value }) => (value === null ? [] : [[key, value]]));
  }

  versions() {
    const list = [...this.state.entries()].map(({ key, value, version }) => {
      return { key, value, version: toVersionTuple(version) };
    });
    return list satisfies StoreEntry[];
  }

  applied(): VectorTuples {
    return this.state.applied.toTuples();
  }

  inspect(): Inspection {
    return {
      clock: this.state.clock.time,
      peers: [...this.#peers].sort((a, b) => a - b),
      store: this.versions().sort((a, b) => (a.key < b.key ? -1 : 1)),
      vector: this.applied(),
    };
  }

  #write(from: NodeId, params: Params<'write'>): Result<'write'> {
    const guard = VersionVector.fromTuples(params.guard);
    const outcome = this.state.write(requestOf(from, params), params, guard);
    if (outcome === undefined) throw lateCopy();
    const applied = this.applied();
    if (outcome === 'stale') return { version: null, applied };
    this.#accepted(outcome);
    return { version: toVersionTuple(outcome.version), applied };
  }

  #compare(from: NodeId, params: Params<'compare'>): Result<'compare'> {
    const guard = VersionVector.fromTuples(params.guard);
    const outcome = this.state.compareAndSet(requestOf(from, params), params, guard);
    if (outcome === undefined) throw lateCopy();
    const applied = this.applied();
    if (outcome === 'stale') return { status: 'stale', version: null, found: NOTHING, applied };
    this.#env.observe?.(outcome);
    const { entry, found: held } = outcome;
    const found =
      held === undefined ? NOTHING : { value: held.value, version: toVersionTuple(held.version) };
    if (entry === undefined) return { status: 'unequal', version: null, found, applied };
    this.#accepted(entry);
    return { status: 'set', version: toVersionTuple(entry.version), found, applied };
  }

  #accepted(entry: Entry): void {
    this.#env.observe?.({ kind: 'accepted', entry } satisfies Accepted);
    if (this.#isEager) this.#push(entry);
  }

  #read({ key, guard }: Params<'read'>): Result<'read'> {
    const applied = this.applied();
    const nothing = { value: null, version: null, applied };
    if (!this.state.hasApplied(VersionVector.fromTuples(guard))) {
      return { status: 'stale', ...nothing };
    }
    const entry = this.state.read(key);
    if (entry === undefined) return { status: 'absent', ...nothing };
    const { value } = entry;
    const status = value === null ? 'absent' : 'ok';
    return { status, value, version: toVersionTuple(entry.version), applied };
  }

  #push(latest: Entry): void {
    const { entries, applied } = this.state.tell();
    const told = { entries: this.state.breaks === 'causal' ? [latest] : entries, applied };
    for (const peer of this.#peers) {
      const push = async () => this.#env.call(peer, 'push', pack(told));
      this.#pushes.run(async () => {
        await unlessCallError(push());
      });
    }
  }
}

/** Throws E_BAD_REQUEST for a session of another client. */
function requestOf(
  from: NodeId,
  { session: [id, incarnation], seq }: Pick<Params<'write'>, 'session' | 'seq'>,
): SessionRequest {
  if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
  return { session: { id, incarnation }, seq };
}

function lateCopy(): CallError {
  return new CallError('E_BAD_REQUEST', 'a late copy of an old write');
}
