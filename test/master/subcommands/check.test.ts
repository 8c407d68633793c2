// `causeway check FILE` as a user runs it: its output, where it goes, and the exit status.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/histories/index.ts';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import { Collector } from '../../support/streams.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-check-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(input: string | Buffer, ...words: string[]) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const stdin = Readable.from([Buffer.from(input)]);
  const interruption = new Interruption();
  const streams = { stdin, stdout, stderr };
  const status = await runProgram({ words, protocols: PROTOCOLS, ...streams, interruption });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

const STALE = `{:type :invoke, :f :write, :value [x 1], :process 0, :time 0}
{:type :ok, :f :write, :value [x 1], :process 0, :time 10}
{:type :invoke, :f :read, :value [x nil], :process 1, :time 20}
{:type :ok, :f :read, :value [x nil], :process 1, :time 30}
`.replaceAll('[x ', '["x" ');
const BROKEN =
  'linearizable: broken (EnclosedZone): there was no x until client 1 found no x (line 3), yet ' +
  'client 0 put x=1 (line 1) wholly before that.';
const GUESSED = 'causeway: note: stdin: taken for jepsen-edn\n';

/** Guarantees about servers that a history of one operation each asks nothing of. */
const ASKED_NOTHING =
  'read-your-writes-all-keys, monotonic-reads-all-keys, monotonic-writes, writes-follow-reads';

describe('half of a surrogate pair', () => {
  const event = (process: number, type: string, f: string, value: string) =>
    `{:type :${type}, :f :${f}, :value ${value}, :process ${process}}\n`;

  it('is told apart from others, and printed escaped', async () => {
    const half = '"\\ud800"';
    const wrote = event(0, 'invoke', 'write', half) + event(0, 'ok', 'write', half);
    const got = event(1, 'invoke', 'read', 'nil') + event(1, 'ok', 'read', '"\\udfff!"');
    const words = ['check', '--level', 'linearizable'];
    expect((await run(wrote + got, ...words)).stdout).toBe(
      'linearizable: broken (ThinAirRead): client 1 got register=\\udfff! (line 3), but no ' +
        'client wrote that.\n',
    );
    const { stdout } = await run(wrote, 'check', '--to', 'jepsen-json');
    expect(stdout).toContain('"value":"\\ud800"');
    expect((await run(wrote + got.replace('udfff!', 'ud800'), ...words)).status).toBe(0);
    expect((await run(wrote + got, 'check', '--json')).stdout).toContain('\\udfff!');
  });
});

describe('an initial value', () => {
  const event = (type: string, value: string) =>
    `{:type :${type}, :f :read, :value ${value}, :process 1}\n`;
  const READ = `${event('invoke', 'nil')}${event('ok', '0')}`;
  const ASSUMED =
    'causeway: note: stdin: register=0 was found (line 1) before it was written; keys were taken ' +
    'to be absent at first, and --initial says otherwise\n';

  it('is absence if none is named, and a note says so where a level is broken', async () => {
    const broken = await run(READ, 'check', '--level', 'linearizable');
    expect(broken).toMatchObject({ status: 1, stderr: GUESSED + ASSUMED });
    expect((await run(READ, 'check')).stderr).toBe(GUESSED + ASSUMED);
    expect((await run(STALE, 'check', '--level', 'linearizable')).stderr).toBe(GUESSED);
  });

  it('is what --initial names', async () => {
    const named = (...words: string[]) => run(READ, 'check', '--level', 'linearizable', ...words);
    const holds = { status: 0, stdout: 'linearizable: holds\n' };
    expect(await named('--initial', '0')).toEqual({ ...holds, stderr: GUESSED });
    expect(await named('--initial', 'register=0')).toEqual({ ...holds, stderr: GUESSED });
    expect(await named('--initial', 'x=1', '--initial', '0')).toEqual({
      ...holds,
      stderr: `${GUESSED}causeway: note: stdin: no operation uses x\n`,
    });
    expect(await named('--initial', '1')).toMatchObject({ status: 1, stderr: GUESSED });
    expect(await named('--initial', '')).toEqual({
      ...{ status: 64, stdout: '' },
      stderr: `${GUESSED}causeway: --initial nothing; the empty string is ""\n`,
    });
  });
});

