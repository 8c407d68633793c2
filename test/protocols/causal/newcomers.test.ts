// Servers that join while tombstones are collected: the stores are equal in the end, and what was
// deleted stays deleted.
import { describe, expect, it } from 'vitest';
import { extent } from '../../support/extent.ts';
import { complaintAbout } from './newcomerHistory.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? extent({ full: 100, quick: 12 }));

describe('a server that joins', () => {
  it('leaves no two stores different, whatever was collected meanwhile', async () => {
    const complaints: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const complaint = await complaintAbout(seed);
      if (complaint !== undefined) complaints.push(complaint);
    }
    expect(complaints).toEqual([]);
  });
});
