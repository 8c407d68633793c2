// A cluster of NATS that runs already: Causeway is its client, and does nothing to it. The run has
// a bucket of its own there, which is removed at its end.

import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../store/endpoints.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { BucketClient } from './bucketClient.ts';
import { openConnection, readReplicaAtOnce } from './operations.ts';
import { loadPackages, type Packages } from './packages.ts';
import { MOST_REPLICAS } from './readiness.ts';

const LOOK_EVERY_MS = 10;
const REMOVAL_MS = 2_000;

export class NatsElsewhere implements Store {
  readonly #setup: StoreSetup;
  readonly #bucket: string;
  readonly #addresses: readonly string[];
  readonly #clients = new Map<NodeId, BucketClient>();
  #packages: Packages | undefined;
  #creation: Promise<void> | undefined;
  /** Whether the bucket may be there: a creation without an answer may be done later. */
  #mayExist = false;

  constructor(setup: StoreSetup) {
    this.#setup = setup;
    this.#bucket = `causeway_${setup.mark}`;
    this.#addresses = endpointsOf(setup.options);
  }

  /** The first one makes the bucket, with a replica for each address. */
  async start({ id }: { readonly id: NodeId }): Promise<undefined> {
    this.#packages ??= await loadPackages();
    const client = this.#client(id);
    const replicas = Math.min(this.#addresses.length, MOST_REPLICAS);
    this.#mayExist = true;
    this.#creation ??= client.create(replicas).catch((error: Error) => {
      // Another server may make it.
      this.#creation = undefined;
      throw error;
    });
    try {
      await this.#creation;
      await client.lastRevision('leader');
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      const what =
        error.code === 'ERR_NOT_CONNECTED'
          ? `no connection to ${this.#addresses[id]}`
          : `no bucket with ${replicas} replicas`;
      throw new CallError('ERR_UNREACHABLE', `${what}: ${error.detail ?? error.message}`);
    }
  }

  ended(id: NodeId): void {
    this.#clients.get(id)?.close();
  }

  linksChanged(): void {}

  connect(_client: NodeId, server: NodeId): Connection {
    return openConnection({
      ...{ server, bucket: this.#bucket, options: this.#setup.options, packages: this.#library },
      address: () => this.#addresses[server],
      // The server may have no replica, and then others answer for it.
      isServing: () => false,
    });
  }

  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    while (this.#setup.now() < until) {
      if (await unlessUnanswered(() => this.#client(server).areReplicasEqual())) break;
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    return [];
  }

  async position(server: NodeId): Promise<string | undefined> {
    const last = await unlessUnanswered(() => this.#client(server).lastRevision('direct'));
    return last === undefined ? undefined : `${last}`;
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    const { entries } = await readReplicaAtOnce(this.#client(server), timeoutMs);
    return { entries, applied: null };
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const { entries } = await this.show(server, timeoutMs);
    return { store: entries.map(([key, value, version]) => ({ key, value, version })) };
  }

  async command(): Promise<never> {
    throw new CallError('E_NO_METHOD', 'the cluster is not of this run');
  }

  async stop(): Promise<void> {
    const clients = [...this.#clients.values()];
    if (this.#mayExist) {
      // All at once, since one that is silent would take the time of the others.
      const removal = Promise.any(clients.map((client) => client.destroy()));
      const late = this.#setup.sleep(REMOVAL_MS);
      await Promise.race([removal.catch(() => undefined), late]);
    }
    for (const client of clients) client.close();
  }

  get #library(): Packages {
    if (this.#packages === undefined) throw new Error('no server has started');
    return this.#packages;
  }

  #client(server: NodeId): BucketClient {
    const existing = this.#clients.get(server);
    if (existing !== undefined) return existing;
    const address = (): string | undefined => this.#addresses[server];
    const client = new BucketClient({ packages: this.#library, bucket: this.#bucket, address });
    this.#clients.set(server, client);
    return client;
  }
}