describe('what had to be chosen', () => {
  it('is said', async () => {
    const text = STALE.replaceAll(':process 0', ':process :a');
    expect((await run(text, 'check', '--level', 'causal')).stderr).toBe(
      `${GUESSED}causeway: note: stdin: ` +
        'clients without a small number are numbered: client 2 is :a\n',
    );
  });

  it('is never a file of another kind', async () => {
    const words = ['--format', 'jepsen-etcd', '--to', 'jepsen-edn'];
    expect(await run('Meeting on Tuesday.\n', 'check', ...words)).toEqual({
      status: 65,
      stdout: '',
      stderr:
        'causeway: stdin:1: E_HISTORY: no line of the file is an event that Jepsen has logged\n',
    });
  });
});

describe('a verdict', () => {
  it('is what held and what broke, with the lines of the file', async () => {
    expect(await run(STALE, 'check')).toEqual({
      status: 0,
      stdout: `holds: sequential, ${ASKED_NOTHING}
${BROKEN}
  line 1: put 0 x 1
  line 3: get 1 x -> ERR_KEY
answered: all of 2 operations
`,
      stderr: GUESSED,
    });
  });

  it('of levels that are named decides the exit status', async () => {
    const named = (...levels: string[]) =>
      run(STALE, 'check', '-', '--format', 'jepsen-edn', ...levels.flatMap((l) => ['--level', l]));
    const fine = { status: 0, stdout: 'causal: holds\npram: holds\n', stderr: '' };
    expect(await named('causal', 'pram', 'causal')).toEqual(fine);
    expect(await named('linearizable')).toEqual({ status: 1, stdout: `${BROKEN}\n`, stderr: '' });
    const append = '{:process 0, :type :invoke, :f :append, :key "k", :value "a"}\n';
    const undecided = await run(append, 'check', '--level', 'causal', '--level', 'linearizable');
    expect(undecided).toMatchObject({ status: 2 });
    expect(undecided.stdout).toBe(
      'causal: undecided: no operation was answered\n' +
        'linearizable: undecided: no operation was answered\n',
    );
  });

  it('is for machines too', async () => {
    const { stdout, status } = await run(STALE, 'check', '--json', '--level', 'linearizable');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'check',
      file: 'stdin',
      operations: 2,
      verdicts: [
        { level: 'linearizable', outcome: 'broken', operations: [{ line: 1 }, { line: 3 }] },
      ],
    });
  });

  it('of appends is about one order of them', async () => {
    const append = '{:process 0, :type :invoke, :f :append, :key "k", :value "a"}\n';
    const history = append + append.replace(':invoke', ':ok');
    // Causal is not defined for appends, but follows from what is.
    const words = ['check', '--level', 'causal', '--level', 'linearizable'];
    const held = await run(history, ...words);
    expect(held).toMatchObject({ status: 0, stdout: 'causal: holds\nlinearizable: holds\n' });
    const get = append.replace(':append', ':get').replace('"a"', 'nil');
    const got = get.replace(':invoke', ':ok').replace('nil', '""');
    const lost = await run(history + get + got, ...words);
    expect(lost.status).toBe(1);
    expect(lost.stdout).toMatch(
      /^causal: undecided: it is defined for reads and writes, and not for append \(line 1\)\n/,
    );
  });

  it('of nothing is none', async () => {
    const why = 'undecided: there was no operation\n';
    const seen = { status: 2, stderr: '' };
    expect(await run('', 'check')).toEqual({ ...seen, stdout: why });
    const named = await run('\n', 'check', '--level', 'causal');
    expect(named).toEqual({ ...seen, stdout: `causal: ${why}` });
    const { status, stdout } = await run('', 'check', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ operations: 0, strongest: [] });
    const failed = STALE.replaceAll(':ok', ':fail');
    expect(await run(failed, 'check', '--format', 'jepsen-edn')).toEqual({
      ...seen,
      stdout:
        'undecided: no operation was answered\nanswered: 0 of 2 operations\n' +
        '  client 0: of 1, 1 not done\n  client 1: of 1, 1 not done\n',
    });
  });

  it('of compare-and-set tells both values', async () => {
    const log = [
      '0\t:invoke\t:write\t3',
      '0\t:ok\t:write\t3',
      '1\t:invoke\t:cas\t[3 1]',
      '1\t:fail\t:cas\t[3 1]',
    ];
    const text = log.map((line) => `INFO  jepsen.util - ${line}\n`).join('');
    const { stdout } = await run(text, 'check');
    expect(stdout.split('\n').slice(0, 4)).toEqual([
      'holds: sequential',
      'linearizable: broken (NoLinearization): No order of the operations explains that ' +
        'client 1 did not put register=1, as it found other than register=3 (line 3): ' +
        'the longest one that fits ends with client 0 put register=3 (line 1).',
      '  line 1: put 0 register 3',
      '  line 3: cas 1 register 3 1 (another value)',
    ]);
  });
});

