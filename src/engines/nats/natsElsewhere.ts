// A cluster of NATS that runs already: Causeway is its client, and does nothing to it. The run has
// a bucket of its own there, which is removed at its end.
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../endpoints.ts';
import type { Connection, Shown, Store, StoreSetup } from '../store.ts';
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
    this.#creation ??= client.create(replicas);
    try {
      await this.#creation;
    } catch (error) {
      this.#creation = undefined;
      if (!(error instanceof CallError)) throw error;
      const why = `no bucket with ${replicas} replicas: ${error.message}`;
      throw new CallError('ERR_UNREACHABLE', why);
    }
    await client.lastRevision('leader');
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
      const isEqual = this.#client(server).areReplicasEqual();
      if (await isEqual.catch(ignoreCallError)) break;
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    return [];
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    const shown = await this.show(server, timeoutMs).catch(ignoreCallError);
    return shown && JSON.stringify(shown.entries);
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
    const isDone = (order: Promise<unknown>): Promise<boolean> =>
      order.then(
        () => true,
        () => false,
      );
    const timer = this.#setup.sleep(REMOVAL_MS);
    if (this.#creation !== undefined) {
      for (const client of this.#clients.values()) {
        if (await Promise.race([isDone(client.destroy()), timer.then(() => false)])) break;
      }
    }
    for (const client of this.#clients.values()) client.close();
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

function ignoreCallError(error: unknown): undefined {
  if (!(error instanceof CallError)) throw error;
}
