// What a witness is: operations that break the level when they are judged as a history of their
// own, of which none can be left out, and a sentence that speaks of no others.
import { expect } from 'vitest';
import { check, type Recorded, type Verdict } from '../../src/checkers/index.ts';
import type { Operation } from '../../src/kernel/history.ts';

/**
 * A write goes with the reads that may have returned it: without it they would be reads of what
 * nobody wrote. Where versions are all that counts they may stay.
 */
function without(operations: readonly Operation[], out: Operation): Operation[] {
  const mayBeOf = (read: Operation): boolean => {
    if (read.kind !== 'get' || out.kind === 'get' || read.key !== out.key) return false;
    if (read.version !== null && out.version !== null) {
      return String(read.version) === String(out.version);
    }
    return read.value === (out.kind === 'delete' ? null : out.value);
  };
  return operations.filter((operation) => operation !== out && !mayBeOf(operation));
}

/** Gives what is wrong with it; nothing if all is well. */
export function findFault(
  verdict: Verdict,
  judge: (part: readonly Operation[]) => string,
): string | undefined {
  if (verdict.outcome !== 'broken') return undefined;
  const { pattern, sentence } = verdict.witness;
  const operations = verdict.witness.operations as readonly Operation[];
  if (new Set(operations).size < operations.length) return 'an operation is there twice';
  if (judge(operations) !== 'broken') return 'by itself it does not break the level';
  const lines = new Set(operations.map(({ line }) => line));
  const stranger = [...sentence.matchAll(/\bline ([0-9]+)/g)].find(
    ([, line]) => !lines.has(Number(line)),
  );
  if (stranger !== undefined) return `the sentence speaks of ${stranger[0]}`;
  if (!/\.$/.test(sentence) || /undefined|null|nobody/.test(sentence)) return 'no sentence';
  // What failed explains such a read, and breaks nothing.
  if (pattern === 'ThinAirRead') return undefined;
  const idle = operations.find((operation) => judge(without(operations, operation)) === 'broken');
  return idle && `line ${idle.line} could be left out`;
}

/** Throws at a verdict with a bad witness. Gives the patterns. */
export function expectGoodWitnesses(
  history: readonly Operation[],
  verdicts: readonly Verdict[],
): Map<string, number> {
  const patterns = new Map<string, number>();
  for (const verdict of verdicts) {
    if (verdict.outcome !== 'broken') continue;
    const { level, witness } = verdict;
    const fault = findFault(verdict, (part) => check(part, level).outcome);
    const told = `${level}: ${witness.sentence}\n${describe(witness.operations)}\nof\n${describe(history)}`;
    expect(fault, told).toBeUndefined();
    patterns.set(witness.pattern, (patterns.get(witness.pattern) ?? 0) + 1);
  }
  return patterns;
}

function describe(operations: readonly Recorded[]): string {
  return operations.map((operation) => JSON.stringify(operation)).join('\n');
}
