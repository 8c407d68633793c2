// Long histories that keep their level, for timing the checkers: finding nothing is their longest
// way.
import type { Operation } from '../src/kernel/history.ts';
import { createRandomStream, randomBelow } from '../src/kernel/random.ts';

export interface HistorySize {
  readonly operations: number;
  readonly sessions: number;
  readonly keys: number;
}

type Told = Pick<
  Operation,
  'session' | 'seq' | 'kind' | 'key' | 'value' | 'invokedAt' | 'returnedAt' | 'line'
>;

/** Written out, as a run does: objects put together by spreading are slow to read. */
function answered(told: Told): Operation {
  return {
    session: told.session,
    incarnation: 1,
    seq: told.seq,
    kind: told.kind,
    key: told.key,
    value: told.value,
    outcome: told.value === null ? 'absent' : 'ok',
    invokedAt: told.invokedAt,
    returnedAt: told.returnedAt,
    server: null,
    version: null,
    applied: null,
    line: told.line,
  };
}

/** One store, and clients whose operations overlap with those of the others. */
export function linearizableHistory({ operations, sessions, keys }: HistorySize): Operation[] {
  const random = createRandomStream(1, 'linearizable');
  const store = new Map<string, string>();
  const endedAt = new Float64Array(sessions);
  const seqs = new Int32Array(sessions);
  const history: Operation[] = [];
  for (let line = 1; line <= operations; line += 1) {
    // The operation takes effect at the time `line`; it began before and ends after.
    let session = randomBelow(random, sessions);
    while ((endedAt[session] as number) >= line - 0.5) session = (session + 1) % sessions;
    const key = `k${randomBelow(random, keys)}`;
    const seq = seqs[session] as number;
    seqs[session] = seq + 1;
    const earliest = Math.max((endedAt[session] as number) + 0.1, line - 20 * random());
    const returnedAt = line + 0.4 * sessions * random();
    endedAt[session] = returnedAt;
    const invokedAt = Math.min(earliest, line - 0.1);
    const kind = random() < 0.5 ? 'put' : 'get';
    if (kind === 'put') store.set(key, `v${line}`);
    const value = store.get(key) ?? null;
    history.push(answered({ session, seq, kind, key, value, invokedAt, returnedAt, line }));
  }
  return history;
}

interface Write {
  readonly origin: number;
  readonly seq: number;
  readonly key: string;
  readonly value: string;
  readonly version: number;
}

interface Replica {
  readonly log: Write[];
  /** By origin: how many of its writes were applied. */
  readonly applied: Int32Array;
  /** By other replica: how much of its log was read. */
  readonly readUpTo: Int32Array;
  readonly store: Map<string, Write>;
  clock: number;
}

/**
 * A replica for each session; logs are passed on in causal order. With `lastWriterWins` the stores
 * converge, which gives CCv; without it the write that arrives last counts, which gives CM.
 */
export function causalHistory(size: HistorySize, lastWriterWins: boolean): Operation[] {
  const { operations, sessions, keys } = size;
  const random = createRandomStream(2, 'causal');
  const replicas = Array.from({ length: sessions }, (): Replica => {
    const [applied, readUpTo] = [new Int32Array(sessions), new Int32Array(sessions)];
    return { log: [], applied, readUpTo, store: new Map(), clock: 0 };
  });
  const history: Operation[] = [];
  const seqs = new Int32Array(sessions);
  for (let line = 1; line <= operations; line += 1) {
    const session = randomBelow(random, sessions);
    const replica = replicas[session] as Replica;
    if (random() < 0.3) pull(replica, replicas, randomBelow(random, sessions), lastWriterWins);
    const key = `k${randomBelow(random, keys)}`;
    const isWrite = random() < 0.5;
    const seq = seqs[session] as number;
    seqs[session] = seq + 1;
    if (isWrite) {
      const count = replica.applied[session] as number;
      replica.clock += 1;
      const version = replica.clock * sessions + session;
      apply(replica, { origin: session, seq: count, key, value: `v${line}`, version }, true);
    }
    const value = replica.store.get(key)?.value ?? null;
    const kind = isWrite ? 'put' : 'get';
    const times = { invokedAt: line, returnedAt: line + 0.5 };
    history.push(answered({ session, seq, kind, key, value, ...times, line }));
  }
  return history;
}

function pull(
  replica: Replica,
  replicas: readonly Replica[],
  from: number,
  lastWriterWins: boolean,
): void {
  const { log } = replicas[from] as Replica;
  if (log === replica.log) return;
  for (let place = replica.readUpTo[from] as number; place < log.length; place += 1) {
    const write = log[place] as Write;
    if ((replica.applied[write.origin] as number) > write.seq) continue;
    const held = replica.store.get(write.key);
    apply(replica, write, !lastWriterWins || held === undefined || held.version < write.version);
  }
  replica.readUpTo[from] = log.length;
}

function apply(replica: Replica, write: Write, isStored: boolean): void {
  replica.log.push(write);
  replica.applied[write.origin] = write.seq + 1;
  replica.clock = Math.max(replica.clock, Math.floor(write.version / replica.applied.length));
  if (isStored) replica.store.set(write.key, write);
}
