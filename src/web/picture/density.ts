// How much happens in each part of a run.
import type { Window } from './frame.ts';
import type { Layout } from './layout.ts';
import { KIND } from './model.ts';
import { countBelow } from './spans.ts';

export interface Density {
  /** Shown events in each column. */
  readonly counts: Int32Array;
  /** Columns in which an operation of the witness begins. */
  readonly witness: readonly number[];
  /** Columns in which a node crashes or pauses, or a link is cut. */
  readonly faults: readonly number[];
}

const FAULTS: readonly number[] = [KIND.crash, KIND.cut, KIND.mute, KIND.pause];

export function countColumns(layout: Layout, { from, to }: Window, columns: number): Density {
  const counts = new Int32Array(columns);
  const columnOf = (x: number) => Math.floor(((x - from) / (to - from)) * columns);
  for (const { x } of layout.rows) {
    let before = countBelow(x, from);
    for (let column = 0; column < columns; column += 1) {
      const end = countBelow(x, from + ((column + 1) / columns) * (to - from), before);
      counts[column] = (counts[column] as number) + end - before;
      before = end;
    }
  }
  const { bars, marks, model, places } = layout;
  const witness: number[] = [];
  for (const [at, operation] of bars.operation.entries()) {
    if (model.isWitness[operation] === 1) witness.push(columnOf(bars.spans.from[at] as number));
  }
  const faults = new Set<number>();
  for (const event of marks.events) {
    if (FAULTS.includes(model.kind[event] as number)) {
      faults.add(columnOf(places.x[event] as number));
    }
  }
  return { counts, witness, faults: [...faults] };
}
