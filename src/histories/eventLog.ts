// Builds operations from events: an operation begins with the event in which a process invokes it,
// and ends with the event of its answer. The rules are Jepsen's
// (https://github.com/jepsen-io/history): a process has one operation at a time, and ends after an
// operation of unknown outcome.

import type { History, Recorded } from '../checkers/history.ts';
import type { Outcome } from '../kernel/history.ts';
import { FormatError } from './format.ts';
import { LineOrder } from './lineOrder.ts';
import { Nanoseconds } from './nanoseconds.ts';
import { SessionNumbers } from './sessionNumbers.ts';

/** What a process invokes. */
export interface Call {
  readonly kind: Recorded['kind'];
  readonly key: string;
  /** The value written; null for a get or a delete. */
  readonly value: string | null;
  /** The expected value of a compare-and-set. */
  readonly expected?: string | null;
}

/** How the operation ended. */
export interface Answer {
  readonly outcome: Outcome;
  /** The value that a get returned. */
  readonly value?: string | null;
  /** Of a compare-and-set: whether it wrote. */
  readonly isSet?: boolean;
}

/** A client's number or name. */
export type ProcessName = number | bigint | string;

/** The time of an event in nanoseconds; undefined if it has none. */
export type EventTime = number | bigint | undefined;

interface OpenOperation {
  session: number;
  readonly incarnation: number;
  readonly seq: number;
  readonly kind: Recorded['kind'];
  readonly key: string;
  value: string | null;
  outcome: Outcome;
  readonly invokedAt: number;
  returnedAt: number | null;
  readonly server: null;
  readonly version: null;
  readonly applied: null;
  readonly line: number;
  transaction?: string;
  readonly expected?: string | null;
  isSet?: boolean | null;
}

interface Process {
  readonly session: number;
  count: number;
  /** Several for a transaction. */
  open: readonly OpenOperation[];
  /** The line of the operation whose outcome is unknown. */
  crashedAt: number | undefined;
  /** The time of its last event, as the file has it. */
  readAt: number;
  endedAt: number;
}

const NOTHING: readonly OpenOperation[] = [];

export class EventLog {
  readonly #operations: OpenOperation[] = [];
  readonly #processes = new Map<ProcessName, Process>();
  readonly #sessions = new SessionNumbers();
  readonly #times = new Nanoseconds();
  readonly #order = new LineOrder();
  #isTimed: boolean | undefined;
  #events = 0;
  #transactions = 0;

  /**
   * `time` is in nanoseconds. Either all events have one, or none has and their order is used.
   * Several calls are one transaction.
   */
  begin(line: number, number: ProcessName, time: EventTime, calls: readonly Call[]): void {
    const asking = this.#process(line, number);
    const { crashedAt } = asking;
    const former = asking.open[0];
    if (former !== undefined) {
      const since = `since line ${former.line}`;
      throw new FormatError(line, `process ${number} has an operation under way, ${since}`);
    }
    if (crashedAt !== undefined) {
      const why = `after its operation of unknown outcome (line ${crashedAt})`;
      throw new FormatError(line, `process ${number} goes on ${why}`);
    }
    const readAt = this.#read(line, time);
    if (readAt < asking.readAt) {
      throw new FormatError(line, `process ${number} begins before it has ended the one before`);
    }
    asking.readAt = readAt;
    const invokedAt = this.#order.begin(line, readAt, asking.endedAt);
    const isTransaction = calls.length > 1;
    if (isTransaction) this.#transactions += 1;
    const open: OpenOperation[] = [];
    for (const call of calls) {
      const operation = openOperation(line, asking.session, asking.count, invokedAt, call);
      if (isTransaction) operation.transaction = String(this.#events);
      this.#operations.push(operation);
      open.push(operation);
      asking.count += 1;
    }
    asking.open = open;
  }

  /** The open operation of the process; the first one of a transaction. */
  under(line: number, number: ProcessName): OpenOperation {
    return this.allUnder(line, number)[0] as OpenOperation;
  }

  /** The open operations of the process: one, or those of a transaction. */
  allUnder(line: number, number: ProcessName): readonly OpenOperation[] {
    const { open } = this.#process(line, number);
    if (open.length === 0) {
      throw new FormatError(line, `process ${number} is answered, but has asked for nothing`);
    }
    return open;
  }

  /** Takes the answer of each open operation, or one that is true of all. */
  end(
    line: number,
    number: ProcessName,
    time: EventTime,
    answers: readonly [Answer, ...Answer[]],
  ): void {
    const asking = this.#process(line, number);
    const open = this.allUnder(line, number);
    const readAt = this.#read(line, time);
    const { line: begunAt } = open[0] as OpenOperation;
    if (readAt < asking.readAt) {
      throw new FormatError(line, `it ends before it begins (line ${begunAt})`);
    }
    asking.readAt = readAt;
    const moment = this.#order.end(line, readAt);
    asking.open = NOTHING;
    const isUnknown = answers[0].outcome === 'unknown';
    if (isUnknown) asking.crashedAt = begunAt;
    else asking.endedAt = moment;
    for (let place = 0; place < open.length; place += 1) {
      const operation = open[place] as OpenOperation;
      const answer = answers[place] ?? answers[0];
      operation.outcome = answer.outcome;
      if (isUnknown) continue;
      operation.returnedAt = moment;
      if (operation.kind === 'get') operation.value = answer.value ?? null;
      if (operation.kind === 'cas') operation.isSet = answer.isSet ?? null;
    }
  }

  /** Whether the process has an operation under way. */
  isOpen(number: ProcessName): boolean {
    return (this.#processes.get(number)?.open.length ?? 0) > 0;
  }

  history(): History {
    this.#sessions.settle(this.#operations);
    // `openOperation` and `end` set all fields that the kind of a operation requires.
    const operations = this.#operations as Recorded[];
    return { operations, isTimed: true, transactions: this.#transactions };
  }

  /** What the reader had to assume, in plain words. */
  get notes(): readonly string[] {
    return [...this.#sessions.notes, ...this.#order.notes];
  }

  #process(line: number, number: ProcessName): Process {
    let process = this.#processes.get(number);
    if (process === undefined) {
      if (typeof number === 'number' && (!Number.isSafeInteger(number) || number < 0)) {
        throw new FormatError(line, `${number} is no process: not a whole number`);
      }
      const never = Number.NEGATIVE_INFINITY;
      const session = this.#sessions.of(number);
      const times = { readAt: never, endedAt: never };
      process = { session, count: 0, open: [], crashedAt: undefined, ...times };
      this.#processes.set(number, process);
    }
    return process;
  }

  /** In milliseconds, as the file has it. */
  #read(line: number, time: EventTime): number {
    this.#events += 1;
    this.#isTimed ??= time !== undefined;
    if (this.#isTimed !== (time !== undefined)) {
      const [has, had] = time === undefined ? ['no', 'had one'] : ['a', 'had none'];
      throw new FormatError(line, `it has ${has} time, and those before it ${had}`);
    }
    return time === undefined ? this.#events : this.#times.read(line, time);
  }
}

function openOperation(
  line: number,
  session: number,
  seq: number,
  invokedAt: number,
  call: Call,
): OpenOperation {
  const operation: OpenOperation = {
    session,
    incarnation: 1,
    seq,
    kind: call.kind,
    key: call.key,
    value: call.value,
    outcome: 'unknown',
    invokedAt,
    returnedAt: null,
    server: null,
    version: null,
    applied: null,
    line,
  };
  if (call.kind !== 'cas') return operation;
  return { ...operation, expected: call.expected ?? null, isSet: null };
}
