// A whole run of one script on real processes, from the start of the program to its end, against
// bare Node processes here and against what other implementations of the same assignment took
// elsewhere; and what the same processes and messages cost when nothing is in between (bare.js).
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpuMsOf, ended, ROOT, runBareNode, runTenBareNodes } from './floors.ts';
import { interleave, median, type Row, show, showTable } from './measure.ts';

const ROUNDS = 11;
const CPU_ROUNDS = 5;
const SERVERS = 5;

/** Published: whole runs on another machine of this size, on which `node -e 0` takes 45 ms. */
const REFERENCE_BARE_MS = 45;
const REFERENCES = [
  { what: 'Go, 1,000 puts', puts: 1_000, tookMs: 670 },
  { what: 'Go, 40 puts', puts: 40, tookMs: 340 },
  { what: 'Python, 1,000 puts', puts: 1_000, tookMs: 11_900 },
] as const;

type Gossip = 'eager' | 'off';

/** Five servers, five clients, puts by each in turn, stabilize, five printStore. */
function writeScript(puts: number, gossip: Gossip): string {
  const ids = Array.from({ length: SERVERS }, (_, id) => id);
  return [
    `protocol causal gossip=${gossip}`,
    ...ids.map((id) => `joinServer ${id}`),
    ...ids.map((id) => `joinClient ${SERVERS + id} ${id}`),
    ...Array.from(
      { length: puts },
      (_, count) => `put ${SERVERS + (count % SERVERS)} key${count} value ${count}`,
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

/** What we took over what they did, as if their machine were this one. */
function againstReferences(who: string, long: readonly number[], short: readonly number[]): Row[] {
  return REFERENCES.map(({ what, puts, tookMs }) => ({
    what: `against ${what}${who}`,
    measured: puts === 40 ? short : long,
    floor: bare.map((ms) => (tookMs * ms) / REFERENCE_BARE_MS),
    unit: 'ms',
    most: 1,
  }));
}

const samples = await interleave(ROUNDS, {
  bare: runBareNode,
  ten: runTenBareNodes,
  long: () => runScript(1_000),
  short: () => runScript(40),
  bareLong: () => runBare(1_000),
  bareShort: () => runBare(40),
  longSim: () => runScript(1_000, { words: ['--sim'] }),
});
const { bare, ten, long, short, bareLong, bareShort, longSim } = samples;

showTable('ten node -e 0 at once', [
  { what: '1,000 puts', measured: long, floor: ten, unit: 'ms' },
  { what: '40 puts', measured: short, floor: ten, unit: 'ms' },
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
showTable('theirs, scaled', [
  ...againstReferences('', long, short),
  ...againstReferences(', the bare shape', bareLong, bareShort),
]);
if (existsSync('/proc/self/stat')) await measureCpu();

const published = REFERENCES.map(({ what, tookMs }) => `${what}: ${tookMs} ms`).join('; ');
const [here, there] = [`${show(median(bare))} ms`, `${REFERENCE_BARE_MS} ms`];
process.stdout.write(
  `Published, on another machine of this size: ${published}.\n` +
    `Scaled: times node -e 0 here (${here}) over there (${there}).\n`,
);
