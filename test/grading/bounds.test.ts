// What needs no search: it is never wrong, and it finds most of what a search finds.
import { describe, expect, it } from 'vitest';
import { findImpossible } from '../../src/grading/oracle/bounds.ts';
import { type KeyStep, searchKey } from '../../src/grading/oracle/keySearch.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { IS_FULL } from '../support/extent.ts';

const SEEDS = IS_FULL ? 100_000 : 20_000;

/** Steps of one key with answers by chance, most of them of values that were put. */
function drawSteps(seed: number): KeyStep[] {
  const random = createRandomStream(seed, 'bounds');
  const below = (count: number): number => randomBelow(random, count);
  const some = (): number[] => [[0], [1], [2], [0, 1], [1, 2]][below(5)] ?? [];
  let parts = [[0, 1, 2]];
  const steps: KeyStep[] = [{ kind: 'parts', line: 0, parts }];
  for (let line = 1; line <= 6 + below(10); line += 1) {
    const [server = 0] = some();
    const client = 10 + below(2);
    const text = `v${1 + below(3)}`;
    const kind = below(16);
    if (kind < 3) steps.push({ kind: 'put', line, client, key: 'a', value: text, servers: some() });
    else if (kind < 5) {
      parts = [[[0, 1, 2]], [[0, 1], [2]], [[0], [1], [2]]][below(3)] ?? parts;
      steps.push({ kind: 'parts', line, parts });
    } else if (kind < 7) steps.push({ kind: 'stabilize', line, parts });
    else if (kind < 8) {
      steps.push({ kind: 'end', line, server }, { kind: 'join', line, server });
      steps.push({ kind: 'parts', line, parts });
    } else {
      const isGet = below(2) === 0;
      const answer =
        below(6) === 0 ? ({ kind: 'absent' } as const) : { kind: 'value' as const, text };
      const asked = isGet ? { client, servers: some() } : { client: undefined, servers: [server] };
      steps.push({ kind: 'look', line, ...asked, answer, mayLackOther: false });
    }
  }
  return steps;
}

describe('what needs no search', () => {
  it('is refused by the search as well', () => {
    let refused = 0;
    let found = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const steps = drawSteps(seed);
      const impossible = findImpossible(steps);
      const result = searchKey(steps, { left: 1_000_000 });
      if (result.outcome === 'refused') refused += 1;
      if (impossible === undefined) continue;
      found += 1;
      expect(result.outcome, `seed ${seed}: ${JSON.stringify(steps)}`).toBe('refused');
      const upTo = searchKey(steps.slice(0, impossible.at + 1), { left: 1_000_000 });
      expect(upTo.outcome, `seed ${seed} at ${impossible.at}`).toBe('refused');
    }
    expect(refused).toBeGreaterThan(SEEDS / 10);
    expect(found).toBeGreaterThan(refused / 5);
  });
});
