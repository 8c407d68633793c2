// `--report`: the page holds what the run gave, and the run is the same with it.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Bug } from '../../src/kernel/errors.ts';
import type { Protocol } from '../../src/kernel/protocol.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { toHistoryFile } from '../../src/web/export/recordFiles.ts';
import { readPageData, readReport } from '../support/reports.ts';
import { Collector, createInput } from '../support/streams.ts';

const SCRIPT = `joinServer 0
joinServer 1
joinClient 5 0
put 5 k </script><!--
get 5 k
nonsense
stabilize
get 5 k
`;

const folder = mkdtempSync(join(tmpdir(), 'causeway-report-'));
const path = join(folder, 'run.html');
afterAll(() => rmSync(folder, { recursive: true }));

async function run(words: string[], script = SCRIPT, protocols: readonly Protocol[] = PROTOCOLS) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const stdin = createInput(script);
  const setup = { words, protocols, stdin, stdout, stderr, interruption };
  const status = await runProgram(setup);
  return { status, stdout: stdout.text, stderr: stderr.text };
}

function readLines(name: string): unknown[] {
  const lines = readFileSync(join(folder, name), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('the report of a simulation', () => {
  const files = ['--trace', join(folder, 'trace'), '--history', join(folder, 'history')];
  let plain: Awaited<ReturnType<typeof run>>;
  let plainTrace: unknown[];
  let reported: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    plain = await run(['--sim', ...files]);
    plainTrace = readLines('trace');
    reported = await run(['--sim', '--seed', '7', '--faults', 'delay=1..9', '--report', path]);
    expect(reported.status).toBe(65);
    reported = await run(['--sim', ...files, '--report', path]);
  });

  test('leaves the answers, the trace and the status as they are', () => {
    expect(reported).toEqual(plain);
    expect(readLines('trace')).toEqual(plainTrace);
  });

  test('has the script, what was said with its lines, all events and operations', async () => {
    const view = await readReport(path);
    expect(view).toMatchObject({
      source: { script: SCRIPT, protocol: 'causal', seed: 1, faults: '' },
      world: 'simulation',
      protocol: 'causal',
    });
    expect(view.events).toEqual(plainTrace);
    expect(view.history).toEqual(readLines('history'));
    const answers = view.said.filter(({ stream }) => stream === 'answer');
    expect(answers).toEqual([
      { stream: 'answer', text: 'k:</script><!--', line: 5 },
      { stream: 'answer', text: 'k:</script><!--', line: 8 },
    ]);
    expect(view.said.find(({ line }) => line === 6)?.text).toContain('E_UNKNOWN_COMMAND');
    expect(view.verdict.lines[0]).toContain('holds');
    expect(view.failure).toBeUndefined();
  });

  test('has the stores after the lines', async () => {
    const { looks, events } = await readReport(path);
    const ofPut = events.findLastIndex(({ line }) => line === 4) + 1;
    const look = looks.find(({ cursor }) => cursor >= ofPut);
    expect(look?.servers.map(({ id }) => id)).toEqual([0, 1]);
    expect(JSON.stringify(look?.servers[0]?.state)).toContain('"k"');
    expect(looks.at(-1)?.cursor).toBe(events.length);
  });

  test('says what the page may repeat: not a run with other options', async () => {
    const isRepeatable = async (...words: string[]): Promise<unknown> => {
      await run(['--sim', '--report', path, ...words]);
      const data = readPageData(readFileSync(path, 'utf8'));
      return data.kind === 'report' && data.isRepeatable;
    };
    expect(await isRepeatable()).toBe(true);
    expect(await isRepeatable('--faults', 'loss=0.1')).toBe(true);
    expect(await isRepeatable('--gossip', 'off')).toBe(false);
    expect(await isRepeatable('--storage', 'log')).toBe(false);
  });
});

describe('the report is written', () => {
  test('of a run that fails, with the reason', async () => {
    const [first] = PROTOCOLS as [Protocol];
    const broken = {
      ...first,
      createReplica: () => {
        throw new Bug('made for this test');
      },
    };
    const { status } = await run(['--sim', '--report', path], SCRIPT, [broken]);
    expect(status).toBe(70);
    const view = await readReport(path);
    expect(view.failure).toContain('made for this test');
    expect(view.source.script).toBe(SCRIPT);
  });

  test('of a run that is interrupted, as far as it came', async () => {
    const stdin = new PassThrough();
    const stdout = new Collector();
    const interruption = new Interruption();
    const done = runProgram({
      words: ['--sim', '--report', path],
      protocols: PROTOCOLS,
      ...{ stdin, stdout, interruption, stderr: new Collector() },
    });
    stdin.write('joinServer 0\njoinClient 5 0\nput 5 k v\nget 5 k\n');
    await stdout.shows('k:v\n');
    interruption.interrupt(130);
    expect(await done).toBe(130);
    const view = await readReport(path);
    expect(view.failure).toContain('interrupted');
    expect(view.said).toMatchObject([{ text: 'k:v', line: 4 }]);
  });

  test('of a run on real processes, whose clocks know nothing of the looks', async () => {
    const { status, stdout } = await run(['--report', path]);
    expect([status, stdout]).toEqual([65, 'k:</script><!--\nk:</script><!--\n']);
    const { world, looks, events } = await readReport(path);
    expect(world).toBe('processes');
    expect(looks.at(-1)?.servers.map(({ id, state }) => [id, state !== null])).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(looks.length).toBeGreaterThan(2);
    const methods = events.flatMap((event) => ('method' in event ? [event.method] : []));
    expect(methods).not.toContain('inspect');
    expect(methods).not.toContain('world.look');
  });
});

