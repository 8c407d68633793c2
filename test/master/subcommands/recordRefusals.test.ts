// What `causeway record` and `--golden` do with runs that do not end, with other options, with
// files that cannot be written, and with pipes and devices.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Bug } from '../../../src/kernel/errors.ts';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { simulateWords } from './programs.ts';

/** With `--gossip off` the get finds nothing. */
const SCRIPT = [
  ...['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'joinClient 6 1'],
  ...['put 5 k v', 'get 6 k'],
];
/** So many that a test does not wait for their end. */
const ENDLESS = ['--seeds', '999999999'];

let folder = '';
let script = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-record-'));
  script = write('script.txt', SCRIPT);
});
afterEach(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);
const readText = (name: string): string => readFileSync(place(name), 'utf8');
const record = (...words: string[]) => simulateWords(['record', '--seeds', '1', ...words]);

function write(name: string, lines: readonly string[]): string {
  writeFileSync(place(name), `${lines.join('\n')}\n`);
  return place(name);
}

function makePipe(name: string): string {
  execFileSync('mkfifo', [place(name)]);
  return place(name);
}

/** `onSaid` gets all of stderr so far. */
async function runWith(
  interruption: Interruption,
  words: readonly string[],
  onSaid: (stderr: string) => void = () => undefined,
) {
  const said = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said[name] += chunk.toString('utf8');
        onSaid(said.stderr);
        done();
      },
    });
  const streams = { stdin: Readable.from([]), stdout: into('stdout'), stderr: into('stderr') };
  const status = await runProgram({ words, protocols: PROTOCOLS, ...streams, interruption });
  return { status, ...said };
}

describe('a run that does not come to its end', () => {
  test.each([
    ['a refused protocol', [...SCRIPT, 'protocol chain'], /script\.txt:7: E_/],
    ['half of a block', [...SCRIPT, 'concurrently', 'get 5 k'], /script\.txt:[78]: E_/],
  ])('leaves the good file, and says why: %s', async (_what, lines, why) => {
    await record(script);
    const good = readText('script.golden');
    write('script.txt', lines);
    const { status, stdout, stderr } = await record(script);
    expect([status, stdout]).toEqual([65, '']);
    expect(stderr).toMatch(why);
    expect(stderr).toMatch(/nothing is recorded: not done with --seed 1\n$/);
    expect(readText('script.golden')).toBe(good);
  });

  test('is not counted on real processes either', async () => {
    await record(script);
    write('script.txt', [...SCRIPT, 'concurrently']);
    const { status, stdout } = await simulateWords(['record', '--runs', '2', script]);
    expect([status, stdout]).toEqual([65, '']);
  });

  test('is followed by the counts so far if it was interrupted', async () => {
    write('script.txt', [...SCRIPT, 'nonsense', 'sleep 5ms']);
    await record(script);
    const interruption = new Interruption();
    const seen = await runWith(interruption, ['record', '--runs', '9', script], (stderr) => {
      if (stderr.split('E_UNKNOWN_COMMAND').length > 2) interruption.interrupt(130);
    });
    expect(seen.status).toBe(130);
    expect(seen.stdout).toBe('output A: 1 of 1; in simulation 3 of 3\nanother output: never\n');
  });
});

