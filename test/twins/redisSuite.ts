// What must hold of Causeway's decisions about Redis: replies are read however they are cut, what
// Redis may have done is never called undone, a store says exactly which writes it has, and clients
// take the latest primary for the primary. The twins of these decisions are built with it.
import { toAnswer, toPosition } from '../../src/engines/redis/commands.ts';
import { toCallError } from '../../src/engines/redis/errors.ts';
import { toAddress } from '../../src/engines/redis/options.ts';
import { type Reply, ReplyReader, RespError } from '../../src/engines/redis/resp.ts';
import { Terms } from '../../src/engines/redis/terms.ts';
import { CallError } from '../../src/kernel/errors.ts';

/** The first law that does not hold, in a sentence. */
export function findComplaint(): string | undefined {
  const laws = [replyLaw, sizeLaw, foreignLaw, addressLaw, errorLaw, versionLaw, termLaw];
  for (const law of laws) {
    const complaint = law();
    if (complaint !== undefined) return complaint;
  }
  return undefined;
}

const BYTES = Buffer.from(
  '+OK|-ERR no|:-7|$-1|$0||$4||é|*3|:1|*1|$1|a|*-1|*0|'.replaceAll('|', '\r\n'),
);
const REPLIES: readonly Reply[] = [
  ...['OK', new RespError('ERR no'), -7, null, '', '\r\né', [1, ['a'], null], []],
];

function replyLaw(): string | undefined {
  for (let size = 1; size <= BYTES.length; size += 1) {
    const read = JSON.stringify(readIn(size));
    if (read !== JSON.stringify(REPLIES)) return `in chunks of ${size} bytes one reads ${read}`;
  }
  return undefined;
}

/** Whatever the chunks are, the bytes of a reply are not copied more than a few times. */
function sizeLaw(): string | undefined {
  const text = 'x'.repeat(1_000_000);
  const bytes = Buffer.from(`*1\r\n$${text.length}\r\n${text}\r\n`);
  const reader = new ReplyReader();
  const { concat } = Buffer;
  let copied = 0;
  Buffer.concat = (parts, length) => {
    const whole = concat(parts, length);
    copied += whole.length;
    return whole;
  };
  const read: Reply[] = [];
  for (let at = 0; at < bytes.length; at += 1_000) {
    read.push(...reader.take(bytes.subarray(at, at + 1_000)));
  }
  Buffer.concat = concat;
  if (JSON.stringify(read) !== JSON.stringify([[text]])) return 'a large reply is read wrongly';
  return copied < 5 * bytes.length ? undefined : `${copied} bytes are copied for a reply of 1 MB`;
}

