// What puts and gets cost in the quorum protocol on real processes, by level and number of
// replicas, and what the hand-over of many hints costs.
import { measure, rowsOf } from './figures.ts';
import { startEcho } from './floors.ts';
import { type Row, showTable } from './measure.ts';
import { callsOf, startReplicated, VALUE } from './replicas.ts';
import { findProtocol, linksOf } from './testbed.ts';
import { Wire } from './wire.ts';

const CLIENT = 100;
const HINTS = 100_000;

async function measureLevels(servers: number, n: number): Promise<void> {
  const testbed = await startReplicated('quorum', servers, { n: String(n) });
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

for (const [servers, n] of [
  [3, 3],
  [5, 3],
  [5, 5],
] as const) {
  await measureLevels(servers, n);
}
await measureHandOver();
