// A whole run of one script on real processes, from the start of the program to its end, against
// bare Node processes, against what the same processes and messages cost when nothing is in between
// (bare.js), and against another program for the same assignment, where there is one (peer.ts).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpuMsOf, ended, ROOT, runBareNode, runTenBareNodes } from './floors.ts';
import { interleave, showTable } from './measure.ts';
import { findPeer, runPeer } from './peer.ts';

const ROUNDS = 11;
const CPU_ROUNDS = 5;
const PEER_ROUNDS = 5;
const SERVERS = 5;

type Gossip = 'eager' | 'off';

/** Five servers, five clients, puts by each in turn, stabilize, five printStore. */
function writeScript(puts: number, gossip?: Gossip): string {
  const ids = Array.from({ length: SERVERS }, (_, id) => id);
  return [
    ...(gossip === undefined ? [] : [`protocol causal gossip=${gossip}`]),
    ...ids.map((id) => `joinServer ${id}`),
    ...ids.map((id) => `joinClient ${SERVERS + id} ${id}`),
    ...Array.from(
      { length: puts },
      (_, count) => `put ${SERVERS + (count % SERVERS)} key${count} value${count}`,
    ),
    'stabilize',
    ...ids.map((id) => `printStore ${id}`),
    '',
  ].join('\n');
}

interface Variant {
  readonly gossip?: Gossip;
  readonly program?: 'master.js' | 'bench/bare.js';
  readonly words?: readonly string[];
}

/** Milliseconds. Throws unless all five servers print all that was put. */
async function runScript(
  puts: number,
  { gossip = 'eager', program = 'master.js', words = [] }: Variant = {},
): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [program, ...words], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let lines = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines += 1;
  });
  child.stdin.end(writeScript(puts, gossip));
  await ended(child);
  const took = performance.now() - begun;
  if (lines !== SERVERS * puts) throw new Error(`${lines} lines instead of ${SERVERS * puts}`);
  return took;
}

/** The same script by processes that do nothing but pass it on. */
const runBare = (puts: number): Promise<number> => runScript(puts, { program: 'bench/bare.js' });

/** Processor time of all processes together: what a busy machine does not distort so much. */
async function measureCpu(): Promise<void> {
  const cpu = await interleave(CPU_ROUNDS, {
    ten: () => cpuMsOf(runTenBareNodes),
    bareLong: () => cpuMsOf(() => runBare(1_000)),
    bareShort: () => cpuMsOf(() => runBare(40)),
    long: () => cpuMsOf(() => runScript(1_000)),
    silent: () => cpuMsOf(() => runScript(1_000, { gossip: 'off' })),
    short: () => cpuMsOf(() => runScript(40)),
    none: () => cpuMsOf(() => runScript(0)),
  });
  const { ten, long, silent, short, none } = cpu;
  showTable('ten node -e 0', [
    { what: '1,000 puts, processor time', measured: long, floor: ten, unit: 'ms' },
    { what: '1,000 puts, gossip=off', measured: silent, floor: ten, unit: 'ms' },
    { what: '40 puts, processor time', measured: short, floor: ten, unit: 'ms' },
    { what: 'no put', measured: none, floor: ten, unit: 'ms' },
    { what: '1,000 puts, bare', measured: cpu.bareLong, floor: ten, unit: 'ms' },
    { what: '40 puts, bare', measured: cpu.bareShort, floor: ten, unit: 'ms' },
  ]);
  showTable('the same shape, bare', [
    { what: '1,000 puts, processor time', measured: long, floor: cpu.bareLong, unit: 'ms' },
    { what: '40 puts, processor time', measured: short, floor: cpu.bareShort, unit: 'ms' },
  ]);
}

const samples = await interleave(ROUNDS, {
  bare: runBareNode,
  ten: runTenBareNodes,
  none: () => runScript(0),
  long: () => runScript(1_000),
  short: () => runScript(40),
  bareLong: () => runBare(1_000),
  bareShort: () => runBare(40),
  longSim: () => runScript(1_000, { words: ['--sim'] }),
});
const { bare, ten, none, long, short, bareLong, bareShort, longSim } = samples;

showTable('ten node -e 0 at once', [
  { what: '1,000 puts', measured: long, floor: ten, unit: 'ms' },
  { what: '40 puts', measured: short, floor: ten, unit: 'ms' },
  { what: 'no put', measured: none, floor: ten, unit: 'ms', most: 2.3 },
]);
showTable('node -e 0', [
  { what: '1,000 puts', measured: long, floor: bare, unit: 'ms' },
  { what: '40 puts', measured: short, floor: bare, unit: 'ms' },
  { what: '1,000 puts, --sim', measured: longSim, floor: bare, unit: 'ms' },
]);
showTable('the same shape, bare', [
  { what: '1,000 puts', measured: long, floor: bareLong, unit: 'ms' },
  { what: '40 puts', measured: short, floor: bareShort, unit: 'ms' },
]);
if (existsSync('/proc/self/stat')) await measureCpu();
const peer = findPeer();
if (peer === undefined) process.stdout.write('no other program: PEER names no folder with one\n');
else await compareWith(peer);

/**
 * The other program in the same rounds. It may spend most of its time waiting for its processes to
 * start, so what the puts alone take is a row of its own.
 */
async function compareWith(folder: string): Promise<void> {
  let [lost, expected] = [0, 0];
  const runTheirs = async (puts: number): Promise<number> => {
    const { tookMs, entries } = await runPeer(folder, writeScript(puts));
    expected += SERVERS * puts;
    lost += SERVERS * puts - entries;
    return tookMs;
  };
  const { ours, theirs, oursNone, theirsNone, oursShort, theirsShort } = await interleave(
    PEER_ROUNDS,
    {
      ours: () => runScript(1_000),
      theirs: () => runTheirs(1_000),
      oursShort: () => runScript(40),
      theirsShort: () => runTheirs(40),
      oursNone: () => runScript(0),
      theirsNone: () => runTheirs(0),
    },
  );
  const less = (some: readonly number[], none: readonly number[]): number[] =>
    some.map((ms, round) => ms - (none[round] ?? 0));
  const [puts, theirPuts] = [less(ours, oursNone), less(theirs, theirsNone)];
  showTable('the other program', [
    { what: '1,000 puts', measured: ours, floor: theirs, unit: 'ms', most: 1 },
    { what: '40 puts', measured: oursShort, floor: theirsShort, unit: 'ms', most: 1 },
    { what: 'no put', measured: oursNone, floor: theirsNone, unit: 'ms', most: 1 },
    { what: '1,000 puts, less no put', measured: puts, floor: theirPuts, unit: 'ms', most: 1 },
  ]);
  process.stdout.write(`The other program has lost ${lost} of ${expected} entries of stores.\n`);
}
