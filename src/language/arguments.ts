// The kinds of argument that commands take. Each kind parses its part of the line, and defines how
// the usage shows it and how the console completes it.
import { EMPTY_VALUE } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import { jsonBytesOf, KEY_BYTES, utf8BytesOf, VALUE_BYTES } from '../kernel/limits.ts';
import type { Argument, Completion } from './command.ts';
import { LineError } from './lineError.ts';
import { adviseNearest } from './nearest.ts';
import { quote } from './printable.ts';
import type { WordReader } from './words.ts';

const ID = /^(?:0|[1-9][0-9]{0,5})$/;
const DURATION = /^(0|[1-9][0-9]{0,8})(ms|s)$/;
export const SLEEP_MS = 3_600_000;

/** Whether a word is an id. `Number` would take `1e2`, `0x10` and `01` as well. */
export function isId(word: string): boolean {
  return ID.test(word);
}

function parseId(word: string): NodeId {
  if (isId(word)) return Number(word);
  throw new LineError('E_BAD_ID', `${quote(word)} is no id: 0 to 999999, without a leading zero`);
}

function idArgument(shown: string, completion: Completion): Argument<NodeId> {
  return {
    shown,
    completion,
    read: (words) => {
      const word = words.next();
      if (word === undefined) throw new LineError('E_BAD_ID', `the id ${shown} is missing`);
      return parseId(word);
    },
  };
}

export const serverId = (shown: string): Argument<NodeId> => idArgument(shown, 'server');
export const clientId = (shown: string): Argument<NodeId> => idArgument(shown, 'client');
export const nodeId = (shown: string): Argument<NodeId> => idArgument(shown, 'node');
/** How a script names the configuration service, which the master hosts. */
export const MASTER = 'master';

/** The id of a node, or the word for the configuration service. */
export function nodeOrMaster(shown: string): Argument<NodeId | typeof MASTER> {
  const node = idArgument(shown, 'node or master');
  return {
    ...node,
    read: (words) => {
      if (words.peek() !== MASTER) return node.read(words);
      words.next();
      return MASTER;
    },
  };
}

/** An id that no node has yet. */
export const freshId = (shown: string): Argument<NodeId> => idArgument(shown, []);

function required(words: WordReader, what: string): string {
  const word = words.next();
  if (word === undefined) throw new LineError('E_ARGS', `${what} is missing`);
  return word;
}

export function word(shown: string, completion: Completion = []): Argument<string> {
  return { shown, completion, read: (words) => required(words, shown) };
}

/** One word, an opaque string. */
export const key: Argument<string> = {
  shown: 'k',
  read: (words) => {
    const text = required(words, 'the key');
    const bytes = utf8BytesOf(text);
    if (bytes <= KEY_BYTES) return text;
    throw new LineError('E_TOO_LARGE', `a key of ${bytes} bytes, ${KEY_BYTES} are the most`);
  },
};

/**
 * The rest of the line. Blanks at its end do not count, so the empty value has a notation of its
 * own.
 */
export const value: Argument<string> = {
  shown: 'v',
  read: (words) => {
    if (words.isAtEnd) throw new LineError('E_ARGS', 'the value is missing');
    return toValue(words.rest());
  },
};

/** A value of one word. */
export const text: Argument<string> = {
  shown: 'text',
  read: (words) => toValue(required(words, 'the value')),
};

/** The value that a text of a line stands for. Throws a LineError for one that is too large. */
export function toValue(text: string): string {
  if (text === EMPTY_VALUE) return '';
  // A short text cannot be too large, whatever its characters.
  if (text.length * 6 + 2 <= VALUE_BYTES) return text;
  const bytes = jsonBytesOf(text);
  if (bytes <= VALUE_BYTES) return text;
  const limit = `${VALUE_BYTES} are the most`;
  throw new LineError('E_TOO_LARGE', `a value of ${bytes} bytes as JSON, ${limit}`);
}

/** A time such as `200ms` or `2s`, in milliseconds; NaN for other texts. */
export function parseDuration(text: string): number {
  const [, digits, unit] = DURATION.exec(text) ?? [];
  return Number(digits) * (unit === 's' ? 1000 : 1);
}

/** At most an hour. */
export const duration: Argument<number> = {
  shown: 'time',
  read: (words) => {
    const text = required(words, 'the time');
    const ms = parseDuration(text);
    if (ms <= SLEEP_MS) return ms;
    const expected = 'expected a whole number and ms or s, one hour at most';
    throw new LineError('E_ARGS', `${quote(text)} is no time: ${expected}`);
  },
};

