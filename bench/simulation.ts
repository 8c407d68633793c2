// How fast virtual time passes: messages delivered a second with the real protocol, against
// promises that do nothing; and how long a short script takes from the start of the program to its
// end.
import { spawn } from 'node:child_process';
import type { Json } from '../src/kernel/json.ts';
import { createRandomStream } from '../src/kernel/random.ts';
import type { TraceSink } from '../src/kernel/trace.ts';
import type { SimSetup } from '../src/sim/world.ts';
import { ended, ROOT, runBareNode } from './floors.ts';
import { interleave, ratePerCore, showTable } from './measure.ts';
import { createSimTestbed, linksOf, type Testbed } from './testbed.ts';

const ROUNDS = 11;
const OPERATIONS = 3_000;
const BARE_EVENTS = 500_000;
const SERVERS = [0, 1, 2, 3, 4];
const CLIENTS = [100, 101, 102, 103, 104];
const KEYS = 100;

/** How many of ten operations are puts; each is gossiped to four servers. */
type Load = 0 | 5;

/** Between two immediates Node drains all promises: the same separation as the simulation's. */
function runBareEvents(events: number): Promise<void> {
  let wake = (): void => undefined;
  let count = 0;
  const node = async (): Promise<void> => {
    for (;;) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      count += 1;
    }
  };
  void node();
  return new Promise((resolve) => {
    const runOne = (): void => wake();
    const fill = (): void => {
      if (count >= events) {
        resolve();
        return;
      }
      for (let index = 0; index < 64; index += 1) setImmediate(runOne);
      setImmediate(fill);
    };
    fill();
  });
}

/** Five servers, each linked to each, with a client each. */
async function assemble(setup: Partial<SimSetup>): Promise<Testbed> {
  const testbed = createSimTestbed('eager', { checkInvariants: false, ...setup });
  for (const id of SERVERS) await testbed.start(id, 'server');
  for (const [a, b] of linksOf('mesh', SERVERS.length)) await testbed.link(a, b);
  for (const [index, id] of CLIENTS.entries()) {
    await testbed.start(id, 'client');
    await testbed.link(id, index);
  }
  return testbed;
}

/** All clients at once, each its own operations in a row. */
async function work(testbed: Testbed, puts: Load): Promise<void> {
  await Promise.all(
    CLIENTS.map(async (id) => {
      const random = createRandomStream(id, 'bench');
      for (let count = 0; count < OPERATIONS; count += 1) {
        const key = `key${Math.floor(random() * KEYS)}`;
        const isPut = random() * 10 < puts;
        const params: Json = isPut ? { key, value: `value ${count}` } : { key };
        await testbed.ask(id, isPut ? 'put' : 'get', params);
      }
    }),
  );
}

/**
 * Messages that reach a node from another one: not the master's, not timers. The same seed delivers
 * the same ones, so they are counted once, outside of what is timed.
 */
async function countDeliveries(puts: Load): Promise<number> {
  let count = 0;
  const trace: TraceSink = (event) => {
    if (event.event === 'receive' && event.from !== 'master') count += 1;
  };
  const testbed = await assemble({ trace });
  count = 0;
  await work(testbed, puts);
  await testbed.stop();
  return count;
}

async function rateOf(puts: Load, count: number, checkInvariants: boolean): Promise<number> {
  const testbed = await assemble({ checkInvariants });
  const rate = await ratePerCore(count, () => work(testbed, puts));
  await testbed.stop();
  return rate;
}

async function measureDeliveries(): Promise<void> {
  const [reads, mixed] = [await countDeliveries(0), await countDeliveries(5)];
  const samples = await interleave(ROUNDS, {
    floor: () => ratePerCore(BARE_EVENTS, () => runBareEvents(BARE_EVENTS)),
    reads: () => rateOf(0, reads, false),
    mixed: () => rateOf(5, mixed, false),
    checkedReads: () => rateOf(0, reads, true),
    checked: () => rateOf(5, mixed, true),
  });
  const { floor } = samples;
  const aim = { floor, unit: '/s', least: 500_000, isAbsolute: true };
  showTable('bare promises', [
    { what: 'half puts, each gossiped to four', measured: samples.mixed, ...aim },
    { what: '  with invariants checked', measured: samples.checked, ...aim },
    { what: 'gets only', measured: samples.reads, ...aim },
    { what: '  with invariants checked', measured: samples.checkedReads, ...aim },
  ]);
}

const FIFTEEN_LINES = `joinServer 0
joinServer 1
joinServer 2
joinClient 3 0
joinClient 4 2
put 3 colour red
get 4 colour
breakConnection 0 2
put 3 colour green
get 4 colour
createConnection 0 2
stabilize
get 4 colour
printStore 0
printStore 2
`;

async function runShortScript(): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, ['master.js', '--sim'], {
    cwd: ROOT,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(FIFTEEN_LINES);
  await ended(child);
  return performance.now() - begun;
}

await measureDeliveries();
const short = await interleave(ROUNDS, { bare: runBareNode, script: runShortScript });
showTable('node -e 0', [
  {
    what: 'fifteen lines, --sim, whole',
    measured: short.script,
    floor: short.bare,
    unit: 'ms',
    most: 150,
    isAbsolute: true,
  },
]);