describe('the options of a run', () => {
  test('are in the file, and a run with others is told so', async () => {
    await record('--gossip', 'off', script);
    const text = readText('script.golden');
    expect(text).toContain('\noptions: --gossip off\nA: 3 of 3 runs, the first with --gossip off');
    const compare = (...words: string[]) =>
      simulateWords(['--sim', '--golden', place('script.golden'), ...words, script]);
    expect(await compare('--gossip', 'off')).toMatchObject({ status: 0, stderr: '' });
    const other = await compare('--storage', 'log');
    expect(other.status).toBe(1);
    expect(other.stderr.replaceAll(`${folder}/`, '')).toContain(
      'note: script.golden was recorded with --gossip off; this run has --storage log\n',
    );
    const real = await simulateWords(['record', '--runs', '1', script]);
    expect(real.status).toBe(1);
    expect(real.stderr).toContain('with --gossip off; this run has the usual options\n');
  });

  test('are not named if they are the usual ones', async () => {
    await record('--gossip', 'eager', '--protocol', 'causal', '--storage', 'memory', script);
    expect(readText('script.golden')).toMatch(/^#.*\n#.*\nA: 3 of 3 runs, the first with --seed 1/);
  });

  test('are in the command that repeats a bug', async () => {
    const broken = PROTOCOLS.map((protocol) => ({
      ...protocol,
      refuseKey: () => {
        throw new Bug('planted');
      },
    }));
    await record('--gossip', 'off', script);
    const options = ['--gossip', 'off', '--storage', 'log'];
    const words = ['record', ...options, script];
    const seen = await simulateWords(words, '', broken);
    expect(seen.status).toBe(70);
    const repeat = '--gossip off --storage log --seed 1';
    expect(seen.stderr).toContain(`replay: node master.js --sim ${repeat} ${script}\n`);
    const real = ['record', '--runs', '1', '--out', place('script.golden'), script];
    const other = await simulateWords(real, '', broken);
    expect(other.stderr).toContain(`replay: node master.js ${real.join(' ')}\n`);
  });
});

describe('the file that is written', () => {
  test.each([
    ['a folder', '.'],
    ['no place', 'none/x.golden'],
  ])('is refused before any run: %s', async (_what, name) => {
    const out = name === '.' ? folder : place(name);
    const { status, stdout, stderr } = await simulateWords([
      'record',
      ...ENDLESS,
      '--out',
      out,
      script,
    ]);
    expect([status, stdout]).toEqual([71, '']);
    expect(stderr).toContain('E_IO');
  });

  test('keeps its link and its mode, and leaves nothing beside it', async () => {
    writeFileSync(place('old.golden'), 'old');
    chmodSync(place('old.golden'), 0o640);
    symlinkSync('old.golden', place('link.golden'));
    expect(await record('--out', place('link.golden'), script)).toMatchObject({ status: 0 });
    expect(readText('old.golden')).toContain('> k:v');
    expect(statSync(place('old.golden')).mode & 0o777).toBe(0o640);
    expect(lstatSync(place('link.golden')).isSymbolicLink()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['link.golden', 'old.golden', 'script.txt']);
  });

  test('may be a device', async () => {
    expect(await record('--out', '/dev/null', script)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a pipe or a device', () => {
  test('is a script once, with a name for the golden file', async () => {
    const pipe = makePipe('pipe');
    const refused = await record(pipe);
    expect([refused.status, refused.stdout]).toEqual([64, '']);
    expect(refused.stderr).toContain('pipe is no plain file: name the golden file with --out');
    const out = place('pipe.golden');
    const [seen] = await Promise.all([
      record('--out', out, pipe),
      writeFile(pipe, `${SCRIPT.join('\n')}\n`),
    ]);
    expect(seen.status).toBe(0);
    expect(readText('pipe.golden')).toContain('> k:v');
    const golden = makePipe('golden');
    const [compared] = await Promise.all([
      simulateWords(['--sim', '--golden', golden, script]),
      writeFile(golden, readText('pipe.golden')),
    ]);
    expect(compared).toEqual({ status: 0, stdout: 'k:v\n', stderr: '' });
  });

  test('can be interrupted while its writer says nothing', async () => {
    const pipe = makePipe('pipe');
    for (const words of [
      ['--sim', '--golden', pipe, script],
      ['record', '--out', place('pipe.golden'), pipe],
      ['record', '--runs', '1', '--out', pipe, script],
    ]) {
      const interruption = new Interruption();
      const seen = runWith(interruption, words);
      // This resolves when the program has opened the pipe.
      const writer = await open(pipe, 'w');
      interruption.interrupt(130);
      expect(await seen).toMatchObject({ status: 130, stdout: '' });
      await writer.close();
    }
  });

  test('is refused if it has no end', async () => {
    for (const words of [
      ['--sim', '--golden', '/dev/zero', script],
      ['record', '--out', place('zero.golden'), '/dev/zero'],
      ['record', '--runs', '1', '--out', '/dev/zero', script],
    ]) {
      const { status, stderr } = await simulateWords(words);
      expect(status, words.join(' ')).toBe(71);
      expect(stderr).toMatch(/E_IO: \/dev\/zero: more than [0-9]+ bytes\n$/);
    }
  });
});
