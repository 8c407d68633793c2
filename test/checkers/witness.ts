// What a witness is: operations that break the level when they are judged as a history of their
// own, of which none can be left out, and a sentence that speaks of no others.
import type { Level, Recorded, Verdict } from '../../src/checkers/index.ts';
import { Sources } from '../../src/checkers/sources.ts';

/** With all that the reads may have returned: what the history explains is no fault. */
function closed(
  history: readonly Recorded[],
  part: readonly Recorded[],
  level: Level,
): readonly Recorded[] {
  const reads = withCompared(part);
  const sources = new Sources(history, reads, level);
  const wanted = new Set([...part, ...reads.flatMap((read) => sources.of(read))]);
  const all = history.filter((operation) => wanted.has(operation));
  // A source that is a compare-and-set has read something itself.
  const isMore = all.length > part.length && all.some(({ kind }) => kind === 'cas');
  return isMore ? closed(history, all, level) : all;
}

/** What a compare-and-set has read, too: it may have several sources as well. */
function withCompared(part: readonly Recorded[]): readonly Recorded[] {
  return part.flatMap((one): Recorded[] => {
    if (one.kind !== 'cas' || one.isSet !== true) return [one];
    const { expected, isSet: _, found: _found, ...rest } = one;
    const outcome = expected === null ? 'absent' : 'ok';
    return [one, { ...rest, kind: 'get', value: expected, version: null, outcome }];
  });
}

/** Gives what is wrong with it; nothing if all is well. */
export function findFault(
  verdict: Verdict,
  judge: (part: readonly Recorded[]) => Verdict,
  history: readonly Recorded[],
): string | undefined {
  if (verdict.outcome !== 'broken') return undefined;
  const { pattern, sentence, operations } = verdict.witness;
  if (new Set(operations).size < operations.length) return 'an operation is there twice';
  const alone = judge(operations);
  if (alone.outcome !== 'broken') return 'by itself it does not break the level';
  // The whole may leave more open than its witness, which then breaks the level more plainly.
  const isOther = [pattern, alone.witness.pattern].includes('ThinAirRead');
  if (isOther && alone.witness.pattern !== pattern) {
    return `it breaks the level by ${alone.witness.pattern}`;
  }
  const lines = new Set(operations.map(({ line }) => line));
  const told = [...sentence.matchAll(/\bline ([0-9]+)/g)].map(([, line]) => Number(line));
  const stranger = told.find((line) => !lines.has(line));
  if (stranger !== undefined) return `the sentence speaks of line ${stranger}`;
  if (!/\.$/.test(sentence) || /undefined|null/.test(sentence)) return 'no sentence';
  // What failed explains such a read, and breaks nothing.
  if (pattern === 'ThinAirRead') return undefined;
  // Where writes depend on what was before, only reads can be left out.
  const isMixed = operations.some(({ kind }) => kind === 'append' || kind === 'cas');
  const isIdle = (one: Recorded): boolean => {
    const left = operations.filter((operation) => operation !== one);
    // Without any write that it may have returned, a read would be accused of that alone.
    if (!new Sources(history, left, verdict.level).explain(left)) return false;
    const [alone, whole] = [left, closed(history, left, verdict.level)].map((part) => judge(part));
    if (alone?.outcome !== 'broken' || whole?.outcome !== 'broken') return false;
    // Without a deletion, a key that was found absent is one that was never written.
    return one.kind !== 'delete' || alone.witness.pattern === whole.witness.pattern;
  };
  // A failed deletion is shown for the reader.
  const idle = operations
    .filter(({ kind, outcome }) => kind === 'get' || (!isMixed && !/fail|stale/.test(outcome)))
    .find(isIdle);
  return idle && `line ${idle.line} could be left out`;
}