describe('the report is refused before the run', () => {
  test('where it cannot be written', async () => {
    const missing = join(folder, 'missing', 'run.html');
    const outcome = await run(['--sim', '--report', missing]);
    expect(outcome).toMatchObject({ status: 71, stdout: '' });
    expect(outcome.stderr).toContain(`E_IO: ${missing}: ENOENT`);
  });

  test('for several scripts', async () => {
    const script = join(folder, 'script.txt');
    writeFileSync(script, SCRIPT);
    const fresh = join(folder, 'fresh.html');
    const outcome = await run(['--sim', '--report', fresh, script, script]);
    expect(outcome).toMatchObject({ status: 64, stdout: '' });
    expect(outcome.stderr).toContain('--report is of one run: name one script');
    expect(existsSync(fresh)).toBe(false);
  });

  test('where it would replace the script, or another file of the run', async () => {
    const script = join(folder, 'script.txt');
    writeFileSync(script, SCRIPT);
    const own = await run(['--sim', '--report', script, script]);
    expect(own).toMatchObject({ status: 64, stdout: '' });
    expect(readFileSync(script, 'utf8')).toBe(SCRIPT);
    const both = await run(['--sim', '--report', path, '--trace', path, script]);
    expect(both.status).toBe(64);
  });
});

test('a disk that is full ends the run with 71, which is said once', async () => {
  const { status, stderr } = await run(['--sim', '--report', '/dev/full'], 'joinServer 0\n');
  expect(status).toBe(71);
  expect(stderr).toBe('causeway: E_IO: /dev/full: ENOSPC: no space left on device, write\n');
});

describe('the report of a run on the data of an earlier one', () => {
  const data = join(folder, 'data');
  const servers = 'joinServer 0\njoinServer 1\njoinClient 5 0\n';
  let second: Awaited<ReturnType<typeof run>>;

  beforeAll(async () => {
    await run(['--data', data], `${servers}put 5 tea green\nput 5 tea black\nstabilize\n`);
    const words = ['--data', data, '--history', join(folder, 'history'), '--report', path];
    second = await run(
      words,
      `${servers}get 5 tea\nput 5 tea red\nget 5 cup\njoinServer 2\ncheck\n`,
    );
  });

  test('has what the servers had, where they joined, as the history file has it', async () => {
    const { earlier, history } = await readReport(path);
    expect(earlier.map(({ write: { key, value }, after }) => [key, value, after])).toEqual([
      ['tea', 'black', 0],
    ]);
    const file = readFileSync(join(folder, 'history'), 'utf8');
    expect(toHistoryFile({ earlier, history })).toBe(file);
    expect(file).toContain('"kind":"initial"');
  });

  test('is judged as by the command line', async () => {
    const { verdict, said } = await readReport(path);
    const answers = said.filter(({ stream, line }) => stream === 'answer' && line === 8);
    expect(second.stdout).toContain('tea:black\n');
    expect(verdict.lines).toEqual(answers.map(({ text }) => text));
    expect(verdict.lines[0]).toContain('linearizable');
  });
});

test('a broken level that was asked for comes first, and is marked', async () => {
  const script = readFileSync('inputs/weak/read-your-writes-broken.txt', 'utf8');
  const words = ['--sim', '--report', path];
  const brokenIn = async (...asked: string[]) => {
    await run([...words, ...asked], script);
    const { verdict } = await readReport(path);
    const broken = verdict.lines.filter((line) => line.includes(': broken ('));
    return [broken.map((line) => line.split(':')[0]), verdict.witness?.level];
  };
  const first = ['read-your-writes'];
  expect(await brokenIn()).toEqual([first, ...first]);
  expect(await brokenIn('--check', ...first)).toEqual([first, ...first]);
  expect(await brokenIn('--check', 'linearizable')).toEqual([
    ['linearizable', ...first],
    'linearizable',
  ]);
});
