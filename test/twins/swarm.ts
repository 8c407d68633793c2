// The swarm on a twin: random scripts until one fails, and the shrunk script.

import { drawTestCase } from '../../src/fuzz/draw.ts';
import { createScriptLanguage } from '../../src/fuzz/scriptSession.ts';
import { type FoundFailure, runBatch, type SeedRange } from '../../src/fuzz/search.ts';
import { shrink } from '../../src/fuzz/shrink.ts';
import type { Failure, TestCase } from '../../src/fuzz/testCase.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { chain } from '../../src/protocols/chain/index.ts';
import { quorum } from '../../src/protocols/quorum/index.ts';
import { sharded } from '../../src/protocols/sharded/index.ts';
import { weak } from '../../src/protocols/weak/index.ts';

const PROTOCOLS = { causal, chain, quorum, sharded, weak };
const language = createScriptLanguage(Object.values(PROTOCOLS));

export interface Find {
  /** The first seed whose script shrank to so few lines. */
  readonly seed: number;
  readonly found: Failure;
  readonly testCase: TestCase;
  readonly failure: Failure;
  readonly trials: number;
}

/**
 * The first failure within the seeds from 1 to `most` that shrinks to at most so many lines. Where
 * none does it is the last that was found; undefined without any.
 */
export async function findFailure(most: number, lines: number): Promise<Find | undefined> {
  let find: Find | undefined;
  for (let seed = 1; seed <= most; seed += 1) {
    const { failures } = await runBatch(language, causal, { from: seed, to: seed + 1 });
    const [first] = failures;
    if (first === undefined) continue;
    const found = first.failure;
    const testCase = drawTestCase(causal, seed);
    find = { seed, found, ...(await shrink({ language, testCase, failure: found })) };
    if (find.testCase.lines.length <= lines) return find;
  }
  return find;
}

/** The first failure of the seeds in that range, or undefined. */
export async function findFirst(
  name: keyof typeof PROTOCOLS,
  { from, to, depth }: SeedRange,
): Promise<FoundFailure | undefined> {
  for (let seed = from; seed < to; seed += 1) {
    const range = { from: seed, to: seed + 1, depth };
    const { failures } = await runBatch(language, PROTOCOLS[name], range);
    if (failures[0] !== undefined) return failures[0];
  }
  return undefined;
}
