// The text format of Plume and PolySI, into which dbcop's histories are converted: one line such as
// `w(key,value,session,transaction)` for each read and write, all whole numbers. Transaction -1 was
// aborted, and 0 is the initial value of every key. Sources: TextHistoryLoader of
// https://github.com/hengxin/PolySI-PVLDB2023-Artifacts, and the Plume reader of AWDIT.

import type { History, Recorded } from '../checkers/history.ts';
import type { Operation } from '../kernel/history.ts';
import { MAX_NODE_ID } from '../kernel/ids.ts';
import { groupBySession, numberProcesses } from './eventOrder.ts';
import { commonLosses, type Format, FormatError, type HistoryReader } from './format.ts';
import { createNumbering } from './numbering.ts';

const LINE = /^([rw])\((\d{1,15}),(\d{1,15}),(\d{1,15}),(-1|\d{1,15})\)$/;
const ABORTED = '-1';
const INITIAL = '0';

export const PLUME: Format = {
  name: 'plume',
  about: 'the text format of Plume and PolySI',
  createReader: () => new PlumeReader(),
  write: (history) => {
    for (const operation of history.operations) refuse(operation);
    return print(history);
  },
};

interface Transaction {
  readonly name: string;
  readonly first: Operation;
  later: Operation[] | undefined;
}

class PlumeReader implements HistoryReader {
  readonly #operations: Operation[] = [];
  readonly #counts = new Map<number, number>();
  /** By transaction that was not aborted. */
  readonly #transactions = new Map<string, Transaction>();
  #several = 0;

  take(text: string, line: number): void {
    if (text.trim() === '') return;
    const match = LINE.exec(text.trim());
    if (match === null) {
      throw new FormatError(line, 'not r(key,value,session,transaction), nor w(...)');
    }
    const [, word, ...numbers] = match;
    const [key, value, sessionText, transaction] = numbers.map(withoutZeros);
    const session = Number(sessionText);
    if (session > MAX_NODE_ID) {
      throw new FormatError(line, `session ${session}: more than ${MAX_NODE_ID}`);
    }
    const isAborted = transaction === ABORTED;
    const seq = this.#counts.get(session) ?? 0;
    this.#counts.set(session, seq + 1);
    const isWrite = word === 'w';
    const text0 = value === INITIAL || (isAborted && !isWrite) ? null : (value as string);
    const answered = isWrite || text0 !== null ? 'ok' : 'absent';
    const operation: Operation = {
      session,
      incarnation: 1,
      seq,
      kind: isWrite ? (text0 === null ? 'delete' : 'put') : 'get',
      key: key as string,
      value: text0,
      outcome: isAborted ? 'fail' : answered,
      invokedAt: this.#operations.length,
      returnedAt: this.#operations.length,
      server: null,
      version: null,
      applied: null,
      line,
    };
    this.#operations.push(operation);
    if (!isAborted) this.#group(transaction as string, operation);
  }

  end(): History {
    const operations = this.#several === 0 ? this.#operations : this.#arrange();
    return { operations, isTimed: false, transactions: this.#several };
  }

  #group(name: string, operation: Operation): void {
    const { session, line } = operation;
    const known = this.#transactions.get(name);
    if (known === undefined) {
      this.#transactions.set(name, { name, first: operation, later: undefined });
      return;
    }
    if (known.first.session !== session) {
      const other = known.first.session;
      throw new FormatError(line, `transaction ${name} is one of session ${other}`);
    }
    if (known.later === undefined) {
      known.later = [];
      this.#several += 1;
    }
    known.later.push(operation);
  }

  /** Puts the operations of each transaction where its first one stands. */
  #arrange(): Operation[] {
    const named = new Map<Operation, string>();
    const laterOf = new Map<Operation, readonly Operation[]>();
    for (const { name, first, later } of this.#transactions.values()) {
      if (later === undefined) continue;
      laterOf.set(first, later);
      for (const operation of [first, ...later]) named.set(operation, name);
    }
    const counts = new Map<number, number>();
    const arranged: Operation[] = [];
    const place = (operation: Operation): void => {
      const seq = counts.get(operation.session) ?? 0;
      counts.set(operation.session, seq + 1);
      const at = arranged.length;
      const transaction = named.get(operation);
      const moved = { ...operation, seq, invokedAt: at, returnedAt: at };
      arranged.push(transaction === undefined ? moved : { ...moved, transaction });
    };
    for (const operation of this.#operations) {
      const later = laterOf.get(operation);
      if (later === undefined && named.has(operation)) continue;
      place(operation);
      for (const one of later ?? []) place(one);
    }
    return arranged;
  }
}

function withoutZeros(number: string): string {
  return number.replace(/^0+(?=\d)/, '');
}

function refuse({ kind, outcome, line }: Recorded): void {
  const why =
    kind === 'append' || kind === 'cas'
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
