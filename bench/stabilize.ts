// What converging costs: bytes over those of the entries that had to move, messages for each link
// of the graph, and time on real processes.
import type { NodeId } from '../src/kernel/ids.ts';
import type { TraceSink } from '../src/kernel/trace.ts';
import { type Call, measureP50, measureRate } from './calls.ts';
import { startEcho } from './floors.ts';
import { interleave, type Row, showTable } from './measure.ts';
import { Pair } from './pair.ts';
import { createProcessTestbed, createSimTestbed, linksOf, type Shape } from './testbed.ts';

const CLIENT = 100;
const SHAPES = ['mesh', 'line', 'star'] as const;
const COUNTS = [3, 5, 9, 16];

/** Bytes and milliseconds of rounds between two servers, against the moving entries alone. */
async function measureBytes(keys: number, repeats: number): Promise<void> {
  const pair = await Pair.create(keys);
  for (let warmUp = 0; warmUp < 50; warmUp += 1) {
    pair.diverge(1_000);
    await pair.converge();
  }
  const rows: Row[] = [];
  for (const differing of [10, 1_000, 100_000]) {
    const bytes: { sent: number[]; moving: number[] } = { sent: [], moving: [] };
    const { floor, round } = await interleave(repeats, {
      floor: () => {
        pair.diverge(differing);
        const begun = performance.now();
        const texts = pair.moving.map((entries) => JSON.stringify(entries));
        for (const text of texts) JSON.parse(text);
        const took = performance.now() - begun;
        bytes.moving.push(texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0));
        return took;
      },
      round: async () => {
        pair.wire.bytes = 0;
        const begun = performance.now();
        await pair.converge();
        const took = performance.now() - begun;
        bytes.sent.push(pair.wire.bytes);
        return took;
      },
    });
    const what = `${differing.toLocaleString('en-US')} of ${keys.toLocaleString('en-US')}`;
    const target = differing >= 1_000 ? { most: 1.05 } : {};
    const [measured, moving] = [bytes.sent, bytes.moving].map((counts) =>
      counts.map((count) => count / 1_000),
    ) as [number[], number[]];
    rows.push({ what: `bytes, ${what}`, measured, floor: moving, unit: 'kB', ...target });
    rows.push({ what: `time, ${what}`, measured: round, floor, unit: 'ms' });
  }
  showTable('the moving entries as JSON', rows);
}

/** Messages between servers in one round, where each server has written something. */
async function countMessages(shape: Shape, count: number, seed: number): Promise<number> {
  let messages = 0;
  const trace: TraceSink = (event) => {
    if (event.event === 'send' && event.to !== 'master') messages += 1;
  };
  const testbed = createSimTestbed('off', { seed, trace });
  for (let id = 0; id < count; id += 1) {
    await testbed.start(id, 'server');
    await testbed.start(CLIENT + id, 'client');
    await testbed.link(CLIENT + id, id);
    await testbed.operate(CLIENT + id, 'put', { key: `key${id}`, value: 'v' });
  }
  for (const [a, b] of linksOf(shape, count)) await testbed.link(a, b);
  messages = 0;
  const known = Array.from({ length: count }, (_, id) => id);
  await testbed.ask(0, 'stabilize', { round: 1, avoid: [], known, budgetMs: count * 1_000 });
  await testbed.stop();
  return messages;
}

async function measureMessages(): Promise<void> {
  const rows: Row[] = [];
  for (const shape of SHAPES) {
    for (const count of COUNTS) {
      const links = linksOf(shape, count).length;
      const samples = await interleave(9, { links: () => links, sent: nextSeed(shape, count) });
      const what = `${shape} of ${count}`;
      rows.push({ what, measured: samples.sent, floor: samples.links, unit: '' });
    }
  }
  showTable('links', rows);
}

function nextSeed(shape: Shape, count: number): () => Promise<number> {
  let seed = 0;
  return () => {
    seed += 1;
    return countMessages(shape, count, seed);
  };
}

const DIFFERING = 1_000;

/** Milliseconds of a round between real processes, against one hop of raw TCP. */
async function measureProcesses(shape: Shape, count: number): Promise<Row> {
  const testbed = createProcessTestbed('off', { server: count, client: 1 });
  const servers: NodeId[] = Array.from({ length: count }, (_, id) => id);
  await Promise.all([
    ...servers.map((id) => testbed.start(id, 'server')),
    testbed.start(CLIENT, 'client'),
  ]);
  await Promise.all(linksOf(shape, count).map(([a, b]) => testbed.link(a, b)));
  // A client of all servers: it chooses one for each put.
  await Promise.all(servers.map((id) => testbed.link(CLIENT, id)));
  const echo = await startEcho();
  let round = 0;
  const { hop, took } = await interleave(9, {
    hop: () => measureP50(echo.call, 200),
    took: async () => {
      round += 1;
      const put: Call = (key) =>
        testbed.operate(CLIENT, 'put', { key: `key${key}`, value: `value ${round}` });
      await measureRate(put, DIFFERING, 32);
      const order = { round, avoid: [], known: servers, budgetMs: count * 1_000 };
      const begun = performance.now();
      const { reached } = (await testbed.ask(0, 'stabilize', order)) as { reached: NodeId[] };
      const ms = performance.now() - begun;
      if (reached.length !== count) throw new Error(`${reached.length} of ${count} were reached`);
      return ms;
    },
  });
  await Promise.all([echo.stop(), testbed.stop()]);
  return { what: `${shape} of ${count}`, measured: took, floor: hop, unit: 'ms' };
}

await measureBytes(100_000, 7);
await measureBytes(1_000_000, 5);
await measureMessages();
const rows: Row[] = [];
for (const shape of SHAPES) {
  for (const count of COUNTS) rows.push(await measureProcesses(shape, count));
}
showTable('one hop of raw TCP', rows);