describe('what is no history', () => {
  const EVENT = '{:type :invoke, :f :read, :process 0}';

  it.each([
    ['jepsen-edn', 'x\ny', 'stdin:1: E_HISTORY: x where the map of an operation should begin'],
    [undefined, 'x\ny', 'stdin:1: E_HISTORY: no format that is known; name one with --format'],
    [
      undefined,
      '\n'.repeat(3) + 'x\n'.repeat(30),
      'stdin:4: E_HISTORY: no format that is known; name one with --format',
    ],
    [
      'jepsen-edn',
      `${EVENT}\n{"\0"}`,
      'stdin:2: E_HISTORY: a NUL byte: this is no UTF-8 text (is it UTF-16, or a binary file?)',
    ],
    ['jepsen-edn', Buffer.from([0x7b, 0xff, 0x7d]), 'stdin:1: E_HISTORY: not valid UTF-8'],
    [
      'jepsen-edn',
      `${EVENT}\r${EVENT}`,
      'stdin:1: E_HISTORY: the control character \\x0d, at character 38 of the line',
    ],
    [
      'jepsen-edn',
      `${EVENT}\n${' '.repeat(2 ** 21)}`,
      'stdin:2: E_HISTORY: a line of more than 1048576 bytes',
    ],
    [
      'jepsen-edn',
      `{:process ${'['.repeat(500_000)}`,
      'stdin:1: E_HISTORY: a map that is not closed before the end of the file',
    ],
    [
      'plume',
      'w(1,1,0,1)\nfrob',
      'stdin:2: E_HISTORY: not r(key,value,session,transaction), nor w(...)',
    ],
  ])('%s is refused at its line: %#', async (format, text, why) => {
    const words = format === undefined ? [] : ['--format', format];
    const { status, stdout, stderr } = await run(text, 'check', ...words, '--level', 'causal');
    expect({ status, stdout, stderr }).toEqual({
      status: 65,
      stdout: '',
      stderr: `causeway: ${why}\n`,
    });
  });

  it('may be unreadable', async () => {
    for (const [path, why] of [
      [join(folder, 'missing'), 'no such file or directory'],
      [folder, 'is a folder, not a history'],
    ] as const) {
      const { status, stderr } = await run('', 'check', path);
      expect(status).toBe(71);
      expect(stderr).toMatch(/^causeway: E_IO: /);
      expect(stderr).toContain(why);
    }
    const { status } = await run(STALE, 'check', '--to', 'plume', '--out', join(folder, 'no', 'x'));
    expect(status).toBe(71);
  });
});

describe('wrong usage', () => {
  it.each([
    [['--frob'], "unknown option '--frob'"],
    [['--level', 'best'], 'A level is one of linearizable, sequential,'],
    [['--format', 'xml'], 'A format is one of causeway, jepsen-edn,'],
    [['--to', 'toString'], 'A format is one of causeway, jepsen-edn,'],
    [['--budget', '0'], 'A budget is a whole number from 1 to 999999999.'],
    [['--budget', '1e3'], 'A budget is a whole number from 1 to 999999999.'],
    [['--to', 'causeway', '--out', ''], 'It names no file.'],
    [[''], 'It names no file.'],
    [['--out', 'x'], '--out has no meaning without --to'],
    [['--split'], '--split has no meaning without --to'],
    [['a', 'b'], 'too many arguments'],
  ])('%j', async (words, why) => {
    const { status, stdout, stderr } = await run('', 'check', ...words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^causeway: /);
  });

  it('would write over what it reads', async () => {
    const [path, link] = [join(folder, 'a'), join(folder, 'b')];
    writeFileSync(path, STALE);
    symlinkSync(path, link);
    const { status, stderr } = await run('', 'check', path, '--to', 'plume', '--out', link);
    expect([status, stderr]).toEqual([64, `causeway: ${link} is the same file as ${path}\n`]);
    expect(readFileSync(path, 'utf8')).toBe(STALE);
  });

  it('is helped', async () => {
    const { status, stdout } = await run('', 'check', '--help');
    expect(status).toBe(0);
    for (const { name } of FORMATS) expect(stdout).toContain(`  ${name}`);
    expect((await run('', '--help')).stdout).toContain('  check       judges a history');
  });
});

