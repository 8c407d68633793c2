// The operations of clients as scripts that Redis runs in one step, and what their replies say.
//
// Redis gives writes no versions, so each script counts the writes beside them. A *term* is the
// time in which one server is the primary. Writes are numbered on through all terms:
//
//   causeway:writes  how many writes were done before the store was as it is
//   causeway:term    the term of the last ones: `term server`
//   causeway:past    the terms before it, each with the count at its end: `term server count;...`
//   k:KEY            `number term server value`
//
// Both are replicated with the writes. So a replica that becomes the primary knows which writes of
// the earlier terms it has, and a write that is lost with its primary is in no later store.
import type { Answer } from '../../kernel/control.ts';
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import type { Entry, Request, Shown } from '../store.ts';
import type { Reply } from './resp.ts';

const STATE = `
  local function state()
    return { redis.call('GET', 'causeway:writes') or '0', redis.call('GET', 'causeway:term') or '',
      redis.call('GET', 'causeway:past') or '' }
  end`;

const COUNT = `
  local function count()
    local number = redis.call('INCR', 'causeway:writes')
    return number .. ' ' .. (redis.call('GET', 'causeway:term') or '0 0')
  end`;

const GET = `${STATE} return { redis.call('GET', KEYS[1]), state() }`;
const PUT = `${STATE} ${COUNT}
  local stamp = count()
  redis.call('SET', KEYS[1], stamp .. ' ' .. ARGV[1])
  return { stamp, state() }`;
const DELETE = `${STATE} ${COUNT}
  if redis.call('EXISTS', KEYS[1]) == 0 then return { false, state() } end
  local stamp = count()
  redis.call('DEL', KEYS[1])
  return { stamp, state() }`;
const CAS = `${STATE} ${COUNT}
  local found = redis.call('GET', KEYS[1])
  local value = found and string.match(found, '^%S+ %S+ %S+ (.*)$')
  if value ~= ARGV[1] then return { found, state() } end
  local stamp = count()
  redis.call('SET', KEYS[1], stamp .. ' ' .. ARGV[2])
  return { stamp, state(), 1 }`;
const SHOW = `${STATE}
  local entries = {}
  for _, key in ipairs(redis.call('KEYS', 'k:*')) do
    table.insert(entries, key)
    table.insert(entries, redis.call('GET', key))
  end
  return { entries, state() }`;
const BEGIN_TERM = `
  local term = redis.call('GET', 'causeway:term')
  local count = redis.call('GET', 'causeway:writes') or '0'
  if term then redis.call('APPEND', 'causeway:past', term .. ' ' .. count .. ';') end
  redis.call('SET', 'causeway:term', ARGV[1])
  return 1`;

export type Words = readonly (string | number)[];

export function toWords(request: Request): Words {
  const key = `k:${request.key}`;
  switch (request.kind) {
    case 'get':
      return ['EVAL_RO', GET, 1, key];
    case 'put':
      return ['EVAL', PUT, 1, key, request.value];
    case 'delete':
      return ['EVAL', DELETE, 1, key];
    case 'cas':
      return ['EVAL', CAS, 1, key, request.expected, request.value];
  }
}

export const SHOW_WORDS: Words = ['EVAL_RO', SHOW, 0];

/** The server is the primary from now on; terms are counted in the run. */
export function termWords(term: number, server: NodeId): Words {
  return ['EVAL', BEGIN_TERM, 0, `${term} ${server}`];
}

export function toAnswer(request: Request, server: NodeId, reply: Reply): Answer {
  const [first, state, isSet] = reply as readonly Reply[];
  const about = { server, applied: toApplied(state) };
  const text = typeof first === 'string' ? first : undefined;
  if (request.kind === 'get') {
    if (text === undefined) return { outcome: 'absent', value: null, version: null, ...about };
    return { outcome: 'ok', ...readValue(text), ...about };
  }
  if (request.kind !== 'cas') {
    return { outcome: 'ok', value: null, version: text ? toVersion(text) : null, ...about };
  }
  if (isSet === 1) {
    const decided = { isSet: true, version: toVersion(text ?? '') };
    return { ...answerOfCas(server, request.value, decided), ...about };
  }
  const found = text === undefined ? { value: null, version: null } : readValue(text);
  const decided = { isSet: false, version: null, found };
  return { ...answerOfCas(server, request.value, decided), ...about };
}

export interface StoreShown extends Shown {
  /** The same for two stores exactly if they have the same writes. */
  readonly position: string;
}

export function toShown(reply: Reply): StoreShown {
  const [flat, state] = reply as readonly [readonly string[], readonly string[]];
  const entries: Entry[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const { value, version } = readValue(flat[at + 1] ?? '');
    entries.push([(flat[at] ?? '').slice(2), value, version]);
  }
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { entries, applied: toApplied(state), position: JSON.stringify(state) };
}

function readValue(text: string): { value: string; version: VersionTuple } {
  const [number = '', term = '', server = ''] = text.split(' ', 3);
  const value = text.slice(number.length + term.length + server.length + 3);
  return { value, version: toVersion(text) };
}

/** Later terms have greater versions, since what is lost of a term comes before them. */
const TERM_SHARE = 2 ** 32;

/** `number term server`, and perhaps more. */
function toVersion(stamp: string): VersionTuple {
  const [number, term, server] = stamp.split(' ', 3).map(Number);
  return [(term ?? 0) * TERM_SHARE + (number ?? 0), server ?? 0, term ?? 0];
}

/** All writes of the past terms up to their counts, and of the last term up to the count. */
function toApplied(state: Reply | undefined): VectorTuples | null {
  const [count = '', term = '', past = ''] = (state ?? []) as readonly string[];
  if (term === '') return null;
  const ended = past.split(';').filter((text) => text !== '');
  const terms = [...ended, `${term} ${count}`].map((text) => text.split(' ').map(Number));
  const vector = terms.map(([number = 0, server = 0, writes = 0]): [number, number, number] => {
    return [server, number, number * TERM_SHARE + writes];
  });
  return vector.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}
