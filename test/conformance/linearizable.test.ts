// Every protocol that claims linearizability, under every fault plan and many seeds.
import { describe, expect, test } from 'vitest';
import { completeOptions } from '../../src/kernel/protocol.ts';
import { chain } from '../../src/protocols/chain/index.ts';
import { extent, IS_FULL } from '../support/extent.ts';
import type { Marks } from './exercise.ts';
import { CHAIN_PLANS, runLinearizable } from './linearizable.ts';
import { DAMAGES } from './newRun.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? extent({ full: 3, quick: 1 }));

describe('chain', () => {
  const all: Marks = new Map();

  // In a quick run each plan has its turn with one of them, those that need logs with both.
  const variants = [
    ['tail', 'memory'],
    ['any', 'memory'],
    ['any', 'log'],
    ['tail', 'log'],
  ].map(([reads = '', storage = ''], turn) => [reads, storage, turn] as const);
  describe.each(variants)('reads=%s, storage=%s', (reads, storage, turn) => {
    const options = completeOptions(chain, { reads, storage });
    const plans = CHAIN_PLANS.filter(
      ({ needsLogs }, index) =>
        (storage === 'log' || !needsLogs) && (IS_FULL || needsLogs || (index + turn) % 4 === 0),
    );
    const rows = plans.flatMap((plan) => {
      const parts = plan.needsLogs === true ? extent({ full: 10, quick: 1 }) : 1;
      return Array.from(
        { length: parts },
        (_, part) => [plan.name, 1 + part * SEEDS, plan] as const,
      );
    });
    test.each(rows)('%s, seeds from %i', async (name, first, plan) => {
      for (let seed = first; seed < first + SEEDS; seed += 1) {
        try {
          await runLinearizable({ protocol: chain, options, plan, seed }, all);
        } catch (error) {
          const { message } = error as Error;
          throw new Error(`${reads}, ${storage}, ${name}, seed ${seed}: ${message}`, {
            cause: error,
          });
        }
      }
    });
  });

  // A sample of the seeds does not meet everything.
  test.runIf(IS_FULL)('the runs above met every kind of fault and of outcome', () => {
    const wanted = [
      ...new Set(CHAIN_PLANS.flatMap(({ actions }) => actions)),
      ...DAMAGES.map((damage) => `new run, disk: ${damage}`),
      ...['get ok', 'get absent', 'get unknown', 'put ok', 'put unknown', 'delete ok', 'healed'],
      ...['cas ok set', 'cas ok not set', 'cas unknown'],
    ];
    expect(wanted.filter((mark) => (all.get(mark) ?? 0) < 5)).toEqual([]);
  });
});
