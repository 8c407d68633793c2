// The operations of clients as requests to etcd's JSON gateway, and what its answers say. etcd
// numbers all changes of its store; the number of the change that wrote a key is its version, and a
// store has all changes up to one.
import type { Answer } from '../../kernel/control.ts';
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import type { Entry, Request } from '../store/store.ts';

export type ReadLevel = 'linearizable' | 'serializable';

export interface GatewayCall {
  readonly path: string;
  readonly body: { readonly [field: string]: Json };
}

/** The gateway leaves out fields that are 0, false or empty; whole numbers are texts. */
interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision?: string;
}

interface Range {
  readonly header?: { readonly revision?: string };
  readonly kvs?: readonly KeyValue[];
  readonly more?: boolean;
}

/** The keys of a page, which may all have the longest value. */
const PAGE = 100;

/** Each key of the run begins with `prefix` in etcd. */
export function toCall(request: Request, prefix: string, usual: ReadLevel): GatewayCall {
  const key = encode(prefix + request.key);
  switch (request.kind) {
    case 'get': {
      const level = request.modifiers[0] ?? usual;
      return { path: 'kv/range', body: { key, serializable: level === 'serializable' } };
    }
    case 'put':
      return { path: 'kv/put', body: { key, value: encode(request.value) } };
    case 'delete':
      return { path: 'kv/deleterange', body: { key } };
    case 'cas': {
      const expected = encode(request.expected);
      const compare = [{ key, target: 'VALUE', result: 'EQUAL', value: expected }];
      const success = [{ requestPut: { key, value: encode(request.value) } }];
      const failure = [{ requestRange: { key } }];
      return { path: 'kv/txn', body: { compare, success, failure } };
    }
  }
}

export function toAnswer(request: Request, server: NodeId, body: object): Answer {
  const { header } = body as Range;
  const about = { server, applied: toApplied(header?.revision) };
  switch (request.kind) {
    case 'get': {
      const found = firstOf(body);
      if (found === undefined) return { outcome: 'absent', value: null, version: null, ...about };
      return { outcome: 'ok', value: decode(found.value), version: versionOf(found), ...about };
    }
    case 'put':
      return { outcome: 'ok', value: null, version: toVersion(header?.revision), ...about };
    case 'delete': {
      // Without the key nothing is written, so there is no version.
      const { deleted = '0' } = body as { deleted?: string };
      const version = deleted === '0' ? null : toVersion(header?.revision);
      return { outcome: 'ok', value: null, version, ...about };
    }
    case 'cas': {
      const { succeeded = false, responses = [] } = body as {
        succeeded?: boolean;
        responses?: { response_range?: Range }[];
      };
      if (succeeded) {
        const decided = { isSet: true, version: toVersion(header?.revision) };
        return { ...answerOfCas(server, request.value, decided), ...about };
      }
      const kv = firstOf(responses[0]?.response_range ?? {});
      const found = { value: kv ? decode(kv.value) : null, version: kv ? versionOf(kv) : null };
      const decided = { isSet: false, version: null, found };
      return { ...answerOfCas(server, request.value, decided), ...about };
    }
  }
}

/** Asks for a page of a member's own store: the keys of the run from `from` on, of one moment. */
export function toPageCall(prefix: string, from: string, revision: string): GatewayCall {
  const body = { key: encode(from), range_end: encode(endOf(prefix)), limit: String(PAGE) };
  return { path: 'kv/range', body: { ...body, serializable: true, revision } };
}

/** The first key that a page can have. */
export function firstKey(prefix: string): string {
  return prefix === '' ? '\0' : prefix;
}

export interface Page {
  readonly entries: Entry[];
  /** Of the store as it was read. */
  readonly revision: string;
  /** Where the next page begins; undefined after the last. */
  readonly next: string | undefined;
}

export function readPage(prefix: string, body: object): Page {
  const { kvs = [], more = false, header } = body as Range;
  const entries = kvs.map((kv): Entry => {
    return [decode(kv.key).slice(prefix.length), decode(kv.value), versionOf(kv)];
  });
  const last = kvs.at(-1);
  const next = more && last !== undefined ? `${decode(last.key)}\0` : undefined;
  return { entries, revision: header?.revision ?? '0', next };
}

/** The end of the range of all keys that begin with the prefix; for none the end of all keys. */
export function endOf(prefix: string): string {
  if (prefix === '') return '\0';
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

function decode(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString();
}

function firstOf(range: object): KeyValue | undefined {
  return (range as Range).kvs?.[0];
}

function versionOf(kv: KeyValue): VersionTuple | null {
  return toVersion(kv.mod_revision);
}

/** The writes of one life, which stands for the whole cluster. */
export function toApplied(revision: string | undefined): VectorTuples | null {
  return revision === undefined ? null : [[0, 0, Number(revision)]];
}

function toVersion(revision: string | undefined): VersionTuple | null {
  return revision === undefined ? null : [Number(revision), 0, 0];
}
