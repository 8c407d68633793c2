// What puts and gets cost in the quorum protocol on real processes: by level and number of
// replicas, in memory; with logs beside a cluster of etcd and a chain of three; and what the
// hand-over of many hints costs.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Options } from '../src/kernel/protocol.ts';
import type { ProcessCluster } from '../src/processes/processCluster.ts';
import { type Call, measureRate } from './calls.ts';
import { startEtcd } from './etcd.ts';
import { startEcho } from './floors.ts';
import { interleave, quantile, type Row, showTable } from './measure.ts';
import { findProtocol, linksOf, startProtocol, type Testbed } from './testbed.ts';
import { Wire } from './wire.ts';

const ROUNDS = 5;
const IN_A_ROW = 200;
const AT_ONCE = 2_000;
const IN_FLIGHT = 32;
const WARM_UP = 2_000;
const CLIENT = 100;
const KEYS = 100;
const HINTS = 100_000;
const VALUE = 'v'.repeat(100);
const MICROSECONDS = 1_000;

function startTestbed(
  name: 'quorum' | 'chain',
  servers: number,
  options: Options,
  folder?: string,
): Promise<Testbed<ProcessCluster>> {
  const links = { clients: [CLIENT], reached: [0] };
  const protocol = findProtocol(name);
  return startProtocol({ protocol, servers, options, ...links, ...(folder && { folder }) });
}

const keyOf = (count: number): string => `key${count % KEYS}`;

interface Calls {
  readonly put: Call;
  readonly get: Call;
}

function callsOf(testbed: Testbed, modifiers: readonly string[] = []): Calls {
  const operate = (method: 'put' | 'get', params: { key: string; value?: string }) =>
    testbed.operate(CLIENT, method, {
      ...params,
      ...(modifiers.length > 0 && { modifiers: [...modifiers] }),
    });
  return {
    put: (count) => operate('put', { key: keyOf(count), value: VALUE }),
    get: (count) => operate('get', { key: keyOf(count) }),
  };
}

