// The definition of a witness: operations that break the level when judged as a history of their
// own, none of which can be left out, and a sentence about no other operations.
import type { Recorded, Verdict } from '../../src/checkers/index.ts';

/**
 * A write goes with the reads that may have returned it: without it they would be reads of what
 * no client wrote.
 */
function without(operations: readonly Recorded[], out: Recorded): Recorded[] {
  const mayBeOf = (read: Recorded): boolean => {
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
  judge: (part: readonly Recorded[]) => Verdict,
): string | undefined {
  if (verdict.outcome !== 'broken') return undefined;
  const { pattern, sentence, operations } = verdict.witness;
  if (new Set(operations).size < operations.length) return 'an operation is there twice';
  const alone = judge(operations);
  if (alone.outcome !== 'broken') return 'by itself it does not break the level';
  if (alone.witness.pattern !== pattern) return `it breaks the level by ${alone.witness.pattern}`;
  const lines = new Set(operations.map(({ line }) => line));
  const told = [...sentence.matchAll(/\bline ([0-9]+)/g)].map(([, line]) => Number(line));
  const stranger = told.find((line) => !lines.has(line));
  if (stranger !== undefined) return `the sentence speaks of line ${stranger}`;
  if (!/\.$/.test(sentence) || /undefined|null|nobody/.test(sentence)) return 'no sentence';
  // What failed explains such a read, and breaks nothing.
  if (pattern === 'ThinAirRead') return undefined;
  // Where writes depend on what was before, only reads can be left out.
  const isMixed = operations.some(({ kind }) => kind === 'append' || kind === 'cas');
  const idle = operations
    .filter(({ kind }) => kind === 'get' || !isMixed)
    .find((one) => judge(without(operations, one)).outcome === 'broken');
  return idle && `line ${idle.line} could be left out`;
}
