// A connection to one server, opened when it is needed, and the bucket as it is asked over it.
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { CallError } from '../../kernel/errors.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { toCallError } from './errors.ts';
import type { ReadLevel } from './options.ts';
import type { Packages } from './packages.ts';
import { encodeKey, type Found, toFound } from './requests.ts';

export interface BucketClientSetup {
  readonly packages: Packages;
  readonly bucket: string;
  /** Where the server listens for clients now; undefined while it does not run. */
  address(): string | undefined;
  /** None is needed but for orders to the cluster itself. */
  readonly user?: { readonly user: string; readonly pass: string };
}

interface Opened {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly kv: { readonly [level in ReadLevel]: KV };
}

/** A message of the bucket's stream. */
export interface Message extends Found {
  readonly subject: string;
}

const OPERATION_HEADER = 'KV-Operation';

/** All methods settle once, and reject with a CallError. */
export class BucketClient {
  readonly #setup: BucketClientSetup;
  #opened: Promise<Opened> | undefined;

  constructor(setup: BucketClientSetup) {
    this.#setup = setup;
  }

  get stream(): string {
    return streamOf(this.#setup.bucket);
  }

  /** The last message of a key. */
  find(key: string, level: ReadLevel): Promise<Found | undefined> {
    return this.#do(async ({ kv }) => {
      const entry = await kv[level].get(encodeKey(key));
      if (entry === null) return undefined;
      return toFound(entry.value, entry.operation, entry.revision);
    });
  }

  /** The number of the last message; 0 for none. */
  lastRevision(level: ReadLevel): Promise<number> {
    return this.#do(async ({ manager }) => {
      const last = { last_by_subj: this.#subject('>') };
      const api = level === 'direct' ? manager.direct : manager.streams;
      return (await api.getMessage(this.stream, last))?.seq ?? 0;
    });
  }

  /** The first message of the server's own replica from that number on. */
  next(from: number): Promise<Message | undefined> {
    return this.#do(async ({ manager }) => {
      const query = { seq: from, next_by_subj: this.#subject('>') };
      const message = await manager.direct.getMessage(this.stream, query);
      if (message === null) return undefined;
      const { data, header, seq, subject } = message;
      return { subject, ...toFound(data, header.get(OPERATION_HEADER), seq) };
    });
  }

  /** Returns its revision; with `after` only if that is the revision of the key before. */
  put(key: string, value: string, after?: number): Promise<number> {
    return this.#do(({ kv }) => {
      const name = encodeKey(key);
      return after === undefined
        ? kv.leader.put(name, value)
        : kv.leader.update(name, value, after);
    });
  }

  /** As the library's `delete`, which does not return the revision. */
  delete(key: string): Promise<number> {
    return this.#do(async ({ stream }) => {
      const headers = this.#setup.packages.transport.headers();
      headers.set(OPERATION_HEADER, 'DEL');
      const subject = this.#subject(encodeKey(key));
      return (await stream.publish(subject, undefined, { headers })).seq;
    });
  }

  /** Makes the bucket, with so many replicas, if it is not there. */
  create(replicas: number): Promise<void> {
    return this.#do(async ({ stream }) => {
      const { Kvm } = this.#setup.packages.kv;
      await new Kvm(stream).create(this.#setup.bucket, { replicas, history: 1 });
    });
  }

  setReplicas(replicas: number): Promise<void> {
    return this.#do(async ({ manager }) => {
      await manager.streams.update(this.stream, { num_replicas: replicas });
    });
  }

  /** Asks a leader to give its lead to another server; no other server answers. */
  stepDown(what: 'META' | 'STREAM', timeoutMs: number): Promise<void> {
    return this.#do(async ({ connection }) => {
      const of = what === 'META' ? '' : `.${this.stream}`;
      const terms = { timeout: timeoutMs };
      await connection.request(`$JS.API.${what}.LEADER.STEPDOWN${of}`, undefined, terms);
    });
  }

  /** Removes the bucket with all that is in it. */
  destroy(): Promise<void> {
    return this.#do(async ({ manager }) => {
      await manager.streams.delete(this.stream);
    });
  }

  /** How far all replicas are: whether the leader says that each has all of its messages. */
  areReplicasEqual(): Promise<boolean> {
    return this.#do(async ({ manager }) => {
      const { cluster } = await manager.streams.info(this.stream);
      return (cluster?.replicas ?? []).every(({ current, lag }) => current && (lag ?? 0) === 0);
    });
  }

  /** Ends the connection; what is under way gets no answer. */
  close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    void opened?.then(
      ({ connection }) => connection.close(),
      () => undefined,
    );
  }

  #subject(rest: string): string {
    return `$KV.${this.#setup.bucket}.${rest}`;
  }

  async #do<T>(task: (opened: Opened) => Promise<T>): Promise<T> {
    const opened = await this.#open();
    try {
      return await task(opened);
    } catch (error) {
      throw toCallError(error);
    }
  }

  /** Rejects with ERR_NOT_CONNECTED: nothing was asked yet. */
  #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened;
    const opened = this.#connect().catch((error: Error) => {
      if (this.#opened === opened) this.#opened = undefined;
      throw new CallError('ERR_NOT_CONNECTED', error.message);
    });
    this.#opened = opened;
    return opened;
  }

  async #connect(): Promise<Opened> {
    const { packages, bucket, address, user } = this.#setup;
    const servers = address();
    if (servers === undefined) throw new Error('the server does not run');
    const connection = await packages.transport.connect({
      ...{ servers, reconnect: false, ignoreClusterUpdates: true, ...user },
      timeout: OPERATION_DEADLINE_MS,
    });
    void connection.closed().then(() => {
      this.#opened = undefined;
    });
    const terms = { timeout: OPERATION_DEADLINE_MS, checkAPI: false };
    const stream = packages.jetstream.jetstream(connection, terms);
    const manager = await packages.jetstream.jetstreamManager(connection, terms);
    const kvm = new packages.kv.Kvm(stream);
    const kv = {
      direct: await kvm.open(bucket, { allow_direct: true }),
      leader: await kvm.open(bucket, { allow_direct: false }),
    };
    return { connection, stream, manager, kv };
  }
}

export function streamOf(bucket: string): string {
  return `KV_${bucket}`;
}
