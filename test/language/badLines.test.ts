// The diagnostics of a script's bad lines. Each test is named by its row in the project's table of
// bad input.
import { describe, expect, test } from 'vitest';
import { KEY_BYTES, VALUE_BYTES } from '../../src/kernel/limits.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { inChunks, runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinServer 1\njoinClient 5 0\n';

/** The diagnostics of a script after three joins, without `causeway: stdin:`. */
async function complaints(lines: string): Promise<string[]> {
  const { stderr } = await runScript(JOINED + lines);
  const head = 'causeway: stdin:';
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      expect(line.startsWith(head)).toBe(true);
      return line.slice(head.length);
    });
}

/** The code of the one line that is complained about. */
async function codeOf(line: string): Promise<string | undefined> {
  const found = await complaints(line);
  expect(found).toHaveLength(1);
  return /^4: (\w+): /.exec(found[0] ?? '')?.[1];
}

describe('bad lines', () => {
  test.each(['', '\n\n', '  \t \n# a comment\n   # another\n#\n'])(
    'A1 A2 %j does nothing and builds no world',
    async (script) => {
      const { stdout, stderr, badLineCount, worlds } = await runScript(script);
      expect([stdout, stderr, badLineCount, worlds]).toEqual(['', '', 0, []]);
    },
  );

  test('A3 A4 A6 last line, CRLF and byte order mark', async () => {
    const script = '\u{feff}joinServer 0\r\njoinClient 5 0\r\nput 5 k a b\r\nget 5 k';
    const { stdout, stderr } = await runScript(script);
    expect([stdout, stderr]).toEqual(['k:a b\n', '']);
  });

  test('A5 a lone carriage return is not a second command', async () => {
    const found = await complaints('put 5 k v\rkillServer 0\nget 5 k\n');
    expect(found).toEqual([
      '4: E_CONTROL_CHAR: the control character \\x0d, at character 10 of the line',
    ]);
  });

  test('A7 nothing behind a NUL byte is done', async () => {
    const { stdout, stderr, isOver } = await runScript(
      `${JOINED}put 5 k v\nget 5 k\n\0\nget 5 k\n`,
    );
    expect(stdout).toBe('k:v\n');
    expect(stderr).toMatch(/^causeway: stdin:6: E_ENCODING: /);
    expect(isOver).toBe(true);
  });

  test('A8 a value of invalid UTF-8 is not stored', async () => {
    const bytes = Buffer.concat([Buffer.from('put 5 k '), Buffer.from([0xe9]), Buffer.from('\n')]);
    const { cluster, stderr } = await runScript(inChunks(JOINED, bytes));
    expect(stderr).toBe('causeway: stdin:4: E_ENCODING: not valid UTF-8\n');
    expect(cluster.store.size).toBe(0);
  });

  test('A10 an overlong line is reported, the next one is done', async () => {
    const { stdout, stderr } = await runScript(
      `${JOINED}put 5 k ${'x'.repeat(2 ** 20)}\nget 5 k\n`,
    );
    expect(stdout).toBe('k:ERR_KEY\n');
    expect(stderr).toBe('causeway: stdin:4: E_LINE_TOO_LONG: more than 1048576 bytes\n');
  });

  test.each([
    ['joinSever 1', 'joinServer'],
    ['chekc', 'check'],
    ['JOINSERVER 1', 'joinServer'],
    ['joinserver 1', 'joinServer'],
    ['printstore 0', 'printStore'],
    ['stablize', 'stabilize'],
    ['gte 5 k', 'get'],
    ['apend 5 k v', 'append'],
  ])('A13 A14 %s is unknown, with the nearest name', async (line, nearest) => {
    const [found] = await complaints(line);
    const [name] = line.split(' ');
    const why = `'${name}' is no command; the nearest is ${nearest}`;
    expect(found).toBe(`4: E_UNKNOWN_COMMAND: ${why}`);
  });

  test.each([
    ['joinServer\u00a01', 'joinServer\\u00a01', '\\u00a0 is a no-break space'],
    ['\ufeffget 5 k', '\\ufeffget', '\\ufeff is a byte order mark'],
    ['\u200bget 5 k', '\\u200bget', '\\u200b is a zero-width space'],
    ['get\u20035 k', 'get\\u20035', '\\u2003 is a blank of another kind'],
  ])('A14 %j is unknown: an odd blank is named', async (line, shown, why) => {
    const [found] = await complaints(line);
    expect(found).toMatch(`4: E_UNKNOWN_COMMAND: '${shown}' (${why}) is no command`);
  });

  test.each([
    ['put 5 k\u00a0v', 'the value is missing; usage: put c k v; \\u00a0', 'a no-break space'],
    ['get 5 k\u3000\u00a0 x', 'too many words; usage: get c k; \\u3000', 'an ideographic space'],
    ['sleep\u200b 5ms now', 'is no command; the nearest is sleep', 'a zero-width space'],
    [
      'stabilize \u2028',
      'too many words; usage: stabilize; \\u2028',
      'a character that is not seen',
    ],
  ])('A18 A19 %j is refused, and the odd blank in it is named once', async (line, why, name) => {
    const [found = ''] = await complaints(line);
    expect(found).toContain(why);
    expect(found.split(name)).toHaveLength(2);
  });

  test('a no-break space in a line that is not refused is not mentioned', async () => {
    expect(await complaints('put 5 a\u00a0b c\u00a0d')).toEqual([]);
  });

  test.each(['frobnicate 1', 'nonsense', 'destroy', 'x'])(
    'A13 %s is unknown and like no name: how to list them all',
    async (line) => {
      const [found] = await complaints(line);
      const why = `'${line.split(' ')[0]}' is no command; --language lists them, and help at`;
      expect(found).toBe(`4: E_UNKNOWN_COMMAND: ${why} the console`);
    },
  );

  test.each(['constructor 1', '__proto__', 'toString', 'hasOwnProperty x', '$(reboot)'])(
    'A15 %s is unknown',
    async (line) => expect(await codeOf(line)).toBe('E_UNKNOWN_COMMAND'),
  );

  test('a long unknown word is shortened and made safe', async () => {
    const [found] = await complaints('x'.repeat(1_000_000));
    expect(found?.length).toBeLessThan(200);
  });

  test('A16 tabs and many blanks separate words', async () => {
    const { stdout } = await runScript(
      ' \tjoinServer\t 0 \njoinClient  5\t0\t\nput\t5  k\tv \nget 5 k',
    );
    expect(stdout).toBe('k:v\n');
  });

  test('A22 a value that is exactly "" is empty, one that is not there is missing', async () => {
    const puts = 'put 5 a ""\nput 5 b  "" \nput 5 c "" ""\nput 5 d ""x\nput 5 e "\n';
    const { cluster } = await runScript(`${JOINED}${puts}`);
    expect([...cluster.store.values()]).toEqual(['', '', '"" ""', '""x', '"']);
    expect(await codeOf('put 5 k')).toBe('E_ARGS');
  });

  test('a no-break space separates nothing', async () => {
    const { cluster } = await runScript(`${JOINED}put 5 a\u00a0b v`);
    expect([...cluster.store]).toEqual([['a\u00a0b', 'v']]);
  });

  test.each([
    ['put 5 k', 'the value is missing; usage: put c k v'],
    ['put 5', 'the key is missing; usage: put c k v'],
    ['get 5 k x', 'too many words; usage: get c k'],
    ['joinServer 1 2', 'too many words; usage: joinServer s'],
    ['stabilize now', 'too many words; usage: stabilize'],
    ['breakConnection 0 1 twoways', "'twoways' is not oneway; usage: breakConnection a b [oneway]"],
    ['sleep', 'the time is missing; usage: sleep time'],
    [
      'sleep 5',
      "'5' is no time: expected a whole number and ms or s, one hour at most; usage: sleep time",
    ],
    [
      'partition 0 1',
      'one group only; | stands between groups; usage: partition 0 1 | 2 3 [oneway]',
    ],
    ['partition 0 | 0', 'node 0 is named twice; usage: partition 0 1 | 2 3 [oneway]'],
    ['partition 0 |', 'a group without a node; usage: partition 0 1 | 2 3 [oneway]'],
  ])('A18 A19 %s has the wrong words', async (line, why) => {
    expect(await complaints(line)).toEqual([`4: E_ARGS: ${why}`]);
  });

  test.each(['-1s', '1.5s', '1e3ms', '99999999999ms', '3601s', '5m', 'ms', '1 s'])(
    'sleep %s is no time',
    async (time) => expect(await codeOf(`sleep ${time}`)).toBe('E_ARGS'),
  );

  test('A20 a value keeps its inner blanks, and loses those around it', async () => {
    const { cluster } = await runScript(`${JOINED}put 5 k   hello  world\t! \t\n`);
    expect(cluster.store.get('k')).toBe('hello  world\t!');
  });

  test('A21 quotes are characters like any other', async () => {
    const { stdout } = await runScript(`${JOINED}put 5 k "a b"\nget 5 k\n`);
    expect(stdout).toBe('k:"a b"\n');
  });

  test('A22 there is no empty value', async () => {
    expect(await codeOf('put 5 k  \t')).toBe('E_ARGS');
  });

  const badIds = ['x', '-1', '1.5', '1e2', '0x10', '01', '+1', '', '١', '１', '00', '1000000'];
  test.each([...badIds, '98765432109876543210', '""'])('A23 A24 %j is no id', async (id) => {
    const { stderr, cluster } = await runScript(`joinServer ${id}\n`);
    expect(stderr).toMatch(/^causeway: stdin:1: E_BAD_ID: .*; usage: joinServer s\n$/);
    expect(cluster.calls).toEqual([]);
  });

  test('ids up to 999999 are ids', async () => {
    const { cluster } = await runScript('joinServer 999999\njoinServer 0\n');
    const starts = cluster.calls.filter((call) => call.startsWith('start'));
    expect(starts).toEqual(['start server 999999.1', 'start server 0.1']);
  });

  test('A25 A26 an id in use is not joined, and its holder is left alone', async () => {
    const { cluster, stderr } = await runScript(
      `${JOINED}joinServer 0\njoinServer 5\njoinClient 1 0\n`,
    );
    expect(stderr.match(/\d: E_\w+/g)).toEqual(['4: E_EXISTS', '5: E_ID_IN_USE', '6: E_ID_IN_USE']);
    expect(cluster.calls.filter((call) => /^(start|kill)/.test(call))).toHaveLength(3);
  });

  test.each([
    ['killServer 9', 'E_NO_SUCH_SERVER'],
    ['killServer 5', 'E_NOT_A_SERVER'],
    ['pauseServer 9', 'E_NO_SUCH_SERVER'],
    ['fail 9', 'E_NO_SUCH_SERVER'],
    ['fail 5', 'E_NOT_A_SERVER'],
    ['recover 0', 'E_ARGS'],
    ['inspect x', 'E_BAD_ID'],
    ['inspect 5', 'E_NOT_A_SERVER'],
    ['pauseServer 5', 'E_NOT_A_SERVER'],
    ['resumeServer 0', 'E_ARGS'],
    ['put 9 k v', 'E_NO_SUCH_CLIENT'],
    ['get 9 k', 'E_NO_SUCH_CLIENT'],
    ['get 0 k', 'E_NO_SUCH_CLIENT'],
    ['delete 9 k', 'E_NO_SUCH_CLIENT'],
    ['joinClient 6 9', 'E_NO_SUCH_SERVER'],
    ['joinClient 6 5', 'E_NO_SUCH_SERVER'],
    ['joinClient 6 0 wishful', 'E_ARGS'],
    ['joinClient 5 1 causal', 'E_ARGS'],
    ['joinClient 6 0 causal causal', 'E_ARGS'],
    ['joinClient 6 0 causal monotonic causal', 'E_ARGS'],
    ['breakConnection 1 1', 'E_SELF'],
    ['createConnection 1 1', 'E_SELF'],
    ['breakConnection 5 9', 'E_NO_SUCH_NODE'],
    ['createConnection 9 0', 'E_NO_SUCH_NODE'],
    ['partition 0 | 9', 'E_NO_SUCH_NODE'],
    ['printStore 9', 'E_NO_SUCH_SERVER'],
    ['printStore 5', 'E_NOT_A_SERVER'],
    ['end', 'E_NOT_HERE'],
    ['protocol plain', 'E_NOT_HERE'],
    ['joinServer ../../x', 'E_BAD_ID'],
    ['transfer 0', 'E_UNSUPPORTED'],
    ['link', 'E_BAD_ID'],
    ['link 0', 'E_BAD_ID'],
    ['link 0 5', 'E_ARGS'],
    ['link 0 5 delay=6s', 'E_ARGS'],
    ['link 0 0 loss=1', 'E_SELF'],
    ['link 0 9 loss=1', 'E_NO_SUCH_NODE'],
    ['link 9 0 reset', 'E_NO_SUCH_NODE'],
    ['link all', 'E_ARGS'],
    ['workload clients=2', 'E_NO_SUCH_CLIENT'],
    ['workload inflight=2', 'E_ARGS'],
    ['workload ops=0', 'E_ARGS'],
    ['workload reads=1.5', 'E_ARGS'],
    ['workload reads=.', 'E_ARGS'],
    ['workload speed=1', 'E_ARGS'],
    ['workload ops=1 ops=1', 'E_ARGS'],
    ['workload ops', 'E_ARGS'],
    ['workload ops=all', 'E_ARGS'],
    ['workload inflight=All', 'E_ARGS'],
    ['workload from=01', 'E_ARGS'],
    ['workload from=1000000', 'E_ARGS'],
    ['workload from=6', 'E_NO_SUCH_CLIENT'],
  ])('A28-A39 A51 A52 A56 %s is %s', async (line, code) => {
    const { cluster } = await runScript(JOINED);
    const before = cluster.calls.length;
    expect(await codeOf(line)).toBe(code);
    const again = await runScript(JOINED + line);
    expect(again.cluster.calls).toHaveLength(before);
  });

  test('A28 A39 a killed server is no server and no node any more', async () => {
    const { stderr } = await runScript(
      `${JOINED}killServer 1\nkillServer 1\ncreateConnection 0 1\nprintStore 1\n`,
    );
    const codes = ['5: E_NO_SUCH_SERVER', '6: E_NO_SUCH_NODE', '7: E_NO_SUCH_SERVER'];
    expect(stderr.match(/\d: E_\w+/g)).toEqual(codes);
  });

  test('A37 two clients cannot be connected', async () => {
    const { stderr } = await runScript(`${JOINED}joinClient 6 0\ncreateConnection 5 6\n`);
    expect(stderr).toBe('causeway: stdin:5: E_BAD_PAIR: 5 and 6 are both clients\n');
  });

  test('A44 A45 A47 keys are opaque', async () => {
    const keys = ['__proto__', 'constructor', 'hasOwnProperty', 'a.b', 'a[0]', '\u00e9', 'e\u0301'];
    const gets = keys.map((name) => `get 5 ${name}\n`).join('');
    const puts = keys.map((name, index) => `put 5 ${name} ${index}\n`).join('');
    const { stdout } = await runScript(JOINED + gets + puts + gets);
    const absent = keys.map((name) => `${name}:ERR_KEY\n`).join('');
    expect(stdout).toBe(absent + keys.map((name, index) => `${name}:${index}\n`).join(''));
  });

  test('A48 keys and values have limits', async () => {
    const longest = '\u00e9'.repeat(KEY_BYTES / 2);
    const largest = 'v'.repeat(VALUE_BYTES - 2);
    const quotes = '"'.repeat(VALUE_BYTES / 2);
    const [keys, values] = [
      [longest, `${longest}x`],
      [largest, `${largest}x`],
    ];
    const { stderr, cluster } = await runScript(
      `${JOINED}${keys.map((name) => `put 5 ${name} a\n`).join('')}` +
        `${values.map((text) => `put 5 k ${text}\n`).join('')}put 5 q ${quotes}\n`,
    );
    expect(stderr.match(/\d: E_\w+/g)).toEqual([
      '5: E_TOO_LARGE',
      '7: E_TOO_LARGE',
      '8: E_TOO_LARGE',
    ]);
    expect([...cluster.store.keys()]).toEqual([longest, 'k']);
  });

  test('A49 the 65th server is refused, 10,000 lines or not', async () => {
    const joins = Array.from({ length: 10_000 }, (_, id) => `joinServer ${id}\n`).join('');
    const { stderr, cluster, badLineCount } = await runScript(`${joins}printStore 63\n`);
    expect(badLineCount).toBe(10_000 - 64);
    expect(stderr).toMatch(/^causeway: stdin:65: E_LIMIT: 64 live servers are the most\n/);
    expect(cluster.calls.at(-1)).toBe('ask 63 printStore {}');
  });

  test('A50 what a shell would run is a value', async () => {
    const { cluster } = await runScript(`${JOINED}put 5 k $(touch /tmp/x);\n`);
    expect(cluster.store.get('k')).toBe('$(touch /tmp/x);');
  });

  test('A52 a command of another protocol says which has it', async () => {
    expect(await complaints('transfer 0')).toEqual([
      '4: E_UNSUPPORTED: transfer is a command of protocol other, this run has plain',
    ]);
  });

  test('strict stops at the first bad line', async () => {
    const { cluster, badLineCount } = await runScript('joinServer 0\nnonsense\njoinServer 1\n', {
      isStrict: true,
    });
    expect(cluster.calls).toEqual(['start server 0.1', 'ask 0 settle {}']);
    expect(badLineCount).toBe(1);
  });

  test('the rest of a script with bad lines is run', async () => {
    const cluster = new FakeCluster();
    await runScript('nonsense\njoinServer x\njoinServer 0\n', { cluster });
    expect(cluster.calls).toEqual(['start server 0.1', 'ask 0 settle {}']);
  });

  // Behind any of these the rest would be another script than was written.
  test.each([
    'protocol plian',
    'protocol',
    'protocol plain size=3',
    'protocol plain storage=log',
    'protocl plain',
    'Protocol plain',
    'protocol plain\u0007',
    'concurrently 2',
    'Concurrently',
    'end',
    'end 1',
    'ned',
  ])('a script ends where %j is refused', async (line) => {
    const { cluster, badLineCount, isOver } = await runScript(`${line}\njoinServer 0\nnonsense\n`);
    expect(cluster.calls).toEqual([]);
    expect([badLineCount, isOver]).toEqual([1, true]);
  });

  test('a script ends where a protocol comes too late', async () => {
    const { cluster, isOver } = await runScript('joinServer 0\nprotocol plain\njoinServer 1\n');
    expect(cluster.calls).toEqual(['start server 0.1', 'ask 0 settle {}']);
    expect(isOver).toBe(true);
  });

  test('at a console such lines are refused like any other', async () => {
    const script = 'protocol plian\nend\nconcurrently 2\nprotocol plain\njoinServer 0\n';
    const { cluster, badLineCount, isOver } = await runScript(script, { isTyped: true });
    expect(cluster.calls).toEqual(['start server 0.1', 'ask 0 settle {}']);
    expect([badLineCount, isOver]).toEqual([3, false]);
  });
});
