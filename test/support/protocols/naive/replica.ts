// The server's half of naive: answers clients, pushes, takes part in stabilize.
import type { Env } from '../../../../src/kernel/env.ts';
import { CallError } from '../../../../src/kernel/errors.ts';
import type { NodeId, Role } from '../../../../src/kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../../../src/kernel/messages.ts';
import type { Replica, RoundOutcome } from '../../../../src/kernel/protocol.ts';
import { unlessCallError } from '../../../../src/replication/background.ts';
import { Rounds } from '../../../../src/replication/rounds.ts';
import { SessionTable } from '../../../../src/replication/sessionTable.ts';
import { Tasks } from '../../../../src/replication/tasks.ts';
import type { Entry, NaiveMessages } from './messages.ts';
import { Store } from './store.ts';

export class NaiveReplica implements Replica<NaiveMessages> {
  readonly state = new Store();
  readonly handlers: Replica<NaiveMessages>['handlers'] = {
    write: (from, params) => this.#write(from, params),
    read: (_from, { key }) => ({ entry: this.state.entryByKey.get(key) ?? null }),
    push: (_from, { entry }) => {
      this.state.merge([entry]);
      return {};
    },
    gather: (from, params) => this.#rounds.gather(from, params),
    spread: (from, params) => this.#rounds.spread(from, params),
  };
  readonly #env: Env<NaiveMessages, 'server'>;
  readonly #answered = new SessionTable<Entry>();
  readonly #peers = new Set<NodeId>();
  readonly #pushes: Tasks;
  readonly #rounds: Rounds<Entry[]>;

  constructor(env: Env<NaiveMessages, 'server'>) {
    this.#env = env;
    this.#pushes = new Tasks(env);
    this.#rounds = new Rounds({
      self: env.self.id,
      peers: () => this.#peers,
      store: () => this.versions(),
      merge: (entries) => this.state.merge(entries),
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
    return this.versions().flatMap(({ key, value }) => (value === null ? [] : [[key, value]]));
  }

  versions(): Entry[] {
    return [...this.state.entryByKey.values()];
  }

  inspect() {
    return { store: this.versions().sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }

  #write(
    from: NodeId,
    { key, value, life, seq }: ParamsOf<NaiveMessages, 'write'>,
  ): ResultOf<NaiveMessages, 'write'> {
    const request = { session: { id: from, incarnation: life }, seq };
    const known = this.#answered.find(request);
    if (known === 'late') throw new CallError('E_BAD_REQUEST', 'a late copy of an old write');
    if (known !== undefined) return { version: known.outcome.version };
    const entry = this.state.write({ key, value }, this.#env.self);
    this.#answered.remember(request, entry);
    for (const peer of this.#peers) {
      this.#pushes.run(async () => {
        await unlessCallError(this.#env.call(peer, 'push', { entry }));
      });
    }
    return { version: entry.version };
  }
}
