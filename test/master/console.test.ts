// The console, with keys typed one by one as at a terminal.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  findHistoryFile,
  HISTORY_LINES,
  readHistory,
  writeHistory,
} from '../../src/master/consoleHistory.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { simulate } from '../scripts/programs.ts';
import { Screen } from '../support/screen.ts';
import { Collector } from '../support/streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-console-'));
afterAll(() => rmSync(folder, { recursive: true }));

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const UP = '\u001b[A';
/** What precedes a prompt. */
const FRESH_LINE = '\u001b[1G\u001b[0J';

let state = '';
let sessions = 0;

beforeEach(() => {
  sessions += 1;
  state = join(folder, String(sessions));
  vi.stubEnv('XDG_STATE_HOME', state);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

interface Session {
  /** What is on the screen, prompt and all, and what went to stdout. */
  readonly screen: Collector;
  readonly answers: Collector;
  readonly status: Promise<number>;
  /** Types, and waits until `shown` is there that was not there before. */
  type(keys: string, stream: 'screen' | 'answers', shown: string): Promise<void>;
  press(keys: string): void;
}

function openConsole(...words: string[]): Session {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const [screen, answers] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const status = runProgram({
    words: ['--sim', ...words],
    protocols: PROTOCOLS,
    stdin,
    stdout: answers,
    stderr: screen,
    interruption,
  });
  // Readline takes a chunk of several keys for something pasted, in which a tab is a tab.
  const press = (keys: string): void => {
    for (const key of keys.startsWith('\u001b') ? [keys] : keys) stdin.write(key);
  };
  return {
    screen,
    answers,
    status,
    press,
    type: async (keys, stream, shown) => {
      press(keys);
      await { screen, answers }[stream].shows(shown);
    },
  };
}

describe('the console', () => {
  test('runs the same language, answers on stdout, everything else on the screen', async () => {
    const { type, screen, answers, press, status } = openConsole();
    await screen.shows('causeway> ');
    press('joinServer 0\rjoinClient 5 0\rput 5 k a  b\r');
    await type('get 5 k\r', 'answers', 'k:a  b\n');
    await type('nonsense\r', 'screen', "console:5: E_UNKNOWN_COMMAND: 'nonsense' is no command");
    press('exit\r');
    expect(await status).toBe(0);
    expect(answers.text).toBe('k:a  b\n');
  });

  test('gives the same answers as the script, with levels and states', async () => {
    const servers = 'joinServer 0\njoinServer 1\njoinServer 2\njoinServer 3\n';
    const script =
      `protocol quorum partitioner=byteOrdered\n${servers}joinClient 5 2\n` +
      'put 5 0 value0 one\nput 5 137 value137 quorum\nget 5 137 quorum\nget 5 0 ONE\ninspect\n' +
      'get 5 64 quorum\n';
    const { stdout } = await simulate(Buffer.from(script));
    expect(stdout).toMatch(/^137:value137\n0:value0\n(?:[0-3]:\{.*\}\n){4}64:ERR_KEY\n$/);
    const { type, answers, press, status } = openConsole();
    await type(script.replaceAll('\n', '\r'), 'answers', '64:ERR_KEY\n');
    await type('put 5 256 x one\r', 'screen', "E_BAD_KEY: '256' is no key");
    press('exit\r');
    expect(await status).toBe(0);
    expect(answers.text).toBe(stdout);
  });

  test('completes commands and live ids', async () => {
    const { type, press, status } = openConsole();
    await type('joinS\t17\rjoinC\t5 17\rput 5 key v\rget 5 key\r', 'answers', 'key:v\n');
    await type('put 5 other v\rprintS\t1\t\r', 'answers', 'key:v\nkey:v\nother:v\n');
    press('exit\r');
    expect(await status).toBe(0);
  });

  test('helps', async () => {
    const { type, answers, press, status } = openConsole();
    await type('help get\r', 'screen', '  prints `k:value`');
    await type('help\r', 'screen', 'joinClient c s [guarantee...]');
    await type('help statsu\r', 'screen', "'statsu' is no command; the nearest is status");
    press(CTRL_D);
    expect(await status).toBe(0);
    expect(answers.text).toBe('');
  });

  test('shows that a block is open', async () => {
    const { type, press, status } = openConsole();
    press('joinServer 0\rjoinClient 5 0\r');
    await type('concurrently\r', 'screen', '     ...> ');
    press('get 5 a\rget 5 b\r');
    await type('end\r', 'answers', 'a:ERR_KEY\nb:ERR_KEY\n');
    press(CTRL_D);
    expect(await status).toBe(0);
  });

  test.each([
    ['Ctrl-D', CTRL_D],
    ['exit', 'exit\r'],
  ])('says that a block was left open at %s, and that it was not run', async (_how, keys) => {
    const { type, press, screen, answers, status } = openConsole();
    press('joinServer 0\rjoinClient 5 0\r');
    await type('concurrently\rget 5 a\r', 'screen', 'get 5 a\r\n');
    press(keys);
    expect(await status).toBe(0);
    expect(screen.text).toContain('console:3: E_ARGS: no end follows: the block was not run\n');
    expect(answers.text).toBe('');
  });

  test('that is strict ends at the first bad line, with 65', async () => {
    const { press, screen, answers, status } = openConsole('--strict');
    press('joinServer 0\rjoinClient 5 0\rjoinServer 0\rget 5 k\r');
    expect(await status).toBe(65);
    expect(screen.text).toContain('console:3: E_EXISTS: ');
    expect(answers.text).toBe('');
  });

  test('that is strict ends like any other when no line was bad', async () => {
    const { press, status } = openConsole('--strict');
    press(`joinServer 0\r${CTRL_D}`);
    expect(await status).toBe(0);
  });

  test('Ctrl-C takes back what was typed; twice on an empty line it ends', async () => {
    const { type, press, status } = openConsole();
    press(`killServer 0${CTRL_C}`);
    await type('get 5 k\r', 'screen', 'console:1: E_NO_SUCH_CLIENT');
    await type(CTRL_C, 'screen', 'note: Ctrl-C again ends the cluster, as quit and Ctrl-D do\n');
    await type('get 6 k\r', 'screen', 'console:2: E_NO_SUCH_CLIENT');
    press(CTRL_C);
    press(CTRL_C);
    expect(await status).toBe(130);
  });

  const LONG_LINES = [
    ['a sleep', [], 'sleep 3600s'],
    ['a wait', [], 'wait until get 5 k expect other within 3600s'],
    ['a workload', [], 'workload ops=1000000'],
    ['repeated lines', ['repeat 1000000', 'get 5 absent'], 'end'],
    ['a block', ['concurrently', 'sleep 3600s', 'put 5 k other'], 'end'],
  ] as const;
  test.each(LONG_LINES)('Ctrl-C ends %s and not the cluster', async (_what, block, line) => {
    const { type, press, screen, status } = openConsole('--gossip', '1ms');
    await type(
      'joinServer 0\rjoinServer 1\rjoinClient 5 0\rput 5 k v\rget 5 k\r',
      'answers',
      'k:v\n',
    );
    const next = `\r\n${FRESH_LINE}     ...> `;
    for (const inner of block) await type(`${inner}\r`, 'screen', `${inner}${next}`);
    press(`${line}\rget 5 never\r`);
    await screen.shows('get 5 never');
    await type(
      CTRL_C,
      'screen',
      'this line ends as soon as it can, and 1 line typed after it is dropped;',
    );
    await type('put 5 again v\rget 5 k\rget 5 again\r', 'answers', 'k:v\nagain:v\n');
    press('quit\r');
    expect(await status).toBe(0);
  });

  test('Ctrl-C after a line that it has ended warns, before it ends the cluster', async () => {
    const { type, press, screen, status } = openConsole();
    await type('joinServer 0\rjoinClient 5 0\rget 5 k\r', 'answers', 'k:ERR_KEY\n');
    press('sleep 3600s\rget 5 a\rget 5 b\rget 5 c\r');
    await screen.shows('get 5 c');
    const dropped = 'and 3 lines typed after it are dropped; Ctrl-C again ends the cluster\n';
    await type(CTRL_C, 'screen', `${dropped}${FRESH_LINE}causeway> `);
    await type(CTRL_C, 'screen', 'note: Ctrl-C again ends the cluster, as quit and Ctrl-D do\n');
    press(CTRL_C);
    expect(await status).toBe(130);
  });

  test.each(['concurrently', 'repeat 2'])(
    'Ctrl-C in an open %s says what runs it',
    async (line) => {
      const { type, press, status } = openConsole();
      await type('joinServer 0\rjoinClient 5 0\rget 5 k\r', 'answers', 'k:ERR_KEY\n');
      for (const typed of [line, 'get 5 a']) {
        await type(`${typed}\r`, 'screen', `${typed}\r\n${FRESH_LINE}     ...> `);
      }
      await type(CTRL_C, 'screen', 'as quit and Ctrl-D do; end runs the open block\n');
      await type('end\r', 'answers', 'a:ERR_KEY\n');
      press('quit\r');
      expect(await status).toBe(0);
    },
  );

  test('a second Ctrl-C ends the cluster, with what the first one has not ended', async () => {
    const { type, press, status } = openConsole('--gossip', '1ms');
    press('joinServer 0\rjoinServer 1\rjoinClient 5 0\r');
    await type('sleep 3600s\r', 'screen', 'sleep 3600s\r\n');
    press(CTRL_C);
    press(CTRL_C);
    expect(await status).toBe(130);
  });

  test('says ok after a line that prints nothing, and after no other', async () => {
    const { type, press, screen, answers, status } = openConsole();
    await type('joinServer 0\r', 'screen', 'ok\n');
    press('\r# a comment\rjoinClient 5 0\rget 5 k\rnonsense\rlet a = b\r');
    press('concurrently\rput 5 k v\rend\rbreakConnection 5 0\rput 5 k w\rexit\r');
    expect(await status).toBe(0);
    const shown = new Screen(200);
    shown.end(screen.text);
    const before = shown.rows.filter((_row, at) => shown.rows[at + 1] === 'ok');
    expect(before).toEqual([
      'causeway> joinServer 0',
      'causeway> joinClient 5 0',
      'causeway> let a = b',
      '     ...> end',
      'causeway> breakConnection 5 0',
    ]);
    expect(answers.text).toBe('k:ERR_KEY\n');
  });

  test('begins with one line that says where one is, and how to go on', async () => {
    const { screen, press, status } = openConsole('--protocol', 'chain', '--seed', '7');
    await screen.shows('causeway> ');
    expect(screen.text).toMatch(
      /^Causeway \S+: chain, simulated, seed 7; help lists the commands, quit ends\n/,
    );
    press('quit\r');
    expect(await status).toBe(0);
  });

  test('that is quiet has no banner and no ok', async () => {
    const { screen, press, status } = openConsole('--quiet');
    press('joinServer 0\rquit\r');
    expect(await status).toBe(0);
    expect(screen.text).not.toMatch(/Causeway|ok/);
  });

  test('shows the status', async () => {
    const { type, press, answers, status } = openConsole();
    press('joinServer 0\rjoinServer 1\rjoinClient 5 0\rpauseServer 1\rbreakConnection 0 1\r');
    await type(
      'status\r',
      'screen',
      'servers   0, 1 (paused)\nclients   5 at 0\nlinks     0-1 cut',
    );
    press('quit\r');
    expect(await status).toBe(0);
    expect(answers.text).toBe('');
  });

  test('keeps its history for its owner, and offers it the next time', async () => {
    const first = openConsole();
    await first.type('printStore 7\r', 'screen', 'no live server has the id 7');
    first.press('exit\r');
    await first.status;
    const path = join(state, 'causeway', 'history');
    expect(readFileSync(path, 'utf8')).toBe('printStore 7\nexit\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const second = openConsole();
    await second.screen.shows('causeway> ');
    second.press(UP);
    second.press(UP);
    await second.type('1\r', 'screen', 'no live server has the id 71');
    second.press('exit\r');
    await second.status;
  });

  test('ends as ever where its history cannot be kept, and says so once', async () => {
    vi.stubEnv('XDG_STATE_HOME', '');
    vi.stubEnv('HOME', '/proc');
    const { press, screen, status } = openConsole();
    press('exit\r');
    expect(await status).toBe(0);
    expect(screen.text.match(/note: the history is not kept: .*ENOENT/g)).toHaveLength(1);
  });
});

describe('the history file', () => {
  test('lies where XDG says, and under the home folder without it', () => {
    expect(findHistoryFile({ XDG_STATE_HOME: '/state' })).toBe('/state/causeway/history');
    const fallback = join(homedir(), '.local', 'state', 'causeway', 'history');
    expect(findHistoryFile({})).toBe(fallback);
    expect(findHistoryFile({ XDG_STATE_HOME: 'not/absolute' })).toBe(fallback);
  });

  test('is bounded, when it is written and when it is read', () => {
    const path = join(state, 'history');
    const lines = Array.from({ length: HISTORY_LINES + 5 }, (_, index) => `line ${index}`);
    expect(writeHistory(path, lines)).toBeUndefined();
    expect(readHistory(path)).toEqual(lines.slice(0, HISTORY_LINES));
    writeFileSync(path, `${lines.join('\n')}\n`);
    expect(readHistory(path)).toHaveLength(HISTORY_LINES);
    expect(readHistory(path)[0]).toBe(lines.at(-1));
  });

  test.each([
    ['below a file', () => join(state, 'file', 'history')],
    ['where the system lets nothing be made', () => '/proc/causeway/history'],
    ['without a home folder', () => join('.local', 'state', 'causeway', 'history')],
  ])('that cannot be written costs nothing but itself: %s', (_where, choose) => {
    mkdirSync(state);
    writeFileSync(join(state, 'file'), 'in the way');
    const path = choose();
    expect(writeHistory(path, ['a'])).toMatch(/^the history is not kept: /);
    expect(readHistory(path)).toEqual([]);
  });
});
