// The operations of clients as they are done on a bucket.
import type { Answer } from '../../kernel/control.ts';
import type { Options } from '../../kernel/design.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { monotonicMs } from '../../rpc/monotonic.ts';
import type { Connection, Entry, Request } from '../store/store.ts';
import { BucketClient, type BucketClientSetup } from './bucketClient.ts';
import { Conflict } from './errors.ts';
import { levelOf } from './options.ts';
import {
  keyOf,
  toApplied,
  toCasAnswer,
  toEntry,
  toFailedCasAnswer,
  toReadAnswer,
  toWriteAnswer,
} from './requests.ts';

export interface ConnectionSetup extends BucketClientSetup {
  readonly server: NodeId;
  readonly options: Options;
  /** Whether the server's own replica answers direct reads now. */
  isServing(): boolean;
}

/** A connection of one client to one server. */
export function openConnection(setup: ConnectionSetup): Connection {
  const client = new BucketClient(setup);
  return {
    operate: (request, timeoutMs) => operate(client, setup, request, timeoutMs),
    close: () => client.close(),
  };
}

async function operate(
  client: BucketClient,
  setup: ConnectionSetup,
  request: Request,
  timeoutMs: number,
): Promise<Answer> {
  const { server } = setup;
  switch (request.kind) {
    case 'get':
      return read(client, setup, request);
    case 'put':
      return toWriteAnswer(server, await client.put(request.key, request.value));
    case 'delete':
      return toWriteAnswer(server, await client.delete(request.key));
    case 'cas':
      return compareAndSet(client, server, request, timeoutMs);
  }
}

async function read(
  client: BucketClient,
  { server, options, isServing }: ConnectionSetup,
  { key, modifiers }: Request,
): Promise<Answer> {
  const level = levelOf(options, modifiers);
  // Requests over one connection are answered in order, by the server's own replica.
  if (level === 'direct' && isServing()) {
    const last = (): Promise<number> => client.lastRevision(level);
    const [before, found, after] = await Promise.all([last(), client.find(key, level), last()]);
    return toReadAnswer(server, found, toApplied(before, after));
  }
  if (level === 'direct') return toReadAnswer(server, await client.find(key, level), null);
  const before = await client.lastRevision(level);
  const found = await client.find(key, level);
  return toReadAnswer(server, found, toApplied(before, await client.lastRevision(level)));
}

/** NATS compares revisions, not values: the value is read at the leader with its revision. */
async function compareAndSet(
  client: BucketClient,
  server: NodeId,
  { key, expected, value }: Extract<Request, { kind: 'cas' }>,
  timeoutMs: number,
): Promise<Answer> {
  const until = monotonicMs() + timeoutMs;
  for (;;) {
    const found = await client.find(key, 'leader');
    if (found === undefined || found.value !== expected) {
      return toFailedCasAnswer(server, value, found);
    }
    try {
      return toCasAnswer(server, value, await client.put(key, value, found.revision));
    } catch (error) {
      if (!(error instanceof Conflict) || monotonicMs() > until) throw error;
    }
  }
}

/** One request gives one message, so a large store is read by so many at once. */
const READERS = 32;

/** All that the server's own replica has, and the number of its last message. */
export async function readReplica(
  client: Pick<BucketClient, 'lastRevision' | 'next'>,
): Promise<{ entries: Entry[]; last: number }> {
  const last = await client.lastRevision('direct');
  const share = Math.ceil(last / READERS);
  const readers = Array.from({ length: READERS }, (_, at) => {
    return readFromTo(client, at * share + 1, Math.min((at + 1) * share, last));
  });
  const entries = (await Promise.all(readers)).flat();
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { entries, last };
}

async function readFromTo(
  client: Pick<BucketClient, 'next'>,
  first: number,
  end: number,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (let from = first; from <= end; ) {
    const message = await client.next(from);
    if (message === undefined || message.revision > end) break;
    entries.push(...toEntry(keyOf(message.subject), message));
    from = message.revision + 1;
  }
  return entries;
}

/**
 * The same at one moment: nothing was written while it was read. Rejects with a CallError if that
 * does not happen in time.
 */
export async function readReplicaAtOnce(
  client: BucketClient,
  timeoutMs: number,
): Promise<{ entries: Entry[]; last: number }> {
  const until = monotonicMs() + timeoutMs;
  while (monotonicMs() < until) {
    const read = await readReplica(client);
    if (read.last === (await client.lastRevision('direct'))) return read;
  }
  throw new CallError('ERR_UNREACHABLE', 'its store changes while it is read');
}
