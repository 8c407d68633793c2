// What a put and a get cost in chain replication on real processes, with one, three and five
// servers, beside one hop of raw TCP; and how long a key is without service after one server of its
// chain dies, beside an ordinary put.
import type { ProcessCluster } from '../src/processes/processCluster.ts';
import { type Call, measureP50, measureRate } from './calls.ts';
import { startEcho } from './floors.ts';
import { interleave, type Row, type Subject, showTable } from './measure.ts';
import { findProtocol, startProtocol, type Testbed } from './testbed.ts';

const ROUNDS = 5;
const CALLS_IN_A_ROW = 200;
const CALLS_AT_ONCE = 2_000;
const IN_FLIGHT = 32;
const CLIENT = 100;
const MICROSECONDS = 1_000;
const WARM_UP_CALLS = 2_000;
const CRASHES = 5;

/** With five servers its chain is 1, 3, 0 (inputs/chain/placement.txt). */
const KEY = 'banana';
const MEMBERS = { head: 1, middle: 3, tail: 0 } as const;
/** Where the client asks: in no chain of that key. */
const BYSTANDER = 4;

/** So many servers, each with its places in the chains, and a client at `server`. */
function startChainTestbed(
  servers: number,
  reads: 'tail' | 'any',
  server: number,
): Promise<Testbed<ProcessCluster>> {
  const links = { clients: [CLIENT], reached: [server] };
  return startProtocol({ protocol: findProtocol('chain'), options: { reads }, servers, ...links });
}

const putOf = (testbed: Testbed): Call => {
  return (count) => testbed.operate(CLIENT, 'put', { key: `key${count % 100}`, value: `${count}` });
};
const getOf = (testbed: Testbed): Call => {
  return (count) => testbed.operate(CLIENT, 'get', { key: `key${count % 100}` });
};

async function measureCalls(servers: number, reads: 'tail' | 'any'): Promise<void> {
  const testbed = await startChainTestbed(servers, reads, 0);
  const echo = await startEcho();
  const [put, get] = [putOf(testbed), getOf(testbed)];
  const p50 = (call: Call): Subject => {
    return async () => (await measureP50(call, CALLS_IN_A_ROW)) * MICROSECONDS;
  };
  const rate =
    (call: Call): Subject =>
    () =>
      measureRate(call, CALLS_AT_ONCE, IN_FLIGHT);
  for (const call of [put, get, echo.call]) await measureRate(call, WARM_UP_CALLS, IN_FLIGHT);
  const { hop, hops, ...taken } = await interleave(ROUNDS, {
    hop: p50(echo.call),
    hops: rate(echo.call),
    put: p50(put),
    get: p50(get),
    puts: rate(put),
    gets: rate(get),
  });
  const name = `${servers} server${servers === 1 ? '' : 's'}, reads=${reads}`;
  const rows: Row[] = [
    { what: `put, p50, ${name}`, measured: taken.put, floor: hop, unit: 'us' },
    { what: 'get, p50', measured: taken.get, floor: hop, unit: 'us' },
    {
      what: `puts a second, ${IN_FLIGHT} in flight`,
      measured: taken.puts,
      floor: hops,
      unit: '/s',
    },
    { what: 'gets a second', measured: taken.gets, floor: hops, unit: '/s' },
  ];
  showTable('one hop of raw TCP', rows);
  await echo.stop();
  await testbed.stop();
}

/** From the order to kill until the next put of the chain's key is answered, in milliseconds. */
async function measureCrash(member: number): Promise<{ without: number; ordinary: number }> {
  const testbed = await startChainTestbed(5, 'tail', BYSTANDER);
  const put = (): Promise<void> => testbed.operate(CLIENT, 'put', { key: KEY, value: 'yellow' });
  for (let count = 0; count < 50; count += 1) await put();
  const begun = performance.now();
  await put();
  const ordinary = performance.now() - begun;
  const killed = performance.now();
  await testbed.cluster.kill(member);
  await put();
  const without = performance.now() - killed;
  await testbed.stop();
  return { without, ordinary };
}

for (const servers of [1, 3, 5]) await measureCalls(servers, 'tail');
await measureCalls(5, 'any');
const rows: Row[] = [];
for (const [role, member] of Object.entries(MEMBERS)) {
  const taken = [];
  for (let count = 0; count < CRASHES; count += 1) taken.push(await measureCrash(member));
  rows.push({
    what: `without service after the ${role} is killed`,
    measured: taken.map(({ without }) => without),
    floor: taken.map(({ ordinary }) => ordinary),
    unit: 'ms',
  });
}
showTable('an ordinary put', rows);