/** The middle of many calls, and what only one in a hundred exceeds, in microseconds. */
async function measureTimes(call: Call): Promise<{ p50: number; p99: number }> {
  const times: number[] = [];
  for (let count = 0; count < IN_A_ROW; count += 1) {
    const begun = performance.now();
    await call(count);
    times.push((performance.now() - begun) * MICROSECONDS);
  }
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** By name of a subject, the rounds' figures of its puts and gets. */
interface Figures {
  readonly rates: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

async function measure<N extends string>(calls: { readonly [name in N]: Call }) {
  for (const call of Object.values<Call>(calls)) await measureRate(call, WARM_UP, IN_FLIGHT);
  const names = Object.keys(calls) as N[];
  const times = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [name in N]: { p50: number; p99: number }[];
  };
  const rates = await interleave(
    ROUNDS,
    Object.fromEntries(
      names.map((name) => [
        name,
        async () => {
          times[name].push(await measureTimes(calls[name]));
          return measureRate(calls[name], AT_ONCE, IN_FLIGHT);
        },
      ]),
    ) as { readonly [name in N]: () => Promise<number> },
  );
  const figures = names.map((name) => {
    const counted = times[name].slice(1);
    const figure: Figures = {
      rates: rates[name],
      p50: counted.map(({ p50 }) => p50),
      p99: counted.map(({ p99 }) => p99),
    };
    return [name, figure] as const;
  });
  return Object.fromEntries(figures) as unknown as { readonly [name in N]: Figures };
}

function rowsOf(what: string, figures: Figures, floor: Figures, least?: number): Row[] {
  const goal = least === undefined ? {} : { least };
  return [
    {
      what: `${what}, a second, ${IN_FLIGHT} in flight`,
      measured: figures.rates,
      floor: floor.rates,
      unit: '/s',
      ...goal,
    },
    { what: '  p50, one at a time', measured: figures.p50, floor: floor.p50, unit: 'us' },
    { what: '  p99', measured: figures.p99, floor: floor.p99, unit: 'us' },
  ];
}

async function measureLevels(servers: number, n: number): Promise<void> {
  const testbed = await startTestbed('quorum', servers, { n: String(n) });
  const echo = await startEcho();
  const rows: Row[] = [];
  for (const level of ['one', 'quorum', 'all']) {
    const { put, get, hop } = await measure({ hop: echo.call, ...callsOf(testbed, [level]) });
    rows.push(...rowsOf(`puts, n=${n} of ${servers}, ${level}`, put, hop));
    rows.push(...rowsOf(`gets, n=${n} of ${servers}, ${level}`, get, hop));
  }
  showTable('one hop of raw TCP', rows);
  await echo.stop();
  await testbed.stop();
}

/** All on the same disk: three servers with logs, three of a chain, and three of etcd. */
async function measureBesidePeer(folder: string): Promise<void> {
  const quorum = await startTestbed('quorum', 3, { storage: 'log' }, join(folder, 'quorum'));
  const chain = await startTestbed('chain', 3, { storage: 'log' }, join(folder, 'chain'));
  const etcd = await startEtcd(folder);
  if (etcd === undefined) {
    process.stdout.write('etcd is not installed (Debian: etcd-server): the table needs it\n\n');
  } else {
    const taken = await measure({
      etcdPut: (count) => etcd.put(keyOf(count), VALUE),
      etcdGet: (count) => etcd.get(keyOf(count)),
      quorumPut: callsOf(quorum).put,
      quorumGet: callsOf(quorum).get,
      chainPut: callsOf(chain).put,
      chainGet: callsOf(chain).get,
    });
    showTable('etcd', [
      ...rowsOf('durable puts, quorum', taken.quorumPut, taken.etcdPut, 1),
      ...rowsOf('gets, quorum', taken.quorumGet, taken.etcdGet),
      ...rowsOf('durable puts, chain', taken.chainPut, taken.etcdPut),
      ...rowsOf('gets, chain', taken.chainGet, taken.etcdGet),
    ]);
    await etcd.stop();
  }
  await chain.stop();
  await quorum.stop();
}

/** Server 0 keeps hints for server 2, which has failed; then it hands them over. */
async function measureHandOver(): Promise<void> {
  const wire = new Wire(findProtocol('quorum'), { read: 'one', write: 'one', repair: 'hints' });
  const servers = [0, 1, 2];
  for (const id of servers) wire.join(id);
  for (const [a, b] of linksOf('mesh', servers.length)) await wire.link(a, b);
  for (const id of servers) await wire.ask(id, 'settle', {});
  await wire.ask(2, 'fail', {});
  const entries: string[] = [];
  for (let count = 0; count < HINTS; count += 1) {
    const key = `key${String(count).padStart(6, '0')}`;
    const session = [CLIENT, 1];
    const put = { session, seq: count, key, value: VALUE, context: null, level: null, clock: 0 };
    await wire.tell(CLIENT, 0, 'put', put);
    entries.push(JSON.stringify([key, VALUE, count + 1, 0, 1]));
  }
  await wire.ask(2, 'recover', {});
  wire.bytes = 0;
  const begun = performance.now();
  await wire.ask(0, 'command', { name: 'transfer', args: [] });
  const ms = performance.now() - begun;
  const moving = entries.reduce((sum, entry) => sum + entry.length, 0);
  const parsing = performance.now();
  for (const entry of entries) JSON.parse(entry);
  const floorMs = performance.now() - parsing;
  const what = `${HINTS.toLocaleString('en-US')} hints handed over`;
  showTable('the entries as JSON', [
    {
      what: `${what}, bytes`,
      measured: [wire.bytes / 1_000],
      floor: [moving / 1_000],
      unit: 'kB',
      most: 1.1,
    },
    { what: `${what}, time`, measured: [ms], floor: [floorMs], unit: 'ms' },
  ]);
}

const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-quorum-'));
try {
  for (const [servers, n] of [
    [3, 3],
    [5, 3],
    [5, 5],
  ] as const) {
    await measureLevels(servers, n);
  }
  await measureHandOver();
  await measureBesidePeer(folder);
} finally {
  rmSync(folder, { recursive: true });
}
