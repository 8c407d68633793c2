// Where a history leaves open which of several writes a read has read (equal values without
// versions), it keeps a guarantee if some reading of it does. The readings are tried one by one,
// within bounds.
import type { Operation } from '../kernel/history.ts';
import { createModel, type Model } from './model.ts';
import type { Doubt } from './readsFrom.ts';
import { broken, type Judgement, undecided } from './verdict.ts';
import { tell } from './words.ts';

const MOST_READINGS = 1_000;
/** Operations times readings. */
const MOST_WORK = 20_000_000;

/** Judges the likeliest reading first, and the others only if that one is no good. */
export function judgeReadings(
  history: readonly Operation[],
  model: Model,
  judge: (model: Model) => Judgement,
): Judgement {
  const { doubts } = model;
  if (doubts.length === 0) return judge(model);
  const most = Math.max(1, Math.min(MOST_READINGS, MOST_WORK / (history.length + 1)));
  let first: Judgement | undefined;
  let count = 0;
  for (const choice of choices(doubts)) {
    if (count >= most) {
      const certain = createModel(withoutDoubts(history, model));
      const found = certain.doubts.length === 0 ? judge(certain) : undefined;
      if (found?.outcome === 'broken') return found;
      return undecided(
        `equal values were written: ${count} readings of the history were not enough`,
      );
    }
    count += 1;
    const found = judge(createModel(history, choice));
    if (found.outcome === 'holds') return found;
    first ??= found;
    if (found.outcome === 'undecided') first = found;
  }
  return first ?? tooManyVersions(model, doubts);
}

/**
 * What no reading can change. Each level asks less of fewer reads, so what breaks this breaks every
 * reading; that this keeps a level says nothing.
 */
function withoutDoubts(history: readonly Operation[], { doubts, gathered }: Model): Operation[] {
  const reads = doubts.flatMap((doubt) => doubt.reads);
  const doubted = new Set(reads.map((read) => gathered.operations[read]));
  return history.filter((operation) => !doubted.has(operation));
}

/**
 * All ways to decide the doubts, the likeliest first; doubts of one group have different writes.
 * The last doubts change first. Each way is the same array.
 */
function* choices(doubts: readonly Doubt[]): Generator<readonly number[]> {
  const choice: number[] = [];
  const takenByGroup = new Map<string, Set<number>>();
  const takenBy = ({ group }: Doubt): Set<number> | undefined => {
    if (group === undefined) return undefined;
    const taken = takenByGroup.get(group) ?? new Set();
    takenByGroup.set(group, taken);
    return taken;
  };
  let from = 0;
  for (;;) {
    const doubt = doubts[choice.length];
    const index = doubt === undefined ? undefined : findFree(doubt, from, takenBy(doubt));
    if (doubt !== undefined && index !== undefined) {
      takenBy(doubt)?.add(candidateAt(doubt, index));
      choice.push(index);
      from = 0;
      continue;
    }
    if (doubt === undefined) yield choice;
    const last = choice.pop();
    if (last === undefined) return;
    const former = doubts[choice.length] as Doubt;
    takenBy(former)?.delete(candidateAt(former, last));
    from = last + 1;
  }
}

/** The first candidate from a place on that no other doubt of the group has. */
function findFree(doubt: Doubt, from: number, taken: Set<number> | undefined): number | undefined {
  if (from === 0 && !taken?.has(doubt.first)) return 0;
  const { candidates } = doubt;
  for (let index = from; index < candidates.length; index += 1) {
    if (!taken?.has(candidates[index] as number)) return index;
  }
  return undefined;
}

function candidateAt(doubt: Doubt, index: number): number {
  return index === 0 ? doubt.first : (doubt.candidates[index] as number);
}

/** The same value was read under more versions than it was written. */
function tooManyVersions({ gathered }: Model, doubts: readonly Doubt[]): Judgement {
  const reads = doubts.filter(({ group }) => group !== undefined).flatMap(({ reads }) => reads);
  const operations = reads.slice(0, 4).map((read) => gathered.operations[read] as Operation);
  return broken(
    'ThinAirRead',
    operations,
    `Under more versions than there were writes of it: ${operations.map(tell).join(', ')}.`,
  );
}
