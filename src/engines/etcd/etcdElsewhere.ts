// A cluster of etcd that runs already: Causeway is its client, and does nothing to it. The
// keys of a run have a prefix of their own there, and are removed at its end.

import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../store/endpoints.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { Gateway } from './gateway.ts';
import { inspectMember, openConnection, readStore, statusOf } from './looks.ts';
import { readsOf } from './options.ts';
import { encode, endOf } from './requests.ts';

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;

export class EtcdElsewhere implements Store {
  readonly #setup: StoreSetup;
  readonly #prefix: string;
  readonly #gateways: readonly Gateway[];

  constructor(setup: StoreSetup) {
    this.#setup = setup;
    this.#prefix = `causeway/${setup.mark}/`;
    this.#gateways = endpointsOf(setup.options).map((url) => new Gateway(url));
  }

  async start({ id }: { readonly id: NodeId }): Promise<undefined> {
    await this.#gateway(id).status(LOOK_MS);
  }

  ended(): void {}

  linksChanged(): void {}

  connect(_client: NodeId, server: NodeId): Connection {
    const url = endpointsOf(this.#setup.options)[server] ?? '';
    return openConnection(server, {
      ...{ url, prefix: this.#prefix, reads: readsOf(this.#setup.options) },
    });
  }

  /** Others may write at any time, so the others only have to be as far as this one is. */
  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    const own = await this.#gateway(server).status(withinMs);
    const others = [...this.#setup.members.keys()].filter((id) => id !== server);
    for (const id of others) {
      while (this.#setup.now() < until) {
        const status = await statusOf(this.#gateway(id), LOOK_MS);
        if (status !== undefined && status.revision >= own.revision) break;
        await this.#setup.sleep(LOOK_EVERY_MS);
      }
    }
    return [];
  }

  /** The keys of the run: other keys may change at any time. */
  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    const shown = await unlessUnanswered(() => this.show(server, timeoutMs));
    return shown && JSON.stringify(shown.entries);
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return readStore(this.#gateway(server), this.#prefix, timeoutMs);
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const asked = { prefix: this.#prefix, timeoutMs };
    return inspectMember(this.#gateway(server), asked, () => undefined);
  }

  async command(): Promise<never> {
    throw new CallError('E_NO_METHOD', 'the cluster is not of this run');
  }

  async stop(): Promise<void> {
    const range = { key: encode(this.#prefix), range_end: encode(endOf(this.#prefix)) };
    for (const id of this.#setup.members.keys()) {
      const removal = this.#gateway(id).call({ path: 'kv/deleterange', body: range }, LOOK_MS);
      if (
        await removal.then(
          () => true,
          () => false,
        )
      )
        break;
    }
    for (const gateway of this.#gateways) gateway.close();
  }

  #gateway(server: NodeId): Gateway {
    const gateway = this.#gateways[server];
    if (gateway === undefined) throw new CallError('ERR_UNREACHABLE', `${server} has no address`);
    return gateway;
  }
}
