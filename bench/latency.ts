// What a put and a get cost on real processes, through the master, a client and a server, against
// one hop of raw TCP between two processes, and against three processes in a row that do nothing.
import { type Call, measureP50, measureRate } from './calls.ts';
import { createProcessCast, linksOf, type ProcessCast } from './cast.ts';
import { startChain, startEcho } from './floors.ts';
import { interleave, showTable } from './measure.ts';

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

async function startCast(servers: number): Promise<ProcessCast> {
  const cast = createProcessCast('eager', { server: servers, client: 1 });
  for (let id = 0; id < servers; id += 1) await cast.start(id, 'server');
  await Promise.all(linksOf('mesh', servers).map(([a, b]) => cast.link(a, b)));
  await cast.start(CLIENT, 'client');
  await cast.link(CLIENT, 0);
  return cast;
}

function callsOf(cast: ProcessCast): { put: Call; get: Call; line: Call } {
  const keyOf = (count: number): string => `key${count % 100}`;
  const put: Call = (count) =>
    cast.operate(CLIENT, 'put', { key: keyOf(count), value: `value ${count}` });
  return {
    put,
    get: (count) => cast.operate(CLIENT, 'get', { key: keyOf(count) }),
    // As a line of a script does it: the next one waits until the gossip has been answered.
    line: async (count) => {
      await put(count);
      await cast.ask(0, 'settle', {});
    },
  };
}

async function measureOneServer(): Promise<void> {
  const [echo, chain, cast] = await Promise.all([startEcho(), startChain(), startCast(1)]);
  const { put, get } = callsOf(cast);
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
  await Promise.all([echo.stop(), chain.stop(), cast.stop()]);
}

/** Five servers, each of which hears of every put; and a script's line, which waits for that. */
async function measureFiveServers(): Promise<void> {
  const [echo, cast] = await Promise.all([startEcho(), startCast(5)]);
  const { put, line } = callsOf(cast);
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
  await Promise.all([echo.stop(), cast.stop()]);
}

await measureOneServer();
await measureFiveServers();
