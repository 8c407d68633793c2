// A connection to one server, opened when it is needed, and the bucket as it is asked over it.
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { CallError } from '../../kernel/errors.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { toCallError, toRevision } from './errors.ts';
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
  async find(key: string, level: ReadLevel): Promise<Found | undefined> {
    const seen = await this.#do(async ({ kv }) => {
      const entry = await kv[level].get(encodeKey(key));
      return entry && { data: entry.value, operation: entry.operation, seq: entry.revision };
    });
    return seen ? toFound(seen.data, seen.operation, toRevision(seen.seq)) : undefined;
  }

  /** The number of the last message; 0 for none. */
  async lastRevision(level: ReadLevel): Promise<number> {
    const seen = await this.#do(async ({ manager }) => {
      const last = { last_by_subj: this.#subject('>') };
      const api = level === 'direct' ? manager.direct : manager.streams;
      const message = await api.getMessage(this.stream, last);
      return message && { seq: message.seq };
    });
    return seen ? toRevision(seen.seq) : 0;
  }

  /** The first message of the server's own replica from that number on. */
  async next(from: number): Promise<Message | undefined> {
    const seen = await this.#do(async ({ manager }) => {
      const query = { seq: from, next_by_subj: this.#subject('>') };
      const message = await manager.direct.getMessage(this.stream, query);
      if (message === null) return null;
      const { data, header, seq, subject } = message;
      return { data, seq, subject, operation: header.get(OPERATION_HEADER) };
    });
    if (seen === null) return undefined;
    const { subject, data, operation, seq } = seen;
    return { subject, ...toFound(data, operation, toRevision(seq, from)) };
  }

  /** Returns its revision; with `after` only if that is the revision of the key before. */
  async put(key: string, value: string, after?: number): Promise<number> {
    const revision = await this.#do(({ kv }) => {
      const name = encodeKey(key);
      return after === undefined
        ? kv.leader.put(name, value)
        : kv.leader.update(name, value, after);
    });
    return toRevision(revision);
  }

  /** As the library's `delete`, which does not return the revision. */
  async delete(key: string): Promise<number> {
    const revision = await this.#do(async ({ stream }) => {
      const headers = this.#setup.packages.transport.headers();
      headers.set(OPERATION_HEADER, 'DEL');
      const subject = this.#subject(encodeKey(key));
      return (await stream.publish(subject, undefined, { headers })).seq;
    });
    return toRevision(revision);
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

  /** Whether the leader says that each replica has all messages, but those at dead servers. */
  areReplicasEqual(): Promise<boolean> {
    return this.#do(async ({ manager }) => {
      const { cluster } = await manager.streams.info(this.stream);
      return areEquallyFar(cluster?.replicas ?? []);
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

  /** A task only calls the library and takes its answer apart: what it throws is an answer. */
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
      throw new CallError('ERR_NOT_CONNECTED', error.message);
    });
    const forget = (): void => {
      if (this.#opened === opened) this.#opened = undefined;
    };
    this.#opened = opened;
    // At its end another one may be open already.
    const ended = opened.then(({ connection }) => connection.closed());
    void ended.then(forget, forget);
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
    try {
      const terms = { timeout: OPERATION_DEADLINE_MS, checkAPI: false };
      const stream = packages.jetstream.jetstream(connection, terms);
      const manager = await packages.jetstream.jetstreamManager(connection, terms);
      const kvm = new packages.kv.Kvm(stream);
      const kv = {
        direct: await kvm.open(bucket, { allow_direct: true }),
        leader: await kvm.open(bucket, { allow_direct: false }),
      };
      return { connection, stream, manager, kv };
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
}

interface ReplicaSeen {
  readonly current: boolean;
  readonly offline?: boolean;
  readonly lag?: number;
}

export function areEquallyFar(replicas: readonly ReplicaSeen[]): boolean {
  return replicas.every(
    ({ current, offline, lag = 0 }) => offline === true || (current && lag === 0),
  );
}

export function streamOf(bucket: string): string {
  return `KV_${bucket}`;
}
