// The operations of clients as scripts that Redis runs in one step, and what their replies say.
//
// Redis gives writes no versions, so each script counts the writes beside them. A *term* is the
// time in which one server is the primary. Redis gives each a name, its `master_replid`: a new one
// when a replica is promoted, and when a primary starts again. The first write under a new name
// begins a term. Writes are numbered on through all terms. A run has two hashes:
//
//   PREFIXstore  KEY      `number term server value`
//   PREFIXstate  writes   how many writes were done before the store was as it is
//                term     the term of the last one, `term server`, and
//                history  the name that Redis gives it
//                past     the terms before it, each with the count at its end:
//                         `term server count;...`
//
// Both are replicated with the writes. So a replica that becomes the primary knows which writes of
// the earlier terms it has, and a write that is lost with its primary is in no later store.
import type { Answer } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { VectorTuples, VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import type { Entry, Request, Shown } from '../store/store.ts';
import { appliedOf, versionOf } from '../store/termVersions.ts';
import type { Reply } from './resp.ts';

const STATE = `
  local function state()
    local found = redis.call('HMGET', KEYS[2], 'writes', 'term', 'past')
    return { found[1] or '0', found[2] or '', found[3] or '' }
  end`;

/** Takes the least number of a new term, and the server. */
const COUNT = `
  local function count(least, server)
    local name = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)') or ''
    local found = redis.call('HMGET', KEYS[2], 'history', 'term', 'past', 'writes')
    local term = found[2]
    if not term or found[1] ~= name then
      local number = tonumber(least)
      if term then
        local past = (found[3] or '') .. term .. ' ' .. (found[4] or '0') .. ';'
        redis.call('HSET', KEYS[2], 'past', past)
        number = math.max(number, tonumber(string.match(term, '^%d+')) + 1)
      end
      term = string.format('%d %s', number, server)
      redis.call('HSET', KEYS[2], 'term', term, 'history', name)
    end
    return redis.call('HINCRBY', KEYS[2], 'writes', 1) .. ' ' .. term
  end`;

const GET = `${STATE} return { redis.call('HGET', KEYS[1], ARGV[1]), state() }`;
const PUT = `${STATE} ${COUNT}
  local stamp = count(ARGV[2], ARGV[3])
  redis.call('HSET', KEYS[1], ARGV[1], stamp .. ' ' .. ARGV[4])
  return { stamp, state() }`;
const DELETE = `${STATE} ${COUNT}
  if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return { false, state() } end
  local stamp = count(ARGV[2], ARGV[3])
  redis.call('HDEL', KEYS[1], ARGV[1])
  return { stamp, state() }`;
const CAS = `${STATE} ${COUNT}
  local found = redis.call('HGET', KEYS[1], ARGV[1])
  local value = found and string.match(found, '^%S+ %S+ %S+ (.*)$')
  if value ~= ARGV[4] then return { found, state() } end
  local stamp = count(ARGV[2], ARGV[3])
  redis.call('HSET', KEYS[1], ARGV[1], stamp .. ' ' .. ARGV[5])
  return { stamp, state(), 1 }`;
const SHOW = `${STATE} return { redis.call('HGETALL', KEYS[1]), state() }`;
const POSITION = `${STATE}
  local info = redis.call('INFO', 'replication')
  local link = string.match(info, 'master_link_status:(%w+)')
  local _, replicas = string.gsub(info, 'state=online', '')
  return { link or false, state(), replicas }`;

export type Words = readonly (string | number)[];

/** What a write says of the primary to which it goes. */
export interface Writer {
  readonly server: NodeId;
  /** The number that a new term has at least: none of the run has it yet. */
  readonly newTerm: number;
}

/** The names of a run in Redis begin with `prefix`. */
export function namesOf(prefix: string): readonly [string, string] {
  return [`${prefix}store`, `${prefix}state`];
}

/** `EVAL` and not `EVAL_RO`, which Redis 6 and its relatives do not have. */
function evaluate(script: string, prefix: string, words: Words = []): Words {
  return ['EVAL', script, 2, ...namesOf(prefix), ...words];
}

export function toWords(request: Request, prefix: string, { newTerm, server }: Writer): Words {
  const { key } = request;
  const about = [key, newTerm, server];
  switch (request.kind) {
    case 'get':
      return evaluate(GET, prefix, [key]);
    case 'put':
      return evaluate(PUT, prefix, [...about, request.value]);
    case 'delete':
      return evaluate(DELETE, prefix, about);
    case 'cas':
      return evaluate(CAS, prefix, [...about, request.expected, request.value]);
  }
}

export function showWords(prefix: string): Words {
  return evaluate(SHOW, prefix);
}

export function positionWords(prefix: string): Words {
  return evaluate(POSITION, prefix);
}

/** Throws a CallError for a reply that is none of these scripts. */
export function toAnswer(request: Request, server: NodeId, reply: Reply): Answer {
  const [first, state, isSet] = listOf(reply);
  const about = { server, applied: toApplied(toState(state)) };
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

export interface Position {
  /** The same for two stores exactly if they have the same writes. */
  readonly writes: string;
  /** Of a replica: whether it is connected to its primary. */
  readonly isInTouch: boolean;
  /** How many replicas it takes for connected. */
  readonly replicas: number;
}

/** Throws as `toAnswer`. */
export function toPosition(reply: Reply): Position {
  const [link, state, replicas] = listOf(reply);
  const writes = JSON.stringify(toState(state));
  return { writes, isInTouch: link === 'up', replicas: Number(replicas) };
}

/** Throws as `toAnswer`. */
export function toShown(reply: Reply): Shown {
  const [flat, state] = listOf(reply);
  const texts = listOf(flat).map(String);
  const entries: Entry[] = [];
  for (let at = 0; at < texts.length; at += 2) {
    const { value, version } = readValue(texts[at + 1] ?? '');
    entries.push([texts[at] ?? '', value, version]);
  }
  entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  return { entries, applied: toApplied(toState(state)) };
}

function listOf(reply: Reply | undefined): readonly Reply[] {
  if (Array.isArray(reply)) return reply as readonly Reply[];
  const text = `a reply that is no list: ${JSON.stringify(reply)}`;
  throw new CallError('ERR_REDIS_FAILED', text, text);
}

interface State {
  readonly count: string;
  readonly term: string;
  readonly past: string;
}

function toState(reply: Reply | undefined): State {
  const [count = '', term = '', past = ''] = listOf(reply).map(String);
  return { count, term, past };
}

function readValue(text: string): { value: string; version: VersionTuple } {
  const [number = '', term = '', server = ''] = text.split(' ', 3);
  const value = text.slice(number.length + term.length + server.length + 3);
  return { value, version: toVersion(text) };
}

/** `number term server`, and perhaps more. */
function toVersion(stamp: string): VersionTuple {
  const [number = 0, term = 0, server = 0] = stamp.split(' ', 3).map(Number);
  return versionOf(number, term, server);
}

/** All writes of the past terms up to their counts, and of the last term up to the count. */
function toApplied({ count, term, past }: State): VectorTuples {
  const ended = past.split(';').filter((text) => text !== '');
  const last = term === '' ? [] : [`${term} ${count}`];
  return appliedOf(
    [...ended, ...last].map((text) => {
      const [number = 0, server = 0, writes = 0] = text.split(' ').map(Number);
      return [number, server, writes];
    }),
  );
}
