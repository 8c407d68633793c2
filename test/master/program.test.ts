// The program from its arguments to its exit status, in the simulated world.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { ENGINES } from '../../src/engines/registry.ts';
import type { Design } from '../../src/kernel/design.ts';
import { Bug } from '../../src/kernel/errors.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { Collector, createInput, SlowReader } from '../support/streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-program-'));
afterAll(() => rmSync(folder, { recursive: true }));

const JOINED = 'joinServer 0\njoinServer 1\njoinClient 5 0\n';
const GOOD = `${JOINED}put 5 k v\nget 5 k\n`;

interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  words: string[],
  stdin: string | Readable = '',
  protocols: readonly Design[] = PROTOCOLS,
): Promise<Outcome> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const input = typeof stdin === 'string' ? createInput(stdin) : stdin;
  const status = await runProgram({
    words,
    protocols,
    stdin: input,
    stdout,
    stderr,
    interruption: new Interruption(),
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** As messages quote a text. */
function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

describe.each(['--trace', '--history'])('%s on a full disk', (option) => {
  test.each([
    ['at the end', GOOD],
    ['on the way', `${JOINED}${'put 5 k v\n'.repeat(1_000)}get 5 k\n`],
  ])('ends the run with 71, which is said once: %s', async (_when, text) => {
    const { status, stderr } = await run(['--sim', option, '/dev/full'], text);
    expect([status, stderr]).toEqual([
      71,
      'causeway: E_IO: /dev/full: ENOSPC: no space left on device, write\n',
    ]);
  });
});

describe('a run', () => {
  test('A1 of nothing', async () => {
    expect(await run(['--sim'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('of a script on stdin', async () => {
    expect(await run(['--sim'], GOOD)).toEqual({ status: 0, stdout: 'k:v\n', stderr: '' });
  });

  test('prints a page instead of running anything, as the documents have it', async () => {
    const language = await run(['--language'], 'nonsense\n', [...PROTOCOLS, ...ENGINES]);
    expect(language).toEqual({
      status: 0,
      stdout: readFileSync('docs/language.md', 'utf8'),
      stderr: '',
    });
    const messages = await run(['--protocol', 'chain', '--messages'], 'nonsense\n');
    expect(messages).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync('docs/protocols/chain.md', 'utf8')).toContain(`\n\n${messages.stdout}\n`);
  });

  test('with bad lines ends with 65, names the source, and does the rest', async () => {
    const path = script('bad.txt', `nonsense\n${GOOD}`);
    const outcome = await run(['--sim', path]);
    expect(outcome).toMatchObject({ status: 65, stdout: 'k:v\n' });
    expect(outcome.stderr).toMatch(`causeway: ${path}:1: E_UNKNOWN_COMMAND: 'nonsense' is no`);
  });

  test('that is strict stops at the first bad line', async () => {
    const outcome = await run(['--sim', '--strict'], `${GOOD}nonsense\nget 5 k\n`);
    expect(outcome).toMatchObject({ status: 65, stdout: 'k:v\n' });
  });

  test.each(['protocol chian', 'protocol causal gossip=often', 'end', 'concurrently'])(
    'ends where %j is refused, does nothing after it and judges nothing',
    async (line) => {
      const bad = await run(['--sim', '--check', 'causal'], `${line}\n${GOOD}check causal\n`);
      expect([bad.status, bad.stdout]).toEqual([65, '']);
      expect(bad.stderr).toMatch(/^causeway: stdin:1: E_[A-Z_]+: /m);
      expect(bad.stderr).toContain(
        'causeway: note: nothing is judged: the script has not been done',
      );
      expect(bad.stderr).not.toContain('holds');
    },
  );

  test('says that it goes no further where something is left', async () => {
    const ending =
      'causeway: stdin:1: note: the script ends here, the lines after this one are not done';
    const refused = await run(['--sim'], `protocol chian\n${GOOD}`);
    expect(refused.stderr).toContain(`${ending}\n`);
    expect((await run(['--sim'], 'protocol chian\n')).stderr).not.toContain('note');
    expect((await run(['--sim'], 'protocol chian')).stderr).not.toContain('note');
  });

  test('that ends early leaves the scripts after it alone', async () => {
    const [first, second] = [script('3.txt', `protocol chian\n${GOOD}`), script('4.txt', GOOD)];
    const outcome = await run(['--sim', '--check', 'causal', first, second]);
    expect(outcome).toMatchObject({ status: 65, stdout: 'k:v\n' });
    expect(outcome.stderr).toContain(`causeway: ${second}: causal: holds\n`);
    expect(outcome.stderr).not.toContain(`causeway: ${first}: causal`);
  });

  test('that is strict judges nothing when it has stopped', async () => {
    const words = ['--sim', '--strict', '--check', 'causal'];
    const outcome = await run(words, `${GOOD}nonsense\nget 5 k\n`);
    expect(outcome.status).toBe(65);
    expect(outcome.stderr).not.toContain('causal: holds');
  });

  test('of several scripts gives each a world of its own', async () => {
    const [first, second] = [script('1.txt', GOOD), script('2.txt', `${JOINED}get 5 k\nend\n`)];
    const outcome = await run(['--sim', first, second, first]);
    expect(outcome).toMatchObject({ status: 65, stdout: 'k:v\nk:ERR_KEY\nk:v\n' });
    expect(outcome.stderr).toBe(
      `==> ${first} <==\n==> ${second} <==\n` +
        `causeway: ${second}:5: E_NOT_HERE: no block has been begun\n==> ${first} <==\n`,
    );
    expect((await run(['--sim', '--quiet', first, first])).stderr).toBe('');
    const { stdout } = await run(['--sim', '--json', first, first]);
    expect(JSON.parse(stdout.split('\n')[1] ?? '')).toMatchObject({ script: first, line: 5 });
  });

  test('fails where an answer is not as expected, unless a line is bad', async () => {
    const failing = `${GOOD}expect k:w\n`;
    const outcome = await run(['--sim'], failing);
    expect(outcome).toEqual({
      status: 1,
      stdout: 'k:v\n',
      stderr: "causeway: stdin:6: E_EXPECT: expected 'k:w', but line 5 answered 'k:v'\n",
    });
    expect((await run(['--sim'], `${failing}nonsense\n`)).status).toBe(65);
    expect((await run(['--sim', '--check', 'linearizable'], failing)).status).toBe(1);
    expect((await run(['--sim'], `${GOOD}expect k:v\n`)).status).toBe(0);
  });

  test('includes files from the folder of each script, and names their lines', async () => {
    mkdirSync(join(folder, 'parts'), { recursive: true });
    const setup = script('parts/setup.txt', `${JOINED}include loop.txt\n`);
    const loop = script('parts/loop.txt', 'repeat 2 as i\nput 5 k $i\nget 5 k\nput 5\nend\n');
    const main = script('main.txt', 'include parts/setup.txt\nget 5 k\nexpect k:2\n');
    const outcome = await run(['--sim', main]);
    expect(outcome).toMatchObject({ status: 65, stdout: 'k:1\nk:2\nk:2\n' });
    const bad = new RegExp(`^causeway: ${loop}:4: E_ARGS: .*included at ${setup}:4, ${main}:1`);
    expect(outcome.stderr.split('\n').filter((line) => bad.test(line))).toHaveLength(2);
  });

  test('ends where a file cannot be included', async () => {
    const twice = script('twice.txt', 'joinServer 0\ninclude ./twice.txt\njoinServer 1\n');
    expect(await run(['--sim', twice])).toEqual({
      status: 65,
      stdout: '',
      stderr:
        `causeway: ${twice}:2: E_INCLUDE: '${shortened(twice)}' ` +
        `would include itself: ${twice}:2; the script ends here\n`,
    });
    const missing = await run(['--sim', script('missing.txt', 'include no.txt\n')]);
    expect([missing.status, missing.stderr]).toEqual([
      65,
      expect.stringMatching(/E_INCLUDE.*ENOENT/),
    ]);
    const itself = await run(['--sim', script('folder.txt', 'include .\n')]);
    expect(itself.stderr).toMatch(/E_INCLUDE: .* is a folder, not a script/);
    const piped = await run(['--sim'], 'include no.txt\n');
    expect([piped.status, piped.stderr]).toEqual([
      65,
      expect.stringMatching(/^causeway: stdin:1: E_NOT_HERE/),
    ]);
  });

  test('quiet has no notes', async () => {
    const text = `${GOOD}killServer 0\nput 5 k v\n`;
    expect((await run(['--sim'], text)).stderr).toMatch(/^causeway: stdin:7: note: /);
    expect(await run(['--sim', '--quiet'], text)).toMatchObject({ status: 0, stderr: '' });
  });

  test('json answers as JSON', async () => {
    const { stdout } = await run(['--sim', '--json'], GOOD);
    expect(JSON.parse(stdout)).toEqual({
      line: 5,
      command: 'get',
      client: 5,
      key: 'k',
      value: 'v',
    });
  });

  test('gossip and protocol are as the script could choose them', async () => {
    const text = `${JOINED}joinClient 6 1\nput 5 k v\nget 6 k\n`;
    expect((await run(['--sim'], text)).stdout).toBe('k:v\n');
    const words = ['--sim', '--protocol', 'causal', '--gossip', 'off'];
    expect((await run(words, text)).stdout).toBe('k:ERR_KEY\n');
    const chosen = await run(['--sim'], `protocol causal gossip=off\n${text}`);
    expect(chosen.stdout).toBe('k:ERR_KEY\n');
  });

  test('writes its trace and its history', async () => {
    const [trace, history] = [join(folder, 'trace'), join(folder, 'history')];
    await run(['--sim', '--trace', trace, '--history', history], GOOD);
    const read = (path: string) =>
      readFileSync(path, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
    expect(read(history)).toMatchObject([
      { session: 5, seq: 0, kind: 'put', key: 'k', value: 'v', outcome: 'ok', line: 4 },
      { session: 5, seq: 1, kind: 'get', key: 'k', value: 'v', outcome: 'ok', line: 5 },
    ]);
    expect(new Set(read(trace).map(({ event }) => event))).toContain('start');
  });

  test('the same seed leaves the same trace', async () => {
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    const text = `${JOINED}joinClient 6 1\nworkload ops=50\nstabilize\n`;
    await run(['--sim', '--seed', '9', '--trace', one], text);
    await run(['--sim', '--seed', '9', '--trace', two], text);
    expect(readFileSync(one)).toEqual(readFileSync(two));
    expect(statSync(one).size).toBeGreaterThan(1000);
  });

  test('A54 ends by the rule when the input ends during a command', async () => {
    expect(await run(['--sim'], `${JOINED}stabilize`)).toMatchObject({ status: 0 });
  });
});

describe('wrong usage', () => {
  test.each([
    [['--wat'], "unknown option '--wat'"],
    [['--seed', 'x'], 'A seed is a whole number'],
    [['--seed', '-1'], 'A seed is a whole number'],
    [['--seed', '4294967296'], 'A seed is a whole number'],
    [['--protocol', 'nope'], "'nope' is no protocol; there is causal"],
    [['--protocol', 'causl'], 'the nearest is causal'],
    [['--sim', '--check', 'convergent'], 'the nearest is convergence'],
    [['--gossip', 'often'], "'often' is no value of gossip"],
    [['--trace'], "option '--trace <file>' argument missing"],
    [['--trace', ''], "'--trace <file>' argument '' is invalid. It names no file."],
    [['--history', ''], "'--history <file>' argument '' is invalid. It names no file."],
    [['--endpoints', ''], "'--endpoints <file>' argument '' is invalid. It names no file."],
    [['--sim', ''], "argument value '' is invalid for argument 'script'. It names no file."],
    [['--sim', '--endpoints', 'x'], 'a simulation has no endpoints'],
  ])('%j ends with 64', async (words, why) => {
    const outcome = await run(words, GOOD);
    expect(outcome).toMatchObject({ status: 64, stdout: '' });
    expect(outcome.stderr).toMatch(/^causeway: /);
    expect(outcome.stderr).toContain(why);
  });

  test.each([
    [['/no/such/script'], 'ENOENT: no such file'],
    [[tmpdir()], `${tmpdir()} is a folder, not a script`],
    [
      [script('one.txt', GOOD), '/no\u001bsuch'],
      "ENOENT: no such file or directory, access '/no\\x1bs",
    ],
  ])('a script that cannot be read is none: %j ends with 71', async (scripts, why) => {
    const outcome = await run(['--sim', ...scripts]);
    expect(outcome).toMatchObject({ status: 71, stdout: '' });
    expect(outcome.stderr.startsWith(`causeway: E_IO: ${why}`)).toBe(true);
  });

  test.each([
    ['protocol causal\n', ''],
    ['protocol causal gossip=eager\n', 'a:1\n'],
    ['', ''],
  ])('an option stands unless the script says otherwise: %j', async (line, stdout) => {
    const script = `${line}joinServer 0\njoinServer 1\njoinClient 5 0\nput 5 a 1\nprintStore 1\n`;
    expect(await run(['--sim', '--gossip', 'off'], script)).toMatchObject({ status: 0, stdout });
  });

  test('help and version are answers', async () => {
    const help = await run(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/^Usage: causeway \[options\] \[script\.\.\.\]/);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(await run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });
});

describe('a bug', () => {
  test('ends with 70, says where, and how to see it again', async () => {
    const broken = PROTOCOLS.map((protocol) => ({
      ...protocol,
      createInvariants: () => ({
        ...protocol.createInvariants(),
        changed: () => {
          throw new Bug('C1: a clock behind what it has seen');
        },
      }),
    }));
    const path = script("it's.txt", GOOD);
    const outcome = await run(['--sim', '--quiet', path], '', broken);
    expect(outcome).toMatchObject({ status: 70, stdout: '' });
    expect(outcome.stderr).toMatch(/^causeway: a bug in Causeway: Bug: C1: a clock behind what/);
    const quoted = `'${join(folder, "it'\\''s.txt")}'`;
    const command = `node master.js --seed 1 --sim --quiet ${quoted}`;
    expect(outcome.stderr).toContain(`causeway: replay: ${command}\n`);
    const piped = await run(['--sim', '--seed=7'], GOOD, broken);
    expect(piped.stderr).toContain('replay: node master.js --sim --seed=7 < SCRIPT\n');
  });
});

describe('the environment', () => {
  test('a trace that cannot be written ends with 71 before anything is done', async () => {
    const outcome = await run(['--sim', '--trace', join(folder, 'no', 'trace')], GOOD);
    expect(outcome).toMatchObject({ status: 71, stdout: '' });
    expect(outcome.stderr).toMatch(/^causeway: E_IO: /);
  });

  test('an input that breaks ends with 71', async () => {
    const stdin = new PassThrough();
    stdin.write(GOOD);
    const [stdout, stderr] = [new Collector(), new Collector()];
    const interruption = new Interruption();
    const words = ['--sim'];
    const done = runProgram({ words, protocols: PROTOCOLS, stdin, stdout, stderr, interruption });
    await stdout.shows('k:v\n');
    stdin.destroy(new Error('read EIO'));
    expect(await done).toBe(71);
    expect(stderr.text).toBe('causeway: E_IO: stdin: read EIO\n');
  });
});

describe('an early end', () => {
  test('A53 a signal ends a run that waits, and what was answered is there', async () => {
    const stdin = new PassThrough();
    stdin.write(GOOD);
    const [stdout, stderr] = [new Collector(), new Collector()];
    const interruption = new Interruption();
    const words = ['--sim'];
    const done = runProgram({ words, protocols: PROTOCOLS, stdin, stdout, stderr, interruption });
    await stdout.shows('k:v\n');
    interruption.interrupt(130);
    interruption.interrupt(143);
    expect(await done).toBe(130);
    expect(stderr.text).toBe('');
  });

  test('A55 an answer without a reader ends the run with 141, quietly', async () => {
    const [stdout, stderr] = [new PassThrough(), new Collector()];
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const words = ['--sim'];
    const stdin = new PassThrough();
    stdin.write(GOOD);
    const interruption = new Interruption();
    const status = await runProgram({
      words,
      protocols: PROTOCOLS,
      stdin,
      stdout,
      stderr,
      interruption,
    });
    expect([status, stderr.text]).toEqual([141, '']);
  });

  test('a slow reader holds the script back', async () => {
    const [stdout, stderr] = [new SlowReader(), new Collector()];
    const value = 'v'.repeat(1000);
    const stdin = createInput(`${JOINED}put 5 k ${value}\n${'get 5 k\n'.repeat(3000)}`);
    const interruption = new Interruption();
    const words = ['--sim'];
    const done = runProgram({ words, protocols: PROTOCOLS, stdin, stdout, stderr, interruption });
    // Many times the turns that the whole script takes when nothing holds it back.
    for (let turn = 0; turn < 5000; turn += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(stdout.writableLength).toBeGreaterThan(0);
    expect(stdout.writableLength).toBeLessThan(200_000);
    stdout.open();
    expect(await done).toBe(0);
    expect(stdout.taken).toBe(3000 * `k:${value}\n`.length);
  });
});

const notesOf = async (text: string): Promise<string[]> => {
  const { stderr } = await run(['--sim'], text);
  return stderr.split('\n').map((line) => line.replace(/^causeway: stdin:/, ''));
};

describe('notes', () => {
  const LOST = 'joinServer 3\njoinServer 1\njoinClient 5 3\nkillServer 3\n';

  test('say that a client has no server, and how to connect it', async () => {
    const why = 'client 5 is connected to no live server; ';
    const notes = await notesOf(
      `${LOST}put 5 k v\nget 5 k\njoinServer 3\nget 5 k\ncreateConnection 5 1\nget 5 k\n`,
    );
    expect(notes).toEqual([
      `5: note: ERR_UNREACHABLE: not done, ${why}\`createConnection 5 1\` connects it`,
      `6: note: ${why}\`createConnection 5 1\` connects it`,
      `8: note: ${why}\`createConnection 5 1\` connects it`,
      '',
    ]);
    expect(await notesOf(`${LOST}killServer 1\nget 5 k\n`)).toEqual([
      `6: note: ${why}no server is alive`,
      '',
    ]);
    const cut = 'joinServer 0\njoinClient 5 0\nbreakConnection 5 0\nget 5 k\n';
    expect(await notesOf(cut)).toEqual([`4: note: ${why}\`createConnection 5 0\` connects it`, '']);
  });

  test('say that there was no link to cut', async () => {
    const cuts = 'breakConnection 0 1\nbreakConnection 0 1\nbreakConnection 1 0 oneway\n';
    expect(await notesOf(`joinServer 0\njoinServer 1\n${cuts}`)).toEqual([
      '4: note: there was no link between 0 and 1',
      '5: note: nothing went from 1 to 0 before',
      '',
    ]);
  });
});

describe('the first word', () => {
  test.each(['swrm', 'chek', 'evalute'])('%s names the nearest subcommand', async (word) => {
    for (const words of [[word], [word, '--seeds', '3']]) {
      const { status, stderr } = await run(words);
      expect([status, stderr]).toEqual([
        64,
        expect.stringMatching(`there is no script '${word}'; the nearest subcommand is [a-z]+\n`),
      ]);
    }
  });

  test('is a script if there is such a file', async () => {
    const path = script('swrm', GOOD);
    expect(await run(['--sim', path])).toMatchObject({ status: 0, stdout: 'k:v\n' });
  });

  test('may be - for stdin, which stands alone', async () => {
    expect(await run(['--sim', '-'], GOOD)).toMatchObject({ status: 0, stdout: 'k:v\n' });
    const { status, stderr } = await run(['--sim', '-', 'a.txt'], GOOD);
    expect([status, stderr]).toEqual([
      64,
      'causeway: - is stdin, and stands alone; a file is ./-\n',
    ]);
  });
});
