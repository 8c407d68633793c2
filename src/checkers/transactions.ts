// What a transaction shows of itself to the others: the last write of each key, and the reads that
// its own writes do not explain. The rest is its own affair: a read after an own write of the key
// must return that write (Cerone, Bernardi and Gotsman, CONCUR 2015, axiom INT), and a write that
// the transaction overwrites is never seen by another one (Adya, 1999, G1b).
import type { Operation } from '../kernel/history.ts';
import { isWrite } from './normalize.ts';
import { explainThinAir } from './thinAir.ts';
import { writtenValue } from './valueIndex.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell, where, written } from './words.ts';

/** A history as its transactions see each other. */
export interface TransactionView {
  readonly whole: readonly Operation[];
  /** The operations that other transactions see, or that read from other transactions. */
  readonly operations: readonly Operation[];
  /** A read that contradicts an own write of its transaction. */
  readonly internal: Judgement | undefined;
}

export function viewTransactions(history: readonly Operation[]): TransactionView {
  const hidden = new Set<Operation>();
  let internal: Judgement | undefined;
  for (const transaction of groupByTransaction(history)) {
    const own = new Map<string, Operation>();
    for (const operation of transaction) {
      const { key, value } = operation;
      const last = own.get(key);
      if (isWrite(operation)) {
        if (last !== undefined) hidden.add(last);
        own.set(key, operation);
      } else if (last !== undefined && operation.outcome !== 'unknown') {
        hidden.add(operation);
        if (writtenValue(last) !== value) internal ??= contradiction(last, operation);
      }
    }
  }
  const operations = hidden.size === 0 ? history : history.filter((one) => !hidden.has(one));
  return { whole: history, operations, internal };
}

/** The transactions of several operations that took effect, or may have. */
function groupByTransaction(history: readonly Operation[]): Iterable<Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of history) {
    const { transaction, outcome } = operation;
    if (transaction === undefined || outcome === 'fail' || outcome === 'stale') continue;
    const group = groups.get(transaction);
    if (group === undefined) groups.set(transaction, [operation]);
    else group.push(operation);
  }
  for (const group of groups.values()) group.sort((a, b) => a.seq - b.seq);
  return groups.values();
}

function contradiction(write: Operation, read: Operation): Judgement {
  const did = write.kind === 'delete' ? `deleted ${write.key}` : `put ${written(write)}`;
  const sentence = `${tell(read)}, though the same transaction had ${did} ${where(write)}.`;
  return broken('InternalRead', [write, read], sentence);
}

/** A read of a value that no transaction shows: it was aborted, overwritten, or never written. */
export function explainUnseen({ whole }: TransactionView, read: Operation): Judgement {
  const isAlike = (write: Operation): boolean =>
    write.key === read.key && isWrite(write) && writtenValue(write) === read.value;
  const isUndone = ({ outcome }: Operation): boolean => outcome === 'fail' || outcome === 'stale';
  const alike = whole.filter(isAlike);
  const overwritten = alike.find((write) => !isUndone(write));
  if (overwritten !== undefined) return intermediate(whole, overwritten, read);
  const { pattern, operations, sentence } = explainThinAir(whole, read);
  return broken(alike.length > 0 ? 'AbortedRead' : pattern, operations, sentence);
}

function intermediate(whole: readonly Operation[], write: Operation, read: Operation): Judgement {
  const { transaction, key } = write;
  const isLast = (one: Operation): boolean =>
    one.transaction === transaction && one.key === key && isWrite(one);
  const last = whole.findLast(isLast) ?? write;
  const sentence =
    `${tell(read)}, which was never the last of its transaction: after ${written(write)} ` +
    `${where(write)} it wrote ${written(last)} ${where(last)}.`;
  return broken('IntermediateRead', [write, last, read], sentence);
}
