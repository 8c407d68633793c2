// Conformance: every protocol under every fault plan and many seeds. A failure names its exercise,
// so that it can be run alone. A batch in which an expected event did not happen fails as well.
import { describe, expect, test } from 'vitest';
import { completeOptions } from '../src/kernel/protocol.ts';
import { STORAGE } from '../src/kernel/storageOption.ts';
import { causal } from '../src/protocols/causal/index.ts';
import { type Exercise, type Marks, runExercise } from './conformance/exercise.ts';
import { ACTIONS, LOG_ACTIONS, LOG_PLANS, PLANS } from './conformance/plans.ts';
import { extent } from './support/extent.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? extent({ full: 8, quick: 2 }));
/** Each event must have happened so often in a batch. */
const LEAST = extent({ full: 5, quick: 3 });

async function runSeeds(name: string, exercise: Omit<Exercise, 'seed'>): Promise<Marks> {
  const marks: Marks = new Map();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      await runExercise({ ...exercise, seed }, marks);
    } catch (error) {
      throw new Error(`${name}, seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  return marks;
}

describe.each([causal].map((protocol) => [protocol.name, protocol] as const))(
  '%s',
  (_, protocol) => {
    const all: Marks = new Map();

    describe.each(['eager', 'off', '200ms'])('gossip %s', (gossip) => {
      const options = completeOptions(protocol, { gossip });
      test.each(PLANS.map((plan) => [plan.name, plan] as const))('%s', async (name, plan) => {
        const marks = await runSeeds(`${gossip}, ${name}`, { protocol, options, plan });
        for (const [mark, count] of marks) all.set(mark, (all.get(mark) ?? 0) + count);
      });
    });

    test.each(PLANS.map((plan) => [plan.name, plan] as const))(
      'C5: gossip alone converges after %s',
      async (name, plan) => {
        const options = completeOptions(protocol, { gossip: '200ms' });
        await runSeeds(name, { protocol, options, plan, ending: 'gossip' });
      },
    );

    const hasLogs = Object.hasOwn(protocol.options, STORAGE);
    describe.each(hasLogs ? ['eager', 'off', '200ms'] : [])('with logs, gossip %s', (gossip) => {
      const options = completeOptions(protocol, { gossip, [STORAGE]: 'log' });
      test.each(LOG_PLANS.map((plan) => [plan.name, plan] as const))('%s', async (name, plan) => {
        const marks = await runSeeds(`log, ${gossip}, ${name}`, { protocol, options, plan });
        for (const [mark, count] of marks) all.set(mark, (all.get(mark) ?? 0) + count);
      });
    });

    test('the runs above met every kind of fault and of outcome', () => {
      const outcomes = ['get ok', 'get absent', 'get stale', 'get unknown', 'put ok', 'put stale'];
      const wanted = [
        ...ACTIONS,
        ...(hasLogs ? [...LOG_ACTIONS, 'put fail'] : []),
        ...outcomes,
        'put unknown',
        'delete ok',
        'round whole',
        'round partial',
      ];
      expect(wanted.filter((mark) => (all.get(mark) ?? 0) < LEAST)).toEqual([]);
    });
  },
);
