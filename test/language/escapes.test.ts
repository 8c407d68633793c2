// Escapes in printed answers: each stands for one character, and no other text looks like one.
import { describe, expect, test } from 'vitest';
import { FakeCluster } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

const TRIO = 'joinServer 0\njoinClient 5 0\n';

describe('an answer', () => {
  test('A43 control characters in answers are escaped', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) =>
      method === 'printStore' ? { entries: [['a\u001b[2J', 'x\ny\u009b\tz']] } : undefined;
    const { stdout } = await runScript(`${TRIO}printStore 0\n`, { cluster });
    expect(stdout).toBe('a\\x1b[2J:x\\x0ay\\x9b\tz\n');
  });

  test('A43 a backslash is escaped where it looks like an escape, but not in JSON', async () => {
    const puts = 'put 5 \\x1b \\\\x41\\xZZ\\d\\uD800\nget 5 \\x1b\nprintStore 0\n';
    const shown = '\\x5cx1b:\\\\x5cx41\\xZZ\\d\\x5cuD800\n';
    expect((await runScript(`${TRIO}${puts}`)).stdout).toBe(`${shown}${shown}`);
    const { stdout } = await runScript(`${TRIO}${puts}`, { isJson: true });
    const [got = '{}'] = stdout.split('\n');
    expect(JSON.parse(got)).toMatchObject({ key: '\\x1b', value: '\\\\x41\\xZZ\\d\\uD800' });
  });

  test('A43 every answer with escapes is that of one text', async () => {
    const texts = [
      '\u001b',
      '\\x1b',
      '\\\u001b',
      '\\\\x1b',
      '\\x5cx1b',
      '\\u001b',
      '\ud800',
      '\\ud800',
    ];
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) =>
      method === 'printStore' ? { entries: texts.map((text) => ['k', text]) } : undefined;
    const { stdout } = await runScript(`${TRIO}printStore 0\n`, { cluster });
    const read = (line: string): string =>
      line
        .slice('k:'.length)
        .replace(/\\x([0-9a-f]{2})|\\u(d[89a-f][0-9a-f]{2})/g, (_all, byte, half) =>
          String.fromCharCode(Number.parseInt(byte ?? half, 16)),
        );
    expect(stdout.trimEnd().split('\n').map(read)).toEqual(texts);
  });
});
