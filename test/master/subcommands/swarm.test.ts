// `swarm`, `fuzz` and `replay` from their arguments to their exit status, with real processes that
// do the work.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { drawTestCase } from '../../../src/fuzz/draw.ts';
import type { Protocol } from '../../../src/kernel/protocol.ts';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { spreadSeeds } from '../../../src/master/subcommands/swarmWorkers.ts';
import { findBundles } from '../../../src/processes/nodeProcess.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { extent } from '../../support/extent.ts';
import { findProcesses } from '../../support/processTree.ts';
import { Collector, createInput } from '../../support/streams.ts';
import { plain } from '../../support/tinyProtocols.ts';
import { simulateWords } from './programs.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-swarm-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As the command line of a process has it. */
const WORKER = `${findBundles()}/swarmWorker.cjs`;

const [causal] = PROTOCOLS;
if (causal === undefined) throw new Error('there is a protocol');

async function run(
  ...words: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const surroundings = { words, protocols: PROTOCOLS, stdin: createInput(''), stdout, stderr };
  const status = await runProgram({ ...surroundings, interruption });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Two processes that get a seed at a time. */
const ENDLESS = { protocol: causal, from: 1, seeds: 1_000_000, jobs: 2, batchSeeds: 1 };

describe('swarm', () => {
  test('tries every seed once, however many processes there are, and counts', async () => {
    const seeds = extent({ full: 6, quick: 2 });
    const words = ['swarm', '--seeds', `${seeds}`, '--from', '100', '--jobs'];
    const one = await run(...words, '1');
    const three = await run(...words, '3');
    expect(three).toEqual(one);
    expect([one.status, one.stderr]).toEqual([0, '']);
    expect(one.stdout).toMatch(/^ +[0-9]+ {2}command put$/m);
    expect(one.stdout).toMatch(/^ +[0-9]+ {2}message causal\.push$/m);
    expect(one.stdout).toMatch(new RegExp(`^ +${seeds} {2}command protocol$`, 'm'));
    const sum = `^swarm: causal: ${seeds} of ${seeds} seeds, [0-9]+ events, 0 broken$`;
    expect(one.stdout).toMatch(new RegExp(sum, 'm'));
    expect(one.stdout).toMatch(/nothing is called exercised too little/);
    // It has no configuration service.
    expect(one.stdout).not.toMatch(/fault service/);
  });

  test('ends its processes when it is interrupted, and has counted what was done', async () => {
    const interruption = new Interruption();
    let seeds = 0;
    let workers: number[] = [];
    await spreadSeeds({
      ...{ ...ENDLESS, interruption },
      onBatch: (batch) => {
        seeds += batch.seeds;
        // Another batch may have been on its way, and comes when they are gone.
        if (workers.length === 0) workers = findProcesses(WORKER);
        interruption.interrupt(130);
        return false;
      },
    });
    expect(workers.length).toBeGreaterThanOrEqual(2);
    expect(seeds).toBeGreaterThan(0);
    expect(seeds).toBeLessThanOrEqual(2);
    expect(findProcesses(WORKER)).toEqual([]);
  });

  test('begins nothing further when nothing further is wanted', async () => {
    let batches = 0;
    await spreadSeeds({
      ...{ ...ENDLESS, interruption: new Interruption() },
      onBatch: () => {
        batches += 1;
        return true;
      },
    });
    expect(batches).toBeLessThanOrEqual(2);
  });
});

describe('fuzz', () => {
  test('says that nothing was found', async () => {
    const { status, stdout, stderr } = await run('fuzz', '--seeds', '2', '--jobs', '1');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toBe('causeway: fuzz: causal: 2 seeds, none broken\n');
  });

  test('does not begin where it could not write what it finds', async () => {
    const missing = join(folder, 'no', 'script.txt');
    for (const [path, why] of [
      [missing, 'ENOENT'],
      [folder, 'EISDIR'],
    ] as const) {
      const seen = await run('fuzz', '--seeds', '1', '--out', path);
      expect([seen.status, seen.stdout]).toEqual([71, '']);
      expect(seen.stderr).toMatch(new RegExp(`^causeway: E_IO: ${path}: ${why}`));
    }
  });
});

describe('replay', () => {
  test('judges nothing of a script that has not been done', async () => {
    const script = join(folder, 'refused.txt');
    writeFileSync(script, 'protocol chian\njoinServer 0\n');
    const { status, stdout } = await run('replay', script);
    expect(status).toBe(65);
    expect(stdout).toMatch(/events: nothing is judged: the script has not been done\n$/);
  });

  test('ends when it is interrupted, and not when its trial does', async () => {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const interruption = new Interruption();
    const trace = join(folder, 'interrupted.jsonl');
    const words = ['replay', '--seed', '2', '--trace', trace];
    const surroundings = { words, protocols: PROTOCOLS, stdin: createInput(''), stdout, stderr };
    const ended = runProgram({ ...surroundings, interruption });
    setTimeout(() => interruption.interrupt(130), 1);
    expect(await ended).toBe(130);
    expect([stdout.text, stderr.text]).toEqual(['', '']);
    for (const line of readFileSync(trace, 'utf8').split('\n').slice(0, -1)) JSON.parse(line);
  });

  test("shows a seed's script, with what each line said as comments, and the verdict", async () => {
    const { status, stdout } = await run('replay', '--protocol', 'causal', '--seed', '2');
    expect(status).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('# seed 2, faults delay=1..40,tail=0.2:3000');
    expect(lines.filter((line) => !line.startsWith('#')).slice(0, -1)).toEqual(
      drawTestCase(causal, 2).lines,
    );
    expect(stdout).toMatch(/\n(get [0-9]+ [^ ]+)\n#> \{"line":[0-9]+,"command":"get"/);
    expect(lines.at(-1)).toMatch(/^replay: [0-9]+ events: holds: every guarantee$/);
  });

  test('chooses delays as it is told', async () => {
    const asked = ['replay', '--protocol', 'causal', '--seed', '2', '--schedule'];
    const { status, stdout } = await run(...asked, 'pct:2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^# seed 2, faults delay=1\.\.40,tail=0\.2:3000,schedule=pct:2\n/);
    const refused = await run(...asked, 'pct:0');
    expect([refused.status, refused.stdout]).toEqual([64, '']);
    expect(refused.stderr).toContain("'pct:0' is no schedule");
  });

  test('runs a script under the faults that it is told, and writes the trace', async () => {
    const [script, trace] = [join(folder, 'script.txt'), join(folder, 'trace.jsonl')];
    writeFileSync(script, 'joinServer 0\r\njoinClient 5 0\r\nput 5 x v1');
    const faults = ['--faults', 'loss=1'];
    const { status, stdout } = await run('replay', ...faults, '--trace', trace, script);
    expect(status).toBe(2);
    expect(stdout).toContain('# seed 1, faults loss=1\n');
    expect(stdout).toContain('put 5 x v1\n#> causeway: script:3: note: ERR_UNREACHABLE: indet');
    expect(readFileSync(trace, 'utf8')).toContain('"event":"drop"');
  });

  test('reads a script as any run does: the byte order mark is none of its text', async () => {
    const script = join(folder, 'marked.txt');
    writeFileSync(script, '\u{feff}joinServer 0\njoinClient 5 0\nget 5 x\u0007\n');
    const { status, stdout } = await run('replay', script);
    expect(status).toBe(2);
    expect(stdout).toContain(' events: undecided: read-your-writes, monotonic-reads\n');
    expect(stdout).toMatch(/^# seed 1, faults none\njoinServer 0\njoinClient 5 0\n/);
    expect(stdout).toContain('#> causeway: script:3: E_CONTROL_CHAR: ');
  });

  test.each([
    ['of another encoding', Buffer.from('joinServer 0\n', 'utf16le'), '1: E_ENCODING: '],
    ['that is not UTF-8', Buffer.from('# fine\nput 5 x \xff\n', 'latin1'), '2: E_ENCODING: '],
    ['of an endless line', Buffer.alloc(2 ** 20 + 1, 'x'), '1: E_LINE_TOO_LONG: '],
  ])('does nothing of a text %s', async (_what, bytes, why) => {
    const script = join(folder, 'spoilt.txt');
    writeFileSync(script, bytes);
    const { status, stdout, stderr } = await run('replay', script);
    expect([status, stdout]).toEqual([65, '']);
    expect(stderr.startsWith(`causeway: ${script}:${why}`)).toBe(true);
  });

  test.each([
    ['is not there', () => join(folder, 'absent.txt'), 'ENOENT: no such file'],
    ['is a folder', () => folder, `is a folder, not a script`],
    ['cannot be read', () => '/proc/self/mem', '/proc/self/mem: EIO'],
  ])('ends with 71 where the script %s', async (_what, choose, why) => {
    const { status, stdout, stderr } = await run('replay', choose());
    expect([status, stdout]).toEqual([71, '']);
    expect(stderr).toMatch(/^causeway: E_IO: /);
    expect(stderr).toContain(why);
  });

  test('does not write its trace over the script', async () => {
    const script = join(folder, 'dear.txt');
    writeFileSync(script, 'joinServer 0\n');
    const { status, stdout, stderr } = await run('replay', '--trace', script, script);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toBe(`causeway: ${script} is the same file as ${script}\n`);
    expect(readFileSync(script, 'utf8')).toBe('joinServer 0\n');
  });
});

describe('wrong usage', () => {
  test.each([
    [['swarm', '--seeds', '0'], 'a whole number from 1'],
    [['swarm', '--seeds', '10', 'more'], 'too many arguments'],
    [['swarm', '--jobs', '1000'], '256 jobs are the most'],
    [['swarm', '--protocol', 'odd'], "'odd' is no protocol"],
    [['fuzz', '--seed', '1'], "unknown option '--seed'"],
    [['fuzz', '--out', ''], 'It names no file'],
    [['replay', '--trace', ''], 'It names no file'],
    [['replay', ''], 'It names no file'],
    [['replay', '--seed', '-1'], 'A seed is a whole number'],
    [['replay', '--faults', 'loss=0.1'], 'name a script for --faults'],
    [['--faults', 'loss=0.1'], 'only a simulation takes --faults'],
    [['--sim', '--faults', 'loss=7'], "'7' is no share"],
  ])('%j', async (words, why) => {
    const { status, stdout, stderr } = await run(...words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/^causeway: /);
    expect(stderr).toContain(why);
  });

  test.each(['swarm', 'fuzz', 'replay'])('%s of a protocol with a misspelt claim', async (name) => {
    const odd: Protocol = { ...plain, name: 'odd', claims: ['read-your-write' as 'causal'] };
    const { status, stdout, stderr } = await simulateWords([name, '--protocol', 'odd'], '', [odd]);
    expect([status, stdout]).toEqual([70, '']);
    expect(stderr).toContain(`causeway: ${name}: protocol odd claims 'read-your-write', which is`);
    expect(stderr).toMatch(/; the nearest is read-your-writes\n$/);
  });

  test('--help says what there is', async () => {
    const { status, stdout } = await run('swarm', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--jobs <j>');
  });

  test('a trace that cannot be written is the fault of the environment', async () => {
    const { status, stderr } = await run('replay', '--trace', join(folder, 'no', 'where'));
    expect(status).toBe(71);
    expect(stderr).toMatch(/^causeway: E_IO: /);
  });
});

test('--faults reaches the simulated network of any script', async () => {
  const script = join(folder, 'faults.txt');
  writeFileSync(script, 'joinServer 0\njoinClient 5 0\nput 5 x v1\nget 5 x\n');
  expect((await run('--sim', script)).stdout).toBe('x:v1\n');
  const { status, stdout } = await run('--sim', '--faults', 'loss=1', script);
  expect([status, stdout]).toEqual([0, 'x:ERR_UNREACHABLE\n']);
});
