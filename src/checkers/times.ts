// The start and end times of operations, so that "ended before it began" is a comparison of two
// numbers. Intervals are closed: intervals that touch overlap, so rounding of the clock never
// creates a violation. Within a session, one operation precedes the next even if both times are
// equal.

import type { Recorded } from './history.ts';
import type { Normalized } from './normalize.ts';

export interface Times {
  readonly start: Float64Array;
  /** Infinity if no answer came. */
  readonly end: Float64Array;
  /**
   * Whether several sessions ended one operation and began the next at the same instant. The order
   * of these events is then unknown. Ends are placed before begins, which may be stricter than what
   * happened.
   */
  readonly isCoarse: boolean;
}

/** By normalized operation. With `isLoose`, session order adds nothing to the clock. */
export function createTimes(normalized: Normalized<Recorded>, isLoose = false): Times {
  const { start, end } = normalized;
  const turns = isLoose ? [] : findTurns(normalized);
  if (turns.length === 0) return { start, end, isCoarse: false };
  const sessionAt = new Map<number, number>();
  for (const { at, session } of turns) if (!sessionAt.has(at)) sessionAt.set(at, session);
  const isCoarse = turns.some(({ at, session }) => sessionAt.get(at) !== session);
  return { ...spread(start, end, turns), isCoarse };
}

/** A session ends `before` and begins `after` at one instant. */
interface Turn {
  readonly at: number;
  readonly session: number;
  readonly before: number;
  readonly after: number;
}

function findTurns({ starts, start, end }: Normalized<Recorded>): Turn[] {
  const turns: Turn[] = [];
  for (let session = 0; session + 1 < starts.length; session += 1) {
    let before = -1;
    for (let op = starts[session] as number; op < (starts[session + 1] as number); op += 1) {
      if (before >= 0 && end[before] === start[op]) {
        turns.push({ at: start[op] as number, session, before, after: op });
      }
      if (end[op] !== Number.POSITIVE_INFINITY) before = op;
    }
  }
  return turns;
}

/**
 * Maps every instant to an interval: first the begins without a turn, then for each turn its end
 * before its begin, last the ends without a turn.
 */
function spread(
  start: Float64Array,
  end: Float64Array,
  turns: readonly Turn[],
): { start: Float64Array; end: Float64Array } {
  const instants = Float64Array.from(new Set([...start, ...end])).sort();
  const rank = new Map<number, number>();
  for (const [index, instant] of instants.entries()) rank.set(instant, index);
  const startSlot = new Int32Array(start.length);
  const endSlot = new Int32Array(end.length).fill(-1);
  let most = 0;
  // Turns are in session order, so the position of `before` is known when its turn is handled.
  for (const { at, before, after } of turns) {
    const begun = start[before] === at ? (startSlot[before] as number) : 0;
    endSlot[before] = begun + 1;
    startSlot[after] = begun + 2;
    most = Math.max(most, begun + 3);
  }
  const scale = most + 1;
  const place = (time: number, slot: number): number =>
    time === Number.POSITIVE_INFINITY ? time : (rank.get(time) as number) + slot / scale;
  return {
    start: start.map((time, op) => place(time, startSlot[op] as number)),
    end: end.map((time, op) => {
      const slot = endSlot[op] as number;
      return place(time, slot < 0 ? most : slot);
    }),
  };
}
