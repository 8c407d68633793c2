// A run and what is written of it in other tools' formats get the same verdicts. A format loses
// versions and what servers had applied. So an export may be explained in more ways than the run:
// it is broken only if the run is. Where the values alone say who read what, both are judged alike,
// but for linearizability in a format without times. The guarantees of sessions are also about
// servers, which no export shows: an export never breaks one that the run has kept.
// More: CAUSEWAY_EXPORTS=10000 npx vitest run test/histories/exports.test.ts
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  type History,
  type HistoryLevel,
  LEVELS,
  summarizeHistory,
} from '../../src/checkers/index.ts';
import {
  FORMATS,
  FormatError,
  readHistory,
  splitSessions,
  writeHistory,
} from '../../src/histories/index.ts';
import type { Operation, VersionTuple } from '../../src/kernel/history.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { simulate, withHistory } from '../scripts/programs.ts';
import { listShippedScripts } from '../scripts/shipped.ts';
import { extent, sample } from '../support/extent.ts';

const COUNT = Number(process.env.CAUSEWAY_EXPORTS ?? extent({ full: 1_000, quick: 60 }));
const CLIENT_LEVELS = LEVELS.slice(0, 6);
const NAMES = FORMATS.map(({ name }) => name);

type Outcomes = ReadonlyMap<HistoryLevel, string>;

function judge(history: History): Outcomes {
  return new Map(summarizeHistory(history).verdicts.map(({ level, outcome }) => [level, outcome]));
}

/** Undefined where the format has no word for something in it. */
function exported(history: History, format: string): History | undefined {
  try {
    return readHistory([...writeHistory(history, format).lines].join('\n'), format);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

/** Whether the versions of reads say no more than their values. */
function isToldByValues(operations: readonly Operation[]): boolean {
  const writes = operations.filter(({ kind }) => kind !== 'get');
  return operations.every(({ kind, key, value, version }) => {
    if (kind !== 'get' || version === null) return true;
    const alike = writes.filter((write) => write.key === key && write.value === value);
    return value !== null && alike.length === 1;
  });
}

/** Compares a run with its export; true if there is one. */
function compare(operations: readonly Operation[], format: string, own: Outcomes): boolean {
  const run: History = { operations, isTimed: true, transactions: 0 };
  const whole = exported(run, format);
  const other = whole ?? exported(splitSessions(run), format);
  if (other === undefined || other.operations.length === 0) return false;
  const isSame = isToldByValues(operations);
  for (const [level, found] of judge(other)) {
    const expected = own.get(level);
    const what = `${level} in ${format}: ${JSON.stringify(operations)}`;
    if (found === 'broken') expect(expected, what).toBe('broken');
    if (!CLIENT_LEVELS.some((one) => one === level) || (level === 'linearizable' && !other.isTimed))
      continue;
    // Other formats do not say what a compare-and-set found that failed.
    if (found === 'undecided' && operations.some((one) => 'found' in one)) continue;
    // Split sessions ask for less.
    const isEqual = isSame && (whole !== undefined || level === 'linearizable');
    if (isEqual) expect(found, what).toBe(expected);
    else if (expected !== 'undecided') expect(found, what).not.toBe('undecided');
  }
  return true;
}

interface Server {
  readonly id: number;
  readonly applied: Map<number, number>;
  readonly store: Map<string, { value: string | null; version: VersionTuple }>;
  clock: number;
}

/**
 * Servers where the later version wins, that pass on all that they have, or one life's writes only,
 * and forget deletions that both have; clients that go anywhere, and sometimes get no answer.
 */
function play(random: RandomStream, operations: number): Operation[] {
  const servers = [0, 1].map(
    (id): Server => ({ id, applied: new Map(), store: new Map(), clock: 0 }),
  );
  const seqs = [0, 0, 0];
  let now = 0;
  return Array.from({ length: operations }, (_, line): Operation => {
    const server = servers[randomBelow(random, 2)] as Server;
    if (random() < 0.4) pass(server, servers[1 - server.id] as Server, random() < 0.8);
    const session = randomBelow(random, 3);
    const seq = seqs[session] as number;
    seqs[session] = seq + 1;
    const key = 'xy'[randomBelow(random, 2)] as string;
    const kinds: readonly Operation['kind'][] = ['put', 'delete', 'get', 'get'];
    const kind = kinds[randomBelow(random, kinds.length)] as Operation['kind'];
    const isLost = kind !== 'get' && random() < 0.05;
    if (kind !== 'get') {
      server.clock += 1;
      server.applied.set(server.id, server.clock);
      const value = kind === 'put' ? `${line}` : null;
      server.store.set(key, { value, version: [server.clock, server.id, 1] });
    }
    const held = server.store.get(key);
    const value = held?.value ?? null;
    const isEverywhere = servers.every(({ applied, store }) => {
      const [timestamp = 0, id = 0] = held?.version ?? [];
      return (applied.get(id) ?? 0) >= timestamp && (store.get(key)?.value ?? null) === null;
    });
    const isForgotten = kind === 'get' && value === null && isEverywhere && random() < 0.5;
    if (isForgotten) for (const { store } of servers) store.delete(key);
    now += 2;
    const answer = kind === 'get' && value === null ? 'absent' : 'ok';
    return {
      session,
      incarnation: 1,
      seq,
      kind,
      key,
      value,
      outcome: isLost ? 'unknown' : answer,
      invokedAt: now,
      returnedAt: isLost ? null : now + 1,
      server: isLost ? null : server.id,
      version: isLost || isForgotten ? null : (held?.version ?? null),
      applied: isLost ? null : [...server.applied].map(([id, upTo]) => [id, 1, upTo] as const),
      line: line + 1,
    };
  });
}

function pass(to: Server, from: Server, isWhole: boolean): void {
  for (const [id, upTo] of from.applied) {
    if (!isWhole && id !== from.id) continue;
    to.applied.set(id, Math.max(upTo, to.applied.get(id) ?? 0));
    to.clock = Math.max(to.clock, upTo);
  }
  for (const [key, entry] of from.store) {
    const held = to.store.get(key);
    const isLater = held === undefined || held.version[0] - entry.version[0] < 0;
    if ((isWhole || entry.version[1] === from.id) && isLater) to.store.set(key, entry);
  }
}

it('random runs and their exports get the same verdicts', () => {
  const random = createRandomStream(1, 'exports');
  const counts = new Map<string, number>();
  for (let run = 0; run < COUNT; run += 1) {
    const operations = play(random, 4 + randomBelow(random, 12));
    const own = judge({ operations, isTimed: true, transactions: 0 });
    const format = NAMES[run % NAMES.length] as string;
    if (!compare(operations, format, own)) continue;
    counts.set(format, (counts.get(format) ?? 0) + 1);
    for (const level of CLIENT_LEVELS) {
      const name = `${level} ${own.get(level)}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  for (const level of CLIENT_LEVELS) {
    for (const outcome of ['holds', 'broken']) {
      expect(counts.get(`${level} ${outcome}`), `${level} ${outcome}`).toBeGreaterThan(COUNT / 100);
    }
  }
  for (const name of ['jepsen-edn', 'jepsen-json', 'porcupine-kv', 'plume']) {
    expect(counts.get(name), name).toBeGreaterThan(COUNT / 20);
  }
});

it.each(sample(listShippedScripts(), 6))(
  'the run of $name and its exports do',
  async ({ path }) => {
    const { history } = await withHistory(simulate, readFileSync(path));
    const own = judge({ operations: history, isTimed: true, transactions: 0 });
    for (const format of NAMES) compare(history, format, own);
  },
);
