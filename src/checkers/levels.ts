// The names of all levels and what each guarantees. For code that lists levels and does not judge.
import type {
  HistoryLevel,
  Level,
  SessionGuarantee,
  StoreLevel,
  TransactionLevel,
} from './verdict.ts';

/** Strongest first. CM and CCv are incomparable, and so are the session guarantees of one kind. */
export const LEVELS: readonly Level[] = [
  'linearizable',
  'sequential',
  'causal-memory',
  'causal-convergence',
  'causal',
  'pram',
  'read-your-writes-all-keys',
  'monotonic-reads-all-keys',
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
];

/** Judged from the stores of the servers. */
export const STORE_LEVELS: readonly StoreLevel[] = ['convergence', 'no-lost-writes'];

/** Levels of transactions, strongest first. `causal-convergence` implies both. */
export const TRANSACTION_LEVELS: readonly TransactionLevel[] = ['read-atomic', 'read-committed'];

export function isTransactionLevel(level: HistoryLevel): level is TransactionLevel {
  return (TRANSACTION_LEVELS as readonly HistoryLevel[]).includes(level);
}

export function isSessionGuarantee(level: Level): level is SessionGuarantee {
  return LEVELS.indexOf(level) >= LEVELS.indexOf('read-your-writes-all-keys');
}

/** What each level guarantees, in one sentence. */
export const LEVEL_MEANINGS: Readonly<Record<HistoryLevel | StoreLevel, string>> = {
  linearizable: 'Each operation takes effect at one moment between its begin and its end.',
  sequential:
    'One order of all operations keeps the order of each client, and each get returns the last ' +
    'put in it.',
  'causal-memory':
    'Each client has one order of all that it can have known of, which explains all of its gets.',
  'causal-convergence':
    'One order of all writes explains each get by those that its client can have known of.',
  causal: 'Each get by itself is explained by some order of what its client can have known of.',
  pram: "Each client sees every other client's writes in the order in which that client made them.",
  'read-your-writes-all-keys':
    'The server of a get has applied all that its client has put before, whatever the keys.',
  'monotonic-reads-all-keys':
    'The server of a get has applied all that its client has got before, whatever the keys.',
  'read-your-writes':
    'By key: a get returns no older write of its key than its client has put before, from a ' +
    'server that has applied the last write of the key that the client knows, if it put that.',
  'monotonic-reads':
    'By key: a get returns no older write of its key than its client has got before, from a ' +
    'server that has applied the last write of the key that the client knows, if it got that.',
  'monotonic-writes':
    "A server that has a client's write has all that this client had written before it.",
  'writes-follow-reads':
    "A server that has a client's write has all that this client had read before it.",
  'read-atomic':
    'A transaction that has read from another one, or follows it in its session, sees all of its ' +
    'writes, or later ones.',
  'read-committed':
    'A transaction reads what others have left when they ended, and after it has read from ' +
    'another one, none of the writes that this one has overwritten.',
  convergence:
    'After each stabilize the servers of a partition hold the same, and nothing older than before.',
  'no-lost-writes':
    'At each stabilize a live server has each acknowledged write, or a later one of its key.',
};
