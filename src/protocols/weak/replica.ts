// The server's half of the weak protocol: answers clients, pushes, takes part in stabilize.
import { toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import type { VectorTuples } from '../../kernel/history.ts';
import type { NodeId, Role } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Options, Replica } from '../../kernel/protocol.ts';
import type { RoundOrder, RoundOutcome } from '../../kernel/round.ts';
import type { StoreEntry } from '../../kernel/snapshot.ts';
import { Peers } from '../../replication/peers.ts';
import { Rounds } from '../../replication/rounds.ts';
import { requestOf } from '../../replication/sessionTable.ts';
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
  readonly #peers: Peers;
  readonly #rounds: Rounds<Store>;

  constructor(env: Env<WeakMessages, 'server'>, options: Options) {
    this.#env = env;
    this.#isEager = options.gossip === 'eager';
    this.state = new WeakState(env.self, options, () => env.wallClock());
    this.#peers = new Peers(env);
    this.#rounds = new Rounds(env, {
      peers: this.#peers,
      store: () => pack(this.state.tell()),
      merge: (store) => this.state.merge(unpack(store)),
    });
  }

  connected(peer: NodeId, role: Role): void {
    this.#peers.connected(peer, role);
  }

  disconnected(peer: NodeId): void {
    this.#peers.disconnected(peer);
  }

  quiesced(): Promise<undefined> {
    return this.#peers.quiesced();
  }

  stabilize(order: RoundOrder): Promise<RoundOutcome> {
    return this.#rounds.stabilize(order);
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
    const applied = this.applied();
    if (outcome === 'stale') return { version: null, applied };
    this.#accepted(outcome);
    return { version: toVersionTuple(outcome.version), applied };
  }

  #compare(from: NodeId, params: Params<'compare'>): Result<'compare'> {
    const guard = VersionVector.fromTuples(params.guard);
    const outcome = this.state.compareAndSet(requestOf(from, params), params, guard);
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
    this.#peers.tell(async (peer) => this.#env.call(peer, 'push', pack(told)));
  }
}
