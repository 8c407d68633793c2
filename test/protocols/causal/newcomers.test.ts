// Servers that join while deletions are forgotten: the stores are the same in the end, and what was
// deleted stays deleted.
import { describe, expect, it } from 'vitest';
import { complaintAbout } from './newcomerHistory.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? 100);

describe('a server that joins', () => {
  it('leaves no two stores different, whatever was forgotten around it', async () => {
    const complaints: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const complaint = await complaintAbout(seed);
      if (complaint !== undefined) complaints.push(complaint);
    }
    expect(complaints).toEqual([]);
  });
});
