// What a client notices of a join at keys that do not move, and what a move of many keys costs.
import { measureRate } from './calls.ts';
import { showTable } from './measure.ts';
import { CLIENTS, IN_FLIGHT, keyOf, type Subjects, startSharded, VALUE } from './shardedTestbed.ts';
import { findProtocol, linksOf } from './testbed.ts';
import { Wire } from './wire.ts';

const ROUNDS = 5;
const MOVING = 100_000;
const HELD = 20_000;

/** The longest time between two answers to puts and gets of keys, until the task is done. */
async function longestGapMs(
  { testbed }: Subjects,
  keys: readonly string[],
  task: () => Promise<void>,
): Promise<{ gap: number; ms: number }> {
  let isOver = false;
  let gap = 0;
  const begun = performance.now();
  const lane = async (key: string, index: number): Promise<void> => {
    const client = CLIENTS[index % CLIENTS.length] ?? 0;
    let last = performance.now();
    for (let count = 0; !isOver; count += 1) {
      if (count % 2 === 0) await testbed.operate(client, 'put', { key, value: VALUE });
      else await testbed.operate(client, 'get', { key });
      const now = performance.now();
      gap = Math.max(gap, now - last);
      last = now;
    }
  };
  const lanes = keys.map(lane);
  await task();
  const ms = performance.now() - begun;
  isOver = true;
  await Promise.all(lanes);
  return { gap, ms };
}

/** What a join does to keys that stay: as many of the others move as stay. */
export async function measureJoin(): Promise<void> {
  const subjects = await startSharded(2, { join: 'manual' });
  const { cluster } = subjects.testbed;
  await cluster.service.command('join', ['0']);
  let filled = 0;
  await measureRate(
    () => {
      filled += 1;
      const params = { key: `held${filled}`, value: VALUE };
      return subjects.testbed.operate(CLIENTS[filled % CLIENTS.length] ?? 0, 'put', params);
    },
    HELD,
    IN_FLIGHT,
  );
  const join = async (): Promise<void> => void (await cluster.service.command('join', ['1']));
  const leave = async (): Promise<void> => void (await cluster.service.command('leave', ['1']));
  await join();
  const staying: string[] = [];
  for (let count = 0; staying.length < CLIENTS.length; count += 1) {
    const [found] = await cluster.service.command('query', [keyOf(count)]);
    if (found === `${keyOf(count)}:0`) staying.push(keyOf(count));
  }
  await leave();
  const during: number[] = [];
  const without: number[] = [];
  const joins: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    const { gap, ms } = await longestGapMs(subjects, staying, join);
    await leave();
    const usual = await longestGapMs(subjects, staying, () => cluster.sleep(ms));
    if (round < 0) continue;
    joins.push(ms);
    during.push(gap);
    without.push(usual.gap);
  }
  showTable('in equal time without a join', [
    {
      what: 'longest gap at keys that stay, during a join',
      ...{ measured: during, floor: without, unit: 'ms', most: 2 },
    },
    {
      what: `  the join, of ${(HELD / 2).toLocaleString('en-US')} keys`,
      ...{ measured: joins, floor: without, unit: 'ms' },
    },
  ]);
  await subjects.testbed.stop();
}

/** Half of all keys go to the second server, which joins. */
export async function measureMove(): Promise<void> {
  const wire = new Wire(findProtocol('sharded'), { join: 'manual' }, { hasTimers: true });
  const servers = [0, 1];
  for (const id of servers) wire.join(id);
  for (const [a, b] of linksOf('mesh', servers.length)) await wire.link(a, b);
  await wire.order('join', ['0']);
  const entries = new Map<string, string>();
  for (let count = 1; count <= 2 * MOVING; count += 1) {
    const key = `key${String(count).padStart(6, '0')}`;
    const session = [CLIENTS[0] ?? 0, 1];
    const ordered = { number: 0, session, seq: count, attempt: 1, ended: count - 1 };
    const write = { ...ordered, kind: 'put', key, value: VALUE };
    await wire.tell(CLIENTS[0] ?? 0, 0, 'write', write);
    entries.set(key, JSON.stringify([key, VALUE, count, 0, 1]));
  }
  const held = setInterval(() => undefined, 1_000);
  wire.bytes = 0;
  const begun = performance.now();
  await wire.order('join', ['1']);
  const ms = performance.now() - begun;
  clearInterval(held);
  const { entries: moved } = (await wire.ask(1, 'printStore', {})) as {
    entries: [string, string][];
  };
  const texts = moved.map(([key]) => entries.get(key) ?? '');
  const bytes = texts.reduce((sum, text) => sum + text.length, 0);
  const parsing = performance.now();
  for (const text of texts) JSON.parse(text);
  const floorMs = performance.now() - parsing;
  const what = `${moved.length.toLocaleString('en-US')} keys moved`;
  showTable('the entries as JSON', [
    {
      what: `${what}, bytes`,
      ...{ measured: [wire.bytes / 1_000], floor: [bytes / 1_000], unit: 'kB', most: 1.1 },
    },
    { what: `${what}, time`, measured: [ms], floor: [floorMs], unit: 'ms' },
  ]);
}
