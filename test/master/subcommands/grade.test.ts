import { describe, expect, it } from 'vitest';
import { simulateWords } from './programs.ts';

describe('causeway grade', () => {
  it('gives a chain all of its points, and the exit status says so', async () => {
    const { status, stdout, stderr } = await simulateWords(['grade', 'chain', '--seed', '5']);
    expect(stderr).toBe('');
    expect(stdout.match(/^phase [1-6]: 10\/10 {2}/gm)).toHaveLength(6);
    expect(stdout).toMatch(/total: 60\/60\n$/);
    expect(status).toBe(0);
  });

  it.each([
    [['grade'], 'no protocol is named'],
    [['grade', 'nothing'], 'no protocol'],
    [['grade', 'causal'], 'cannot show all of its keys'],
    [['grade', 'chain', '--seed', 'x'], 'not understood: --seed'],
  ])('%j is wrong usage', async (words, why) => {
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
  });
});
