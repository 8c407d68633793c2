import { describe, expect, it } from 'vitest';
import { simulateWords } from './programs.ts';

describe('causeway grade', () => {
  it.each([[[]], [['storage=log']], [['storage=log', 'reads=any']]])(
    'gives a chain with %j all of its points, and the exit status says so',
    async (settings) => {
      const words = ['grade', 'chain', ...settings, '--seed', '5'];
      const { status, stdout, stderr } = await simulateWords(words);
      expect(stderr).toBe('');
      expect(stdout.match(/^phase [1-6]: 10\/10 {2}/gm)).toHaveLength(6);
      expect(stdout).toMatch(/total: 60\/60\n$/);
      expect(status).toBe(0);
    },
  );

  it('says what it does', async () => {
    const { status, stdout } = await simulateWords(['grade', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: causeway grade \[options\] <protocol> \[settings...\]\n/);
  });

  it.each([
    [['grade'], "missing required argument 'protocol'"],
    [['grade', 'nothing'], "'nothing' is no protocol; there is causal, chain"],
    [['grade', 'causal'], 'cannot show all of its keys'],
    [['grade', 'chain', '--seed', 'x'], 'A seed is a whole number'],
    [['grade', 'chain', 'causal'], "'causal' is not name=value"],
    [['grade', 'chain', 'reads=all'], "'all' is no value of reads"],
    [['grade', 'chain', '--data', 'x'], '--data is for real processes with storage=log'],
    [['grade', 'chain', 'storage=log', '--data', 'x'], '--data is for real processes'],
  ])('%j is wrong usage', async (words, why) => {
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
  });
});
