// Ways from one event of a layout to another.
import type { Layout } from './layout.ts';
import { NONE } from './model.ts';
import { countBelow } from './spans.ts';

/** The last shown event at or before a place; `NONE` if there is none. */
export function eventAt(layout: Layout, x: number): number {
  let found = NONE;
  let best = -Infinity;
  for (const row of layout.rows) {
    const at = countBelow(row.x, x + layout.places.typical * 1e-6) - 1;
    if (at < 0) continue;
    const [event, place] = [row.events[at] as number, row.x[at] as number];
    if (place > best || (place === best && event > found)) {
      best = place;
      found = event;
    }
  }
  return found;
}

/** The next shown event after or before another one, in a lane or in all; `NONE` at the end. */
export function neighbour(layout: Layout, event: number, step: 1 | -1, lane?: number): number {
  const { isShown, model } = layout;
  for (let at = event + step; at >= 0 && at < isShown.length; at += step) {
    if (isShown[at] === 1 && (lane === undefined || model.lane[at] === lane)) return at;
  }
  return NONE;
}

/** From the first to the last place of a script line's events; undefined if it has none. */
export function extentOfLine(
  { model, places }: Layout,
  line: number,
): { from: number; to: number } | undefined {
  let from = Infinity;
  let to = -Infinity;
  for (let index = 0; index < model.line.length; index += 1) {
    if (model.line[index] !== line) continue;
    from = Math.min(from, places.x[index] as number);
    to = Math.max(to, places.x[index] as number);
  }
  return from > to ? undefined : { from, to };
}
