// The text format of Plume and PolySI, into which dbcop's histories are converted: one line such as
// `w(key,value,session,transaction)` for each read and write, all whole numbers. Transaction -1 was
// aborted, and 0 is the initial value of every key. Sources: TextHistoryLoader of
// https://github.com/hengxin/PolySI-PVLDB2023-Artifacts, and the Plume reader of AWDIT.

import type { History, Recorded } from '../checkers/history.ts';
import type { Operation } from '../kernel/history.ts';
import { groupBySession, numberProcesses } from './eventOrder.ts';
import {
  commonLosses,
  type Format,
  FormatError,
  type HistoryReader,
  InitialValueError,
} from './format.ts';
import { createNumbering } from './numbering.ts';
import { PlacesByName } from './placesByName.ts';
import { SessionNumbers } from './sessionNumbers.ts';

/** As many as an unsigned number of 64 bits has. */
const MOST_DIGITS = 20;
const SAFE_DIGITS = 15;
const CODES = { r: 0x72, w: 0x77, open: 0x28, close: 0x29, comma: 0x2c, zero: 0x30, nine: 0x39 };
const ABORTED = '-1';
const PARTS = ['key', 'value', 'session', 'transaction'] as const;
const INITIAL = '0';

export const PLUME: Format = {
  name: 'plume',
  about: 'the text format of Plume and PolySI',
  createReader: () => new PlumeReader(),
  toText: (word) => {
    if (endOfDigits(word, 0) !== word.length)
      throw new InitialValueError(`${word} is no whole number`);
    const digits = withoutZeros(word, 0, word.length);
    return digits === INITIAL ? null : digits;
  },
  write: (history) => {
    for (const operation of history.operations) refuse(operation);
    return print(history);
  },
};

/** Written while the history is read, and then never again. */
type Draft = { -readonly [Field in keyof Operation]: Operation[Field] };

interface Session {
  readonly number: number;
  count: number;
  /** The transaction of its last line. */
  last: number | string | undefined;
}

class PlumeReader implements HistoryReader {
  readonly #operations: Draft[] = [];
  readonly #sessions = new Map<number | string, Session>();
  readonly #sessionNumbers = new SessionNumbers();
  /** By transaction that was not aborted: the place of its first operation. */
  readonly #firstPlaces = new PlacesByName();
  readonly #keys = new Map<number | string, string>();
  #several = 0;
  /** Whether the lines of one transaction stand apart. */
  #isApart = false;

  take(text: string, line: number): void {
    const isWrite = text.charCodeAt(0) === CODES.w;
    const isRead = text.charCodeAt(0) === CODES.r;
    const keyEnd = endOfDigits(text, 2);
    const valueEnd = endOfDigits(text, keyEnd + 1);
    const sessionEnd = endOfDigits(text, valueEnd + 1);
    const isAborted = text.startsWith(ABORTED, sessionEnd + 1);
    const end = isAborted ? sessionEnd + 3 : endOfDigits(text, sessionEnd + 1);
    const hasCommas =
      text.charCodeAt(keyEnd) === CODES.comma &&
      text.charCodeAt(valueEnd) === CODES.comma &&
      text.charCodeAt(sessionEnd) === CODES.comma;
    const isClosed = text.charCodeAt(1) === CODES.open && text.charCodeAt(end) === CODES.close;
    if ((!isWrite && !isRead) || !hasCommas || !isClosed || end + 1 !== text.length) {
      this.#takeOther(text, line);
      return;
    }
    const value = withoutZeros(text, keyEnd + 1, valueEnd);
    const text0 = value === INITIAL || (isAborted && isRead) ? null : value;
    const session = this.#session(nameOf(text, valueEnd + 1, sessionEnd));
    const at = this.#operations.length;
    const operation: Draft = {
      session: session.number,
      incarnation: 1,
      seq: session.count,
      kind: isRead ? 'get' : text0 === null ? 'delete' : 'put',
      key: this.#key(text, keyEnd),
      value: text0,
      outcome: isAborted ? 'fail' : isWrite || text0 !== null ? 'ok' : 'absent',
      invokedAt: at,
      returnedAt: at,
      server: null,
      version: null,
      applied: null,
      line,
    };
    session.count += 1;
    this.#operations.push(operation);
    const transaction = isAborted ? undefined : nameOf(text, sessionEnd + 1, end);
    if (transaction !== undefined) this.#group(transaction, session, operation, at);
    session.last = transaction;
  }

