// The command `clock`: a node's wall clock is moved, and stays moved in the node's next lives.
import { describe, expect, test } from 'vitest';
import { runScript } from '../support/runScript.ts';

const JOINED = 'joinServer 0\njoinServer 1\njoinClient 5 0\n';

async function clockCalls(script: string): Promise<string[]> {
  const { cluster } = await runScript(`${JOINED}${script}`);
  return cluster.calls.filter((call) => /setClock|start server 0\.2|pause|resume/.test(call));
}

const set = (id: number, offsetMs: number): string =>
  `ask ${id} setClock ${JSON.stringify({ offsetMs })}`;

describe('clock', () => {
  test('moves the clock from where it is, of a server or a client', async () => {
    const script = 'clock 0 +10s\nclock 0 -2500ms\nclock 5 -1s\nclock 0 -7500ms\n';
    expect(await clockCalls(script)).toEqual([
      set(0, 10_000),
      set(0, 7_500),
      set(5, -1_000),
      set(0, 0),
    ]);
  });

  test('is of the machine: the next life has it, too', async () => {
    const calls = await clockCalls('clock 0 +1s\nkillServer 0\njoinServer 0\n');
    expect(calls).toEqual([set(0, 1_000), 'start server 0.2', set(0, 1_000)]);
    const back = await clockCalls('clock 0 +1s\nclock 0 -1s\nkillServer 0\njoinServer 0\n');
    expect(back.at(-1)).toBe('start server 0.2');
  });

  test('of a paused server is set without waiting for an answer', async () => {
    const calls = await clockCalls('pauseServer 0\nclock 0 +1s\nresumeServer 0\n');
    expect(calls).toEqual(['pause 0', set(0, 1_000), 'resume 0']);
  });

  test.each([
    ['clock 9 +1s', 'E_NO_SUCH_NODE'],
    ['clock x +1s', 'E_BAD_ID'],
    ['clock 0', 'E_ARGS'],
    ['clock 0 10s', 'E_ARGS'],
    ['clock 0 ++1s', 'E_ARGS'],
    ['clock 0 +1.5s', 'E_ARGS'],
    ['clock 0 +1h', 'E_ARGS'],
    ['clock 0 +3601s', 'E_ARGS'],
    ['clock 0 +1s 2', 'E_ARGS'],
  ])('refuses %s', async (line, code) => {
    const { stderr, badLineCount } = await runScript(`${JOINED}${line}\n`);
    expect([stderr.split(': ')[2], badLineCount]).toEqual([code, 1]);
  });

  test('A61 a clock is at most a day wrong', async () => {
    const { stderr, cluster } = await runScript(`${JOINED}${'clock 0 -3600s\n'.repeat(25)}`);
    expect(stderr).toBe(
      'causeway: stdin:28: E_LIMIT: the clock of 0 would be more than a day wrong\n',
    );
    expect(cluster.calls.at(-1)).toBe(set(0, -86_400_000));
  });
});
