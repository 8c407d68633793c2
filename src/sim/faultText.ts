// A fault plan in words, as the command line takes it and a failure names it:
// `loss=0.1,duplication=0.1,delay=1..40,tail=0.05:2000`, or `none`.
import { type FaultPlan, NO_FAULTS } from './network.ts';

export const FAULTS_SYNTAX = 'loss=0.1,duplication=0.1,delay=1..40,tail=0.05:2000';

/** No message is on its way for longer than this, in milliseconds. */
const LONGEST_DELAY_MS = 60_000;

const SHARE = /^(?:[01]|[01]?\.[0-9]{1,9})$/;
const MILLISECONDS = /^(?:0|[1-9][0-9]{0,4})(?:\.[0-9]{1,3})?$/;

type Settings = Partial<FaultPlan>;

/** By name: what the text behind it sets. Throws an Error whose message says what is wrong. */
const READERS: ReadonlyMap<string, (text: string) => Settings> = new Map([
  ['loss', (text: string): Settings => ({ loss: readShare(text) })],
  ['duplication', (text: string): Settings => ({ duplication: readShare(text) })],
  [
    'delay',
    (text: string): Settings => {
      const [least = '', most = '', ...rest] = text.split('..');
      const [minDelayMs, maxDelayMs] = [readMs(least), readMs(most)];
      if (rest.length > 0 || minDelayMs > maxDelayMs) {
        throw new Error('a delay is two times in milliseconds, the shorter one first: 1..40');
      }
      return { minDelayMs, maxDelayMs };
    },
  ],
  [
    'tail',
    (text: string): Settings => {
      const [share = '', most = '', ...rest] = text.split(':');
      if (rest.length > 0) throw new Error('a tail is a share and a time: 0.05:2000');
      return { tail: readShare(share), tailDelayMs: readMs(most) };
    },
  ],
]);

/** What is not named is as in a healthy network. Throws an Error whose message says why not. */
export function parseFaults(text: string): FaultPlan {
  if (text === 'none') return NO_FAULTS;
  const named = new Map<string, Settings>();
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    const read = READERS.get(name);
    if (read === undefined) {
      const names = [...READERS.keys()].join(', ');
      throw new Error(`'${part}' is none of ${names} with its value, as in ${FAULTS_SYNTAX}`);
    }
    if (named.has(name)) throw new Error(`${name} is named twice`);
    named.set(name, read(part.slice(at + 1)));
  }
  return Object.assign({ ...NO_FAULTS }, ...named.values());
}

/** The text that gives the same plan again: only what is not as in a healthy network. */
export function formatFaults(plan: FaultPlan): string {
  const { loss, duplication, minDelayMs, maxDelayMs, tail, tailDelayMs } = plan;
  const isUsual = minDelayMs === NO_FAULTS.minDelayMs && maxDelayMs === NO_FAULTS.maxDelayMs;
  const parts = [
    loss > 0 && `loss=${loss}`,
    duplication > 0 && `duplication=${duplication}`,
    !isUsual && `delay=${minDelayMs}..${maxDelayMs}`,
    tail > 0 && `tail=${tail}:${tailDelayMs}`,
  ];
  return parts.filter((part) => part !== false).join(',') || 'none';
}

function readShare(text: string): number {
  if (SHARE.test(text) && Number(text) <= 1) return Number(text);
  throw new Error(`'${text}' is no share: a number from 0 to 1, such as 0.1`);
}

function readMs(text: string): number {
  if (MILLISECONDS.test(text) && Number(text) <= LONGEST_DELAY_MS) return Number(text);
  throw new Error(`'${text}' is no time: milliseconds from 0 to ${LONGEST_DELAY_MS}`);
}