  end(): History {
    this.#sessionNumbers.settle(this.#operations);
    const operations = this.#isApart ? arrange(this.#operations) : this.#operations;
    return { operations, isTimed: false, transactions: this.#several };
  }

  get notes(): readonly string[] {
    return this.#sessionNumbers.notes;
  }

  #takeOther(text: string, line: number): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    if (trimmed === text) {
      throw new FormatError(line, whyNot(text));
    }
    this.take(trimmed, line);
  }

  /** One string for each key, since it is compared often. */
  #key(text: string, end: number): string {
    const name = nameOf(text, 2, end);
    let key = this.#keys.get(name);
    if (key === undefined) {
      key = String(name);
      this.#keys.set(name, key);
    }
    return key;
  }

  #session(name: number | string): Session {
    let session = this.#sessions.get(name);
    if (session === undefined) {
      const number = this.#sessionNumbers.of(typeof name === 'number' ? name : BigInt(name));
      session = { number, count: 0, last: undefined };
      this.#sessions.set(name, session);
    }
    return session;
  }

  #group(name: number | string, session: Session, operation: Draft, at: number): void {
    const place = this.#firstPlaces.setFirst(name, at);
    if (place === at) return;
    const first = this.#operations[place] as Draft;
    if (first.session !== session.number) {
      const why = `transaction ${name} is one of session ${first.session}`;
      throw new FormatError(operation.line, why);
    }
    if (first.transaction === undefined) {
      first.transaction = String(name);
      this.#several += 1;
    }
    operation.transaction = first.transaction;
    if (session.last !== name) this.#isApart = true;
  }
}

/** Puts the operations of each transaction where its first one stands. */
function arrange(operations: readonly Operation[]): Operation[] {
  const parts = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.transaction === undefined) continue;
    const part = parts.get(operation.transaction);
    if (part === undefined) parts.set(operation.transaction, [operation]);
    else part.push(operation);
  }
  const counts = new Map<number, number>();
  const arranged: Operation[] = [];
  const place = (operation: Operation): void => {
    const seq = counts.get(operation.session) ?? 0;
    counts.set(operation.session, seq + 1);
    const at = arranged.length;
    arranged.push({ ...operation, seq, invokedAt: at, returnedAt: at });
  };
  for (const operation of operations) {
    const part = parts.get(operation.transaction ?? '') ?? [operation];
    if (part[0] === operation) for (const one of part) place(one);
  }
  return arranged;
}

/** Where the digits end that begin here; -1 if there are none, or too many. */
function endOfDigits(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) >= CODES.zero && text.charCodeAt(end) <= CODES.nine) end += 1;
  return end === from || end - from > MOST_DIGITS ? -1 : end;
}

/** Why a line is no read or write. */
function whyNot(text: string): string {
  const [, ...parts] = /^[rw]\(([^,]*),([^,]*),([^,]*),([^,]*)\)$/.exec(text) ?? [];
  const at = parts.findIndex((part) => endOfDigits(part, 0) !== part.length);
  if (at < 0) return 'not r(key,value,session,transaction), nor w(...)';
  const shown = `the ${PARTS[at]} is ${(parts[at] as string).slice(0, 2 * MOST_DIGITS) || 'empty'}`;
  const aborted = at === 3 ? `, nor ${ABORTED}` : '';
  return `${shown}, not a whole number of up to ${MOST_DIGITS} digits${aborted}`;
}

function withoutZeros(text: string, from: number, end: number): string {
  let start = from;
  while (text.charCodeAt(start) === CODES.zero && start + 1 < end) start += 1;
  return text.slice(start, end);
}

/** The number, or its digits if it is too large to be exact. */
function nameOf(text: string, from: number, end: number): number | string {
  if (end - from > SAFE_DIGITS) return fewDigits(withoutZeros(text, from, end));
  let number = 0;
  for (let at = from; at < end; at += 1) number = 10 * number + text.charCodeAt(at) - CODES.zero;
  return number;
}

function fewDigits(digits: string): number | string {
  return digits.length <= SAFE_DIGITS ? Number(digits) : digits;
}

function refuse({ kind, outcome, line }: Recorded): void {
  const why = !['get', 'put', 'delete', 'pop'].includes(kind)
    ? `the operation ${kind}`
    : outcome === 'unknown'
      ? 'an operation without an answer'
      : undefined;
  if (why !== undefined) throw new FormatError(line, `the format has no word for ${why}`);
}

function print({ operations, isTimed }: History): { lines: Iterable<string>; losses: string[] } {
  const sessions = groupBySession(operations);
  const processes = numberProcesses(sessions);
  const keys = createNumbering(
    operations.map(({ key }) => key),
    0,
  );
  const texts = operations.map(({ value }) => value).filter((value) => value !== null);
  const values = createNumbering(texts, 1);
  const losses = [
    isTimed && 'times',
    keys.isRenaming && 'names of keys, which are numbered instead',
    values.isRenaming && 'values that are no whole numbers, which are numbered instead',
    operations.some(({ outcome }) => outcome === 'stale') && 'why operations were refused',
    processes.isRenumbered && 'the lives of clients, which are sessions of their own',
  ].filter((loss) => loss !== false);
  const lines = function* (): Generator<string> {
    let number = 0;
    for (const [index, session] of sessions.entries()) {
      let former: string | undefined;
      for (const { kind, key, value, outcome, transaction } of session) {
        const isAborted = outcome === 'fail' || outcome === 'stale';
        const isWithin = transaction !== undefined && transaction === former;
        if (!isAborted && !isWithin) number += 1;
        former = transaction;
        const shown = value === null ? INITIAL : values.of(value);
        const place = `${processes.numbers[index]},${isAborted ? ABORTED : number}`;
        yield `${kind === 'get' ? 'r' : 'w'}(${keys.of(key)},${shown},${place})`;
      }
    }
  };
  return { lines: lines(), losses: [...losses, ...commonLosses(operations)] };
}