/** How far a clock is moved, such as `+10s` or `-500ms`, in milliseconds; at most an hour. */
export const clockStep: Argument<number> = {
  shown: '+time|-time',
  read: (words) => {
    const text = required(words, 'the time');
    const ms = parseDuration(text.slice(1));
    if (/^[+-]/.test(text) && ms <= SLEEP_MS) return text.startsWith('-') ? 0 - ms : ms;
    const expected = 'expected + or -, a whole number, and ms or s, one hour at most';
    throw new LineError('E_ARGS', `${quote(text)} moves no clock: ${expected}`);
  },
};

/** The id of a server at the end of the line, or undefined. */
export const optionalServerId: Argument<NodeId | undefined> = {
  shown: '[s]',
  completion: 'server',
  read: (words) => {
    const word = words.next();
    return word === undefined ? undefined : parseId(word);
  },
};

/** The next word, or undefined at the end of the line. */
export const optionalWord: Argument<string | undefined> = {
  shown: '[word]',
  read: (words) => words.next(),
};

/** An optional word: true if it is there. */
export function flag(text: string): Argument<boolean> {
  return {
    shown: `[${text}]`,
    completion: [text],
    read: (words) => {
      const given = words.next();
      if (given === undefined || given === text) return given === text;
      throw new LineError('E_ARGS', `${quote(given)} is not ${text}`);
    },
  };
}

export function wordList(shown: string, completion: Completion = []): Argument<string[]> {
  return {
    shown: `[${shown}...]`,
    completion,
    isRepeated: true,
    read: (words) => {
      const list: string[] = [];
      for (let next = words.next(); next !== undefined; next = words.next()) list.push(next);
      return list;
    },
  };
}

/** Any number of the known words. */
export function choiceList<T extends string>(shown: string, known: readonly T[]): Argument<T[]> {
  const list = wordList(shown, known);
  const choose = (text: string): T => {
    const choice = known.find((one) => one === text);
    if (choice !== undefined) return choice;
    throw new LineError(
      'E_ARGS',
      `${quote(text)} is no ${shown}: ${known.join(', ')}${adviseNearest(text, known)}`,
    );
  };
  return { ...list, read: (words) => list.read(words).map(choose) };
}

/** The setting whose value is the rest of the line: the command that starts a program. */
const REST = 'command=';

/** `name=value` words in any order, each name once; `command=` is the last. */
export function settings(
  shown: string,
  completion: Completion,
): Argument<ReadonlyMap<string, string>> {
  return {
    shown: `[${shown}...]`,
    completion,
    isRepeated: true,
    read: (words) => {
      const given = new Map<string, string>();
      for (let next = take(words); next !== undefined; next = take(words)) {
        const equals = next.indexOf('=');
        if (equals < 1) throw new LineError('E_ARGS', `${quote(next)} is not name=value`);
        const name = next.slice(0, equals);
        if (given.has(name)) throw new LineError('E_ARGS', `${quote(name)} is given twice`);
        given.set(name, next.slice(equals + 1));
      }
      return given;
    },
  };
}

/** The next word; with the rest of the line, if that is its value. */
function take(words: WordReader): string | undefined {
  return words.peek()?.startsWith(REST) ? words.rest() : words.next();
}

export interface Partition {
  readonly parts: readonly NodeId[][];
  /** Only messages from a group to a later one are lost. */
  readonly isOneway: boolean;
}

const ONEWAY = 'oneway';

/** Ids in groups with `|` between them: at least two groups, no id twice. */
export const groups: Argument<Partition> = {
  shown: '0 1 | 2 3 [oneway]',
  completion: (before, ids) => [...ids, '|', ...(before.includes('|') ? [ONEWAY] : [])],
  isRepeated: true,
  read: (words) => {
    const text = words.rest();
    const isOneway = /[ \t|]oneway$/.test(text);
    const list = (isOneway ? text.slice(0, -ONEWAY.length) : text).split('|').map(parseGroup);
    if (list.length < 2) throw new LineError('E_ARGS', 'one group only; | stands between groups');
    const seen = new Set<NodeId>();
    for (const id of list.flat()) {
      if (seen.has(id)) throw new LineError('E_ARGS', `node ${id} is named twice`);
      seen.add(id);
    }
    return { parts: list, isOneway };
  },
};

function parseGroup(text: string): NodeId[] {
  const ids = text.split(/[ \t]/).filter((part) => part !== '');
  if (ids.length === 0) throw new LineError('E_ARGS', 'a group without a node');
  return ids.map(parseId);
}
