// What a put and a get cost on real processes, through the master, a client and a server, against
// one hop of raw TCP between two processes, and against three processes in a row that do nothing.
import { type Call, measureP50, measureRate } from './calls.ts';
import { startChain, startEcho } from './floors.ts';
import { interleave, showTable } from './measure.ts';
import { createProcessTestbed, linksOf, type ProcessTestbed } from './testbed.ts';

const ROUNDS = 15;
const CALLS_IN_A_ROW = 300;
const CALLS_AT_ONCE = 3_000;
const IN_FLIGHT = 32;
const CLIENT = 100;
const MICROSECONDS = 1_000;
/** Until the code of all processes has been compiled for speed. */
const WARM_UP_CALLS = 5_000;

const p50 = async (call: Call): Promise<number> =>
  (await measureP50(call, CALLS_IN_A_ROW)) * MICROSECONDS;

const rate = (call: Call, calls = CALLS_AT_ONCE): Promise<number> =>
  measureRate(call, calls, IN_FLIGHT);

async function startTestbed(servers: number): Promise<ProcessTestbed> {
  const testbed = createProcessTestbed('eager', { server: servers, client: 1 });
  for (let id = 0; id < servers; id += 1) await testbed.start(id, 'server');
  await Promise.all(linksOf('mesh', servers).map(([a, b]) => testbed.link(a, b)));
  await testbed.start(CLIENT, 'client');
  await testbed.link(CLIENT, 0);
  return testbed;
}

function callsOf(testbed: ProcessTestbed): { put: Call; get: Call; line: Call } {
  const keyOf = (count: number): string => `key${count % 100}`;
  const put: Call = (count) =>
    testbed.operate(CLIENT, 'put', { key: keyOf(count), value: `value ${count}` });
  return {
    put,
    get: (count) => testbed.operate(CLIENT, 'get', { key: keyOf(count) }),
    // As a line of a script does it: the next one waits until the gossip has been answered.
    line: async (count) => {
      await put(count);
      await testbed.ask(0, 'settle', {});
    },
  };
}

async function measureOneServer(): Promise<void> {
  const [echo, chain, testbed] = await Promise.all([startEcho(), startChain(), startTestbed(1)]);
  const { put, get } = callsOf(testbed);
  await rate(put, WARM_UP_CALLS);
  const single = await interleave(ROUNDS, {
    floor: () => p50(echo.call),
    put: () => p50(put),
    chain: () => p50(chain.call),
    get: () => p50(get),
  });
  const many = await interleave(ROUNDS, {
    floor: () => rate(echo.call),
    put: () => rate(put),
    chain: () => rate(chain.call),
    get: () => rate(get),
  });
  const p50s = { floor: single.floor, unit: 'us', most: 3 };
  const rates = { floor: many.floor, unit: '/s', least: 0.25 };
  showTable('one hop of raw TCP', [
    { what: 'put, p50', measured: single.put, ...p50s },
    { what: 'get, p50', measured: single.get, ...p50s },
    { what: 'put, 32 in flight', measured: many.put, ...rates },
    { what: 'get, 32 in flight', measured: many.get, ...rates },
  ]);
  showTable('three bare processes', [
    { what: 'put, p50', measured: single.put, floor: single.chain, unit: 'us' },
    { what: 'get, p50', measured: single.get, floor: single.chain, unit: 'us' },
    { what: 'put, 32 in flight', measured: many.put, floor: many.chain, unit: '/s' },
    { what: 'get, 32 in flight', measured: many.get, floor: many.chain, unit: '/s' },
  ]);
  await Promise.all([echo.stop(), chain.stop(), testbed.stop()]);
}

/** Five servers, each of which hears of every put; and a script's line, which waits for that. */
async function measureFiveServers(): Promise<void> {
  const [echo, testbed] = await Promise.all([startEcho(), startTestbed(5)]);
  const { put, line } = callsOf(testbed);
  await rate(put, WARM_UP_CALLS);
  const { floor, ...measured } = await interleave(ROUNDS, {
    floor: () => p50(echo.call),
    put: () => p50(put),
    line: () => p50(line),
  });
  showTable('one hop of raw TCP', [
    { what: 'put with gossip to four, p50', measured: measured.put, floor, unit: 'us' },
    { what: 'put, until the four have it, p50', measured: measured.line, floor, unit: 'us' },
  ]);
  await Promise.all([echo.stop(), testbed.stop()]);
}

await measureOneServer();
await measureFiveServers();
