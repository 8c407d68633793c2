// What the sharded protocol costs on real processes: puts and gets by the number of groups, and by
// the way in which clients find the server; what a client notices of a join at keys that do not
// move; and what a move of many keys costs.
import { readFileSync } from 'node:fs';
import { type Call, measureRate } from './calls.ts';
import { interleave, quantile, type Row, type Subject, showTable } from './measure.ts';
import { IN_FLIGHT, KEYS, type Subjects, startSharded } from './shardedTestbed.ts';
import { measureJoin, measureMove } from './shardMoves.ts';

const ROUNDS = 5;
const AT_ONCE = 4_000;
/** For each server. */
const WARM_UP = 4_000;
const IN_A_ROW = 200;

/** What a process has had of the processors, in seconds. Linux only. */
function cpuSecondsOf(pid: number): number {
  const [ran] = readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ');
  return Number(ran) / 1e9;
}

interface Rates {
  /** Calls a second. */
  readonly measured: number[];
  /** Calls by a second of processor time of the server that had most of it. */
  readonly possible: number[];
  /** Likewise, of this process, which calls the clients and hosts the shard master. */
  readonly master: number[];
  /** Questions to the shard master by call. */
  readonly questions: number[];
}

/** Calls a second; and those that the busiest server would allow if each had a core of its own. */
function measureRates(
  { testbed, servers, inFlight, asked }: Subjects,
  call: Call,
  rates: Rates,
): Subject {
  return async () => {
    const pids = testbed.pids.slice(0, servers);
    const before = pids.map(cpuSecondsOf);
    const askedBefore = asked();
    const { user, system } = process.cpuUsage();
    const rate = await measureRate(call, AT_ONCE, inFlight);
    const own = process.cpuUsage({ user, system });
    const busiest = Math.max(...pids.map((pid, at) => cpuSecondsOf(pid) - (before[at] ?? 0)));
    rates.questions.push((asked() - askedBefore) / AT_ONCE);
    rates.measured.push(rate);
    rates.possible.push(AT_ONCE / busiest);
    rates.master.push(AT_ONCE / ((own.user + own.system) / 1e6));
    return rate;
  };
}

/** Groups of so many servers each, beside one server. */
async function measureGroups(size: number, counts: readonly number[]): Promise<void> {
  const subjects = [await startSharded(1, {})];
  for (const count of counts) {
    subjects.push(await startSharded(count * size, { groups: String(count) }));
  }
  // Every server has to run compiled code, also one that gets a share of the calls only.
  for (const one of subjects) {
    await measureRate(one.put, one.servers * WARM_UP, one.inFlight);
    await measureRate(one.get, one.servers * WARM_UP, one.inFlight);
  }
  for (const kind of ['put', 'get'] as const) {
    const rates = subjects.map(
      (): Rates => ({ measured: [], possible: [], master: [], questions: [] }),
    );
    const tasks = subjects.map((one, at) => {
      return [String(at), measureRates(one, one[kind], rates[at] as Rates)] as const;
    });
    await interleave(ROUNDS, Object.fromEntries(tasks));
    const [floor, ...others] = rates.map(withoutFirst);
    if (floor === undefined) continue;
    const rows = others.flatMap((taken, at) => {
      return rowsOf(`${kind}s a second, groups of ${size}: ${counts[at]}`, taken, floor);
    });
    showTable('one server', rows);
  }
  for (const { testbed } of subjects) await testbed.stop();
}

/** The first round is not counted. */
function withoutFirst({ measured, possible, master, questions }: Rates): Rates {
  return {
    ...{ measured: measured.slice(1), possible: possible.slice(1) },
    ...{ master: master.slice(1), questions: questions.slice(1) },
  };
}

function rowsOf(what: string, taken: Rates, floor: Rates): Row[] {
  const asks = taken.questions.some((count) => count > 0);
  const rows: Row[] = [
    { what, measured: taken.measured, floor: floor.measured, unit: '/s' },
    {
      what: '  by processor time of the busiest server',
      ...{ measured: taken.possible, floor: floor.possible, unit: '/s' },
    },
    {
      what: '  by that of the master, with the shard master',
      ...{ measured: taken.master, floor: floor.master, unit: '/s' },
    },
    {
      what: '  questions to the shard master',
      ...{ measured: taken.questions, floor: floor.questions, unit: 'a call' },
    },
  ];
  return asks ? rows : rows.slice(0, 3);
}

/** Clients that ask the shard master before each try, beside clients that keep what it said. */
async function measureCaching(): Promise<void> {
  const kept = await startSharded(4, { groups: '2', cache: 'on' });
  const asking = await startSharded(4, { groups: '2', cache: 'off' });
  const rows: Row[] = [];
  for (const kind of ['put', 'get'] as const) {
    for (const one of [kept, asking]) await measureRate(one.put, KEYS, IN_FLIGHT);
    const rate = (one: Subjects) => () => measureRate(one[kind], AT_ONCE, IN_FLIGHT);
    const time = (one: Subjects) => () => measureP50(one[kind]);
    const taken = await interleave(ROUNDS, {
      ...{ keptRate: rate(kept), askingRate: rate(asking) },
      ...{ keptTime: time(kept), askingTime: time(asking) },
    });
    const { keptRate, askingRate, keptTime, askingTime } = taken;
    const what = `${kind}s a second, ${IN_FLIGHT} in flight, cache=off`;
    rows.push({ what, measured: askingRate, floor: keptRate, unit: '/s' });
    rows.push({
      what: '  p50, one at a time',
      ...{ measured: askingTime, floor: keptTime, unit: 'us' },
    });
  }
  showTable('cache=on', rows);
  for (const { testbed } of [kept, asking]) await testbed.stop();
}

async function measureP50(call: Call): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < IN_A_ROW; count += 1) {
    const begun = performance.now();
    await call(count);
    times.push((performance.now() - begun) * 1_000);
  }
  return quantile(times, 0.5);
}

await measureMove();
await measureJoin();
await measureCaching();
await measureGroups(1, [2, 4]);
await measureGroups(2, [1]);