/** No bytes of a server that is no Redis are kept for ever. */
function foreignLaw(): string | undefined {
  const foreign = ['HTTP/1.1 400 Bad Request\r\n', '$1x\r\n', '*9999999999\r\n', '$\r\n'];
  for (const text of [...foreign, `+${'x'.repeat(100_000)}`]) {
    try {
      new ReplyReader().take(Buffer.from(text));
      return `${JSON.stringify(text.slice(0, 30))} is taken for a reply`;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  const replies: Reply[] = ['OK', 5, null, ['x'], [null, 'OK'], new RespError('ERR')];
  const taken = replies.find((reply) => !isRefused(reply));
  return taken === undefined ? undefined : `${JSON.stringify(taken)} is taken for an answer`;
}

function isRefused(reply: Reply): boolean {
  try {
    toAnswer(get, 8, reply);
    return false;
  } catch (error) {
    return error instanceof CallError && !error.definite;
  }
}

function addressLaw(): string | undefined {
  const told = (text: string): string => JSON.stringify(Object.values(toAddress(text)));
  const cases = [
    ['10.0.0.1:6379', '["10.0.0.1",6379]'],
    ['redis.example:1', '["redis.example",1]'],
    ['[::1]:6379', '["::1",6379]'],
  ] as const;
  const wrong = cases.find(([text, right]) => told(text) !== right);
  if (wrong !== undefined) return `${wrong[0]} is read as the address ${told(wrong[0])}`;
  const bad = ['x', ':1', 'a:b', '::1:6379', 'user@host:1', 'redis://x:1', 'a b:1', '[]:1'];
  const taken = bad.find((text) => toAddress(text).host !== '');
  return taken === undefined ? undefined : `${taken} is taken for an address`;
}

function readIn(size: number): Reply[] | string {
  const reader = new ReplyReader();
  const read: Reply[] = [];
  try {
    for (let at = 0; at < BYTES.length; at += size) {
      read.push(...reader.take(BYTES.subarray(at, at + size)));
    }
    return read;
  } catch (error) {
    return (error as Error).message;
  }
}

function errorLaw(): string | undefined {
  const isDefinite = (text: string): boolean => toCallError(text).definite;
  if (!isDefinite("READONLY You can't write against a read only replica.")) {
    return 'a refusal leaves the outcome open';
  }
  const open = ['ERR internal', 'BUSY Redis is busy running a script', 'UNKILLABLE', ''];
  const placed = 'READONLY no. script: 8e54d2fc, on @user_script:14.';
  if (toCallError(placed).data !== 'READONLY no.') return 'an error tells of its place in a script';
  const wrong = open.find(isDefinite);
  return wrong === undefined ? undefined : `${JSON.stringify(wrong)} counts as undone`;
}

/** The server 7 was the primary for three writes, then server 8, which had only two of them. */
const STATE = ['4', '2 8', '1 7 2;'];
const get = { kind: 'get', key: 'x', modifiers: [] } as const;

function versionLaw(): string | undefined {
  const answer = toAnswer(get, 8, ['4 2 8 a  b', STATE]);
  if (answer.value !== 'a  b') return `the value is read as ${JSON.stringify(answer.value)}`;
  const lost = toAnswer(get, 7, ['3 1 7 lost', ['3', '1 7', '']]);
  const before = toAnswer(get, 7, ['2 1 7 kept', ['3', '1 7', '']]);
  const [kept = [], gone = [], later = []] = [before, lost, answer].map((one) => one.version ?? []);
  if (!(Number(kept[0]) < Number(gone[0]) && Number(gone[0]) < Number(later[0]))) {
    return 'a later write has a lesser version';
  }
  const upTo = new Map(answer.applied?.map(([server, term, at]) => [`${server} ${term}`, at]));
  const has = (version: readonly number[]): boolean =>
    Number(version[0]) <= (upTo.get(`${version[1]} ${version[2]}`) ?? -1);
  if (!has(kept) || !has(later)) return 'a store lacks what it has';
  if (has(gone)) return 'a store has what was lost with its primary';
  const absent = toAnswer(get, 8, [null, STATE]);
  if (absent.outcome !== 'absent') return `an absent key is ${absent.outcome}`;
  const empty = toAnswer(get, 8, [null, ['0', '', '']]);
  if (empty.applied?.length !== 0) return 'a store without writes does not say that it has none';
  const [one, other] = ['4', '5'].map((count) => toPosition([null, [count, '2 8', ''], 0]).writes);
  return one === other ? 'stores with different writes look the same' : undefined;
}

function termLaw(): string | undefined {
  const terms = new Terms();
  terms.begin(0);
  terms.begin(1);
  if (terms.latestOf([0, 1, 2]) !== 1) return 'an old primary is taken for the latest';
  if (terms.latestOf([0, 2]) !== 0) return 'a client that reaches an old primary only has none';
  if (terms.latestOf([2]) !== undefined) return 'a replica is taken for a primary';
  terms.end(1);
  if (terms.latestOf([0, 1]) !== 0) return 'a replica is still taken for the primary';
  terms.saw([[1, 4, 7]]);
  terms.saw([[2, 3, 7]]);
  return terms.unused > 4 ? undefined : 'a term of a store gets its number a second time';
}
