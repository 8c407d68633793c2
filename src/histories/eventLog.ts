// Builds operations from events: an operation begins with the event in which a process invokes it,
// and ends with the event of its answer. The rules are Jepsen's
// (https://github.com/jepsen-io/history): a process has one operation at a time, and ends after an
// operation of unknown outcome.

import type { History, Recorded } from '../checkers/history.ts';
import type { Outcome } from '../kernel/history.ts';
import { MAX_NODE_ID } from '../kernel/ids.ts';
import { FormatError } from './format.ts';

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

interface OpenOperation {
  readonly session: number;
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
  readonly transaction?: string;
  readonly expected?: string | null;
  isSet?: boolean | null;
}

interface Process {
  count: number;
  /** Several for a transaction. */
  open: readonly OpenOperation[];
  /** The line of the operation whose outcome is unknown. */
  crashedAt: number | undefined;
  endedAt: number;
}

const NANOSECONDS_PER_MILLISECOND = 1e6;

export class EventLog {
  readonly #operations: OpenOperation[] = [];
  readonly #processes = new Map<number, Process>();
  #isTimed: boolean | undefined;
  #events = 0;
  #transactions = 0;

  /**
   * `time` is in nanoseconds. Either all events have one, or none has and their order is used.
   * Several calls are one transaction.
   */
  begin(line: number, number: number, time: number | undefined, ...calls: readonly Call[]): void {
    const asking = this.#process(line, number);
    const {
      open: [open],
      crashedAt,
    } = asking;
    if (open !== undefined) {
      const since = `since line ${open.line}`;
      throw new FormatError(line, `process ${number} has an operation under way, ${since}`);
    }
    if (crashedAt !== undefined) {
      const why = `after its operation of unknown outcome (line ${crashedAt})`;
      throw new FormatError(line, `process ${number} goes on ${why}`);
    }
    const invokedAt = this.#moment(line, time);
    if (invokedAt < asking.endedAt) {
      throw new FormatError(line, `process ${number} begins before it has ended the one before`);
    }
    const isTransaction = calls.length > 1;
    if (isTransaction) this.#transactions += 1;
    const name = isTransaction ? { transaction: String(this.#events) } : undefined;
    asking.open = calls.map((call, place) => ({
      ...openOperation(line, number, asking.count + place, invokedAt, call),
      ...name,
    }));
    asking.count += calls.length;
    this.#operations.push(...asking.open);
  }

  /** The open operation of the process; the first one of a transaction. */
  under(line: number, number: number): OpenOperation {
    return this.allUnder(line, number)[0] as OpenOperation;
  }

  /** The open operations of the process: one, or those of a transaction. */
  allUnder(line: number, number: number): readonly OpenOperation[] {
    const { open } = this.#process(line, number);
    if (open.length === 0) {
      throw new FormatError(line, `process ${number} is answered, but has asked for nothing`);
    }
    return open;
  }

  /** Takes the answer of each open operation, or one that is true of all. */
  end(
    line: number,
    number: number,
    time: number | undefined,
    ...answers: readonly [Answer, ...Answer[]]
  ): void {
    const open = this.allUnder(line, number);
    const asking = this.#process(line, number);
    const moment = this.#moment(line, time);
    const { invokedAt, line: begunAt } = open[0] as OpenOperation;
    if (moment < invokedAt) {
      throw new FormatError(line, `it ends before it begins (line ${begunAt})`);
    }
    asking.open = [];
    const isUnknown = answers[0].outcome === 'unknown';
    if (isUnknown) asking.crashedAt = begunAt;
    else asking.endedAt = moment;
    for (const [place, operation] of open.entries()) {
      const answer = answers[place] ?? answers[0];
      operation.outcome = answer.outcome;
      if (isUnknown) continue;
      operation.returnedAt = moment;
      if (operation.kind === 'get') operation.value = answer.value ?? null;
      if (operation.kind === 'cas') operation.isSet = answer.isSet ?? null;
    }
  }

  history(): History {
    // `openOperation` and `end` set all fields that the kind of a operation requires.
    const operations = this.#operations as Recorded[];
    return { operations, isTimed: true, transactions: this.#transactions };
  }

  #process(line: number, number: number): Process {
    let process = this.#processes.get(number);
    if (process === undefined) {
      if (!Number.isSafeInteger(number) || number < 0 || number > MAX_NODE_ID) {
        throw new FormatError(line, `process ${number}: not a whole number up to ${MAX_NODE_ID}`);
      }
      const endedAt = Number.NEGATIVE_INFINITY;
      process = { count: 0, open: [], crashedAt: undefined, endedAt };
      this.#processes.set(number, process);
    }
    return process;
  }

  /** In milliseconds. */
  #moment(line: number, time: number | undefined): number {
    this.#events += 1;
    this.#isTimed ??= time !== undefined;
    if (this.#isTimed !== (time !== undefined)) {
      const [has, had] = time === undefined ? ['no', 'had one'] : ['a', 'had none'];
      throw new FormatError(line, `it has ${has} time, and those before it ${had}`);
    }
    if (time === undefined) return this.#events;
    if (!Number.isSafeInteger(time) || time < 0) {
      throw new FormatError(line, `${time} is no time in whole nanoseconds`);
    }
    return time / NANOSECONDS_PER_MILLISECOND;
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
