// Parses what the command `link` is given: which messages, and what is set for them.
import type { Delay, Direction, LinkChange, LinkSetting } from '../kernel/linkSettings.ts';
import { parseShare } from '../kernel/share.ts';
import { LONGEST_LINK_DELAY_MS } from '../kernel/traffic.ts';
import { nodeId, parseDuration, settings } from './arguments.ts';
import type { Argument } from './command.ts';
import { LineError } from './lineError.ts';
import { quote } from './printable.ts';
import type { WordReader } from './words.ts';

const ALL = 'all';
const RESET = 'reset';
const NORMAL = /^normal\(([^,]*),([^,]*)\)$/;
const UNIT = /m?s$/;
const ORDER: ReadonlyMap<string, boolean> = new Map([
  ['on', false],
  ['off', true],
]);

/** By name: the fields of a setting that a text stands for. */
const READERS: ReadonlyMap<string, (text: string) => LinkSetting> = new Map<
  string,
  (text: string) => LinkSetting
>([
  ['delay', (text) => ({ delay: readDelay(text) })],
  ['loss', (text) => ({ loss: readShare(text) })],
  ['duplication', (text) => ({ duplication: readShare(text) })],
  ['reorder', (text) => ({ isOrdered: readOrder(text) })],
]);

const NAMES = [...READERS.keys()];
const SETTING_WORDS = [...NAMES.map((name) => `${name}=`), RESET];
const given = settings('setting', SETTING_WORDS);
const [from, to] = [nodeId('a'), nodeId('b')];

export const linkChange: Argument<LinkChange> = {
  shown: 'a b|all reset|setting...',
  isRepeated: true,
  completion: (before, ids) => {
    if (before.length === 0) return [...ids, ALL];
    return before.length === 1 && before[0] !== ALL ? [...ids] : SETTING_WORDS;
  },
  read: (words) => ({ direction: readDirection(words), setting: readSetting(words) }),
};

function readDirection(words: WordReader): Direction {
  if (words.peek() !== ALL) return [from.read(words), to.read(words)];
  words.next();
  return ALL;
}

function readSetting(words: WordReader): LinkSetting | null {
  if (words.isAtEnd) throw new LineError('E_ARGS', `neither a setting nor ${RESET}`);
  if (words.peek() === RESET) {
    words.next();
    return null;
  }
  let setting: LinkSetting = {};
  for (const [name, text] of given.read(words)) {
    const read = READERS.get(name);
    if (read === undefined) {
      throw new LineError('E_ARGS', `${quote(name)} is none of ${NAMES.join(', ')}`);
    }
    setting = { ...setting, ...read(text) };
  }
  return setting;
}

/** `5ms`, `0..100ms` or `normal(50ms,50ms)`. */
function readDelay(text: string): Delay {
  const [, mean, deviation] = NORMAL.exec(text) ?? [];
  if (mean !== undefined && deviation !== undefined) {
    return { kind: 'normal', meanMs: readTime(mean, text), deviationMs: readTime(deviation, text) };
  }
  const [least = '', most = least, ...rest] = text.split('..');
  const [unit = ''] = UNIT.exec(most) ?? [];
  const leastMs = readTime(UNIT.test(least) ? least : `${least}${unit}`, text);
  const mostMs = readTime(most, text);
  if (rest.length > 0 || leastMs > mostMs) refuseDelay(text);
  return { kind: 'uniform', leastMs, mostMs };
}

function readTime(time: string, text: string): number {
  const ms = parseDuration(time);
  return ms <= LONGEST_LINK_DELAY_MS ? ms : refuseDelay(text);
}

function refuseDelay(text: string): never {
  const forms = 'whole ms or s, as 5ms, 0..100ms or normal(50ms,50ms)';
  const why = `${quote(text)} is no delay: expected ${forms}, ${LONGEST_LINK_DELAY_MS}ms at most`;
  throw new LineError('E_ARGS', why);
}

function readShare(text: string): number {
  const share = parseShare(text);
  if (share !== undefined) return share;
  throw new LineError(
    'E_ARGS',
    `${quote(text)} is no share: expected a number from 0 to 1, such as 0.1`,
  );
}

function readOrder(text: string): boolean {
  const isOrdered = ORDER.get(text);
  if (isOrdered !== undefined) return isOrdered;
  throw new LineError('E_ARGS', `${quote(text)} is neither ${[...ORDER.keys()].join(' nor ')}`);
}