describe('a history in another format', () => {
  it('is on stdout, with what was lost on stderr', async () => {
    const kv = await run(STALE, 'check', '--to', 'porcupine-kv');
    expect(kv).toEqual({
      status: 0,
      stdout: `{:process 0, :type :invoke, :f :put, :key "x", :value "1"}
{:process 0, :type :ok, :f :put, :key "x", :value "1"}
{:process 1, :type :invoke, :f :get, :key "x", :value nil}
{:process 1, :type :ok, :f :get, :key "x", :value ""}
`,
      stderr:
        `${GUESSED}causeway: note: porcupine-kv has no place for times other than their ` +
        'order\n',
    });
    const back = await run(kv.stdout, 'check', '--level', 'linearizable');
    expect([back.status, back.stdout]).toEqual([1, `${BROKEN}\n`]);
  });

  it('leaves stdout alone with its verdict', async () => {
    const { status, stderr } = await run(
      STALE,
      'check',
      '--to',
      'plume',
      '--level',
      'linearizable',
    );
    expect(status).toBe(1);
    expect(stderr.split('\n')[2]).toBe(`causeway: stdin: ${BROKEN}`);
  });

  it('is in a file, and the verdict on stdout', async () => {
    const path = join(folder, 'out.json');
    const words = ['--to', 'jepsen-json', '--out', path, '--level', 'sequential'];
    expect((await run(STALE, 'check', ...words)).stdout).toBe('sequential: holds\n');
    expect(JSON.parse(`[${readFileSync(path, 'utf8').trim().replaceAll('\n', ',')}]`)).toHaveLength(
      4,
    );
  });

  it('that cannot hold it is refused, and nothing is written', async () => {
    const text = '{"type":"invoke","f":"cas","value":[1,2],"process":3}\n';
    const path = join(folder, 'out');
    const { status, stdout, stderr } = await run(text, 'check', '--to', 'plume', '--out', path);
    expect([status, stdout]).toEqual([65, '']);
    expect(stderr).toContain('stdin:1: E_HISTORY: the format has no word for the operation cas\n');
    expect(() => readFileSync(path)).toThrow('ENOENT');
  });

  it('has a run of Causeway, of which both say the same', async () => {
    const script =
      'joinServer 0\njoinServer 1\njoinClient 5 0\njoinClient 6 1\nput 5 x a b\nget 6 x\n' +
      'partition 0 | 1\nput 5 x c\nget 6 x\ndelete 6 x\nget 6 y\n';
    const path = join(folder, 'history');
    await run(script, '--sim', '--history', path);
    const own = await run('', 'check', path, '--level', 'linearizable', '--level', 'causal');
    expect(own.status).toBe(1);
    for (const format of ['jepsen-edn', 'jepsen-json', 'porcupine-kv']) {
      const { stdout } = await run('', 'check', path, '--to', format);
      const foreign = await run(stdout, 'check', '--level', 'linearizable', '--level', 'causal');
      const outcomes = (text: string): (string | undefined)[] =>
        text.split('\n').map((line) => /^\w+: \w+/.exec(line)?.[0]);
      expect(outcomes(foreign.stdout), format).toEqual(outcomes(own.stdout));
    }
  });
});

describe('convergence of a set', () => {
  const event = (process: number, type: string, f: string, value: string, time: number) =>
    `{:type :${type}, :f :${f}, :value ${value}, :process ${process}, :time ${time}}\n`;
  const add = event(0, 'invoke', 'add', ':a', 0) + event(0, 'ok', 'add', ':a', 1);
  const read = (process: number, found: string, time: number) =>
    event(process, 'invoke', 'read', 'nil', time) + event(process, 'ok', 'read', found, time + 1);

  it.each([
    ['#{:a}', 0, 'convergence: holds\n'],
    [
      '#{}',
      1,
      'convergence: broken (DifferentReads): client 0 read register (line 3) with :a, and client ' +
        '1 read register (line 5) without :a, when nothing changed any more.\n',
    ],
  ] as const)('is asked by name: %s', async (found, status, stdout) => {
    const text = add + read(0, '#{:a}', 10) + read(1, found, 20);
    const told = await run(text, 'check', '--format', 'jepsen-edn', '--level', 'convergence');
    expect(told).toEqual({ status, stdout, stderr: '' });
  });
});
