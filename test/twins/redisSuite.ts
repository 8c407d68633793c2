// What must hold of Causeway's decisions about Redis: replies are read however they are cut, what
// Redis may have done is never called undone, a store says exactly which writes it has, and clients
// take the latest primary for the primary. The twins of these decisions are built with it.
import { toAnswer, toShown } from '../../src/engines/redis/commands.ts';
import { toCallError } from '../../src/engines/redis/errors.ts';
import { type Reply, ReplyReader, RespError } from '../../src/engines/redis/resp.ts';
import { Terms } from '../../src/engines/redis/terms.ts';

/** The first law that does not hold, in a sentence. */
export function findComplaint(): string | undefined {
  return [replyLaw, errorLaw, versionLaw, termLaw].map((law) => law()).find(Boolean);
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
  const [one, other] = ['4', '5'].map((count) => toShown([[], [count, '2 8', '']]).position);
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
  return terms.latestOf([0, 1]) === 0 ? undefined : 'a replica is still taken for the primary';
}
