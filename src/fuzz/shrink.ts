// Shrinks a failing test case while it fails in the same way. Works on the text of the script: a
// line that has become meaningless is refused, has no effect, and is then removed. Sets of lines
// are removed first, halves before quarters (delta debugging: Zeller and Hildebrandt, "Simplifying
// and Isolating Failure-Inducing Input", IEEE TSE 2002), then single words.

import { drawTestCase } from './draw.ts';
import { runTwice } from './search.ts';
import type { ScriptLanguage } from './session.ts';
import {
  dropLines,
  dropTwoLines,
  type Offer,
  simplifyFaults,
  simplifyWords,
} from './shrinkSteps.ts';
import type { Failure, TestCase } from './testCase.ts';
import { runTrial } from './trial.ts';

export interface ShrinkSetup {
  readonly language: ScriptLanguage;
  readonly testCase: TestCase;
  readonly failure: Failure;
  /** What is wrong with a test case; absent for all that its protocol guarantees. */
  readonly judge?: (testCase: TestCase) => Promise<Failure | undefined>;
  /** Whether another, random script may replace one that stays long; it may if absent. */
  readonly mayBeginAnew?: boolean;
  /**
   * Called before each trial with the best result so far; true stops the shrinking with it.
   */
  readonly isOver?: (shrunk: Shrunk) => boolean;
}

export interface Shrunk {
  readonly testCase: TestCase;
  readonly failure: Failure;
  readonly trials: number;
}

const MOST_TRIALS = 4_000;
/**
 * A smaller script uses the random stream differently, so it may need another seed to fail again.
 */
const OTHER_SEEDS = [1, 2, 3, 4, 5, 6];
/** A script of this length is easy to read. */
const SHORT_LINES = 10;
const SHORT_TEST_CASES = 1_000;

export async function shrink(setup: ShrinkSetup): Promise<Shrunk> {
  const shrinker = new Shrinker(setup);
  await shrinker.run();
  const { testCase, failure, trials } = shrinker;
  return { testCase, failure, trials };
}

class Shrinker {
  testCase: TestCase;
  failure: Failure;
  trials = 0;
  readonly #language: ScriptLanguage;
  readonly #judge: (testCase: TestCase) => Promise<Failure | undefined>;
  readonly #mayBeginAnew: boolean;
  readonly #isOver: () => boolean;

  constructor(setup: ShrinkSetup) {
    const { language, testCase, failure, mayBeginAnew = true, isOver = () => false } = setup;
    this.#language = language;
    this.testCase = testCase;
    this.failure = failure;
    this.#judge = setup.judge ?? ((candidate) => this.#judgeByGuarantees(candidate));
    this.#mayBeginAnew = mayBeginAnew;
    this.#isOver = () => this.trials >= MOST_TRIALS || isOver(this);
  }

  async run(): Promise<void> {
    await this.#takeInEnding();
    await this.#cutOffRest();
    await this.#minimize([]);
    // The test case is small now, so each trial is fast.
    await this.#minimize(OTHER_SEEDS);
    if (this.#mayBeginAnew) await this.#beginAnew();
    await this.#offer({ ...this.testCase, seed: 1 }, []);
  }

  /** If a script stays long, tries new random scripts that are short from the start. */
  async #beginAnew(): Promise<void> {
    for (let seed = 1; seed <= SHORT_TEST_CASES && !this.#isOver(); seed += 1) {
      if (this.testCase.lines.length <= SHORT_LINES) return;
      const testCase = drawTestCase(this.testCase.protocol, seed, 'short');
      if (testCase.lines.length >= 2 * this.testCase.lines.length) continue;
      const former = { testCase: this.testCase, failure: this.failure };
      if (!(await this.#offer(testCase, []))) continue;
      await this.#takeInEnding();
      await this.#cutOffRest();
      await this.#minimize([]);
      if (this.testCase.lines.length < former.testCase.lines.length)
        await this.#minimize(OTHER_SEEDS);
      else Object.assign(this, former);
    }
  }

  /** Appends the ending in which the violation occurred, so that it can be shrunk too. */
  async #takeInEnding(): Promise<void> {
    const { ending } = this.failure;
    if (ending.length === 0) return;
    await this.#offer(
      { ...this.testCase, lines: [...this.testCase.lines, ...ending] },
      OTHER_SEEDS,
    );
  }

  async #cutOffRest(): Promise<void> {
    const lines = this.testCase.lines.slice(0, this.failure.line);
    if (lines.length < this.testCase.lines.length)
      await this.#offer({ ...this.testCase, lines }, []);
  }

  /** Repeats all steps until none makes the test case smaller. */
  async #minimize(otherSeeds: readonly number[]): Promise<void> {
    const offer: Offer = (candidate) => this.#offer(candidate, otherSeeds);
    const current = (): TestCase => this.testCase;
    for (;;) {
      const before = this.testCase;
      await simplifyFaults(current, offer);
      await dropLines(current, offer);
      if (otherSeeds.length > 0) await dropTwoLines(current, offer);
      await simplifyWords(current, offer);
      if (this.testCase === before || this.#isOver()) return;
    }
  }

  async #offer(candidate: TestCase, otherSeeds: readonly number[]): Promise<boolean> {
    for (const seed of [candidate.seed, ...otherSeeds]) {
      if (this.#isOver()) return false;
      this.trials += 1;
      const testCase = { ...candidate, seed };
      const failure = await this.#judge(testCase);
      if (failure === undefined || !this.#isSame(failure)) continue;
      this.testCase = testCase;
      this.failure = failure;
      return true;
    }
    return false;
  }

  /** A violation in the script itself must not become one that only the ending shows. */
  #isSame({ kind, ending }: Failure): boolean {
    return kind === this.failure.kind && ending.length <= this.failure.ending.length;
  }

  async #judgeByGuarantees(testCase: TestCase): Promise<Failure | undefined> {
    const language = this.#language;
    const isUnsteady = this.failure.kind === 'G5';
    const result = await (isUnsteady
      ? runTwice(language, testCase)
      : runTrial({ language, testCase }));
    return result.failure;
  }
}
