// Keys and entries of a bucket, and what they say as answers. A bucket is a stream, and each write
// is a message of it: the number of the message is the version of the value. A replica has all
// messages up to one.
import type { Answer } from '../../kernel/control.ts';
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import type { Entry } from '../store/store.ts';

/** The last message of a key: a value, or that it was deleted. */
export interface Found {
  readonly value: string | null;
  readonly revision: number;
}

/** NATS takes few characters in keys, so theirs are those of base64url. */
export function encodeKey(key: string): string {
  return Buffer.from(key).toString('base64url');
}

/** The key of a subject such as `$KV.bucket.a2V5`. */
export function keyOf(subject: string): string {
  return Buffer.from(subject.slice(subject.lastIndexOf('.') + 1), 'base64url').toString();
}

/** The operation that a message of a bucket records in a header; a put has none. */
const REMOVALS: ReadonlySet<string | undefined> = new Set(['DEL', 'PURGE']);

export function toFound(data: Uint8Array, operation: string | undefined, revision: number): Found {
  return { value: REMOVALS.has(operation) ? null : Buffer.from(data).toString(), revision };
}

export function toReadAnswer(
  server: NodeId,
  found: Found | undefined,
  applied: VectorTuples | null,
): Answer {
  const about = { server, applied };
  if (found === undefined || found.value === null) {
    return { outcome: 'absent', value: null, version: null, ...about };
  }
  return { outcome: 'ok', value: found.value, version: toVersion(found.revision), ...about };
}

/** The leader has the write, and this server may not have it yet. */
export function toWriteAnswer(server: NodeId, revision: number): Answer {
  const version = toVersion(revision);
  return { outcome: 'ok', value: null, version, server, applied: null };
}

export function toCasAnswer(server: NodeId, value: string, revision: number): Answer {
  const decided = { isSet: true, version: toVersion(revision) };
  return { ...answerOfCas(server, value, decided), applied: null };
}

/** The key had another value, or none. */
export function toFailedCasAnswer(server: NodeId, value: string, found: Found | undefined): Answer {
  const isThere = found !== undefined && found.value !== null;
  const seen = isThere
    ? { value: found.value, version: toVersion(found.revision) }
    : { value: null, version: null };
  const decided = { isSet: false, version: null, found: seen };
  return { ...answerOfCas(server, value, decided), applied: null };
}

/**
 * What a replica had applied when it answered: known if its last message was the same before and
 * after the answer.
 */
export function toApplied(before: number, after: number): VectorTuples | null {
  if (before !== after) return null;
  return after === 0 ? [] : [[0, 0, after]];
}

export function toEntry(key: string, { value, revision }: Found): Entry[] {
  return value === null ? [] : [[key, value, toVersion(revision)]];
}

function toVersion(revision: number): VersionTuple {
  return [revision, 0, 0];
}
