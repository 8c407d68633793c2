// A diagram laid out: for each thing that is shown its place from left to right, indexed so that a
// window of it is found without looking at the rest.
import { type Bands, findBands } from './bands.ts';
import { applyFilter, countEvents, type Filter } from './filter.ts';
import { KIND, type Model, NONE } from './model.ts';
import { type Order, type Places, placeEvents, placeOfTime } from './places.ts';
import { Spans } from './spans.ts';

/** The shown events of one lane, in order. */
export interface Row {
  readonly lane: number;
  readonly events: Int32Array;
  readonly x: Float64Array;
}

/** Messages: from a send to a receipt or loss, which is `NONE` for one still under way. */
export interface Arrows {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly spans: Spans;
}

export interface Layout {
  readonly model: Model;
  readonly places: Places;
  readonly rows: readonly Row[];
  /** The row of a lane, or `NONE`. */
  readonly rowOfLane: Int32Array;
  readonly isShown: Uint8Array;
  readonly shownCount: number;
  readonly arrows: Arrows;
  /** Operations, by their index in the history. */
  readonly bars: { readonly operation: Int32Array; readonly spans: Spans };
  readonly bands: Bands & { readonly spans: Spans };
  /** Events that are neither a send nor a receipt, nor a loss. */
  readonly marks: { readonly events: Int32Array; readonly spans: Spans };
}

/** A layout in stages: what a change of the filter leaves as it is, is not done again. */
export function layOut(model: Model, places: Places, filter: Filter): Layout {
  const shown = applyFilter(model, filter);
  const rowOfLane = new Int32Array(model.lanes.length).fill(NONE);
  for (const [row, lane] of shown.lanes.entries()) rowOfLane[lane] = row;
  const rows = gatherRows(model, places, { isShown: shown.events, rowOfLane });
  return {
    ...{ model, places, rows, rowOfLane, isShown: shown.events },
    shownCount: rows.reduce((sum, { events }) => sum + events.length, 0),
    arrows: gatherArrows(model, places, shown.events),
    bars: gatherBars(model, places, shown.operations),
    bands: gatherBands(model, places),
    marks: gatherMarks(model, places, shown.events),
  };
}

export function place(model: Model, order: Order, isControlShown: boolean): Places {
  return placeEvents(model, order, countEvents(model, isControlShown));
}

interface ShownLanes {
  readonly isShown: Uint8Array;
  readonly rowOfLane: Int32Array;
}

function gatherRows(model: Model, { x }: Places, { isShown, rowOfLane }: ShownLanes): Row[] {
  const counts = new Int32Array(model.lanes.length);
  for (let index = 0; index < isShown.length; index += 1) {
    if (isShown[index] === 1) (counts[model.lane[index] as number] as number) += 1;
  }
  const rows: Row[] = [];
  for (const [lane, row] of rowOfLane.entries()) {
    if (row === NONE) continue;
    const count = counts[lane] as number;
    rows.push({ lane, events: new Int32Array(count), x: new Float64Array(count) });
  }
  const filled = new Int32Array(rows.length);
  for (let index = 0; index < isShown.length; index += 1) {
    if (isShown[index] !== 1) continue;
    const row = rowOfLane[model.lane[index] as number] as number;
    const at = filled[row] as number;
    (rows[row] as Row).events[at] = index;
    (rows[row] as Row).x[at] = x[index] as number;
    filled[row] = at + 1;
  }
  return rows;
}

function gatherArrows(model: Model, { x, typical }: Places, isShown: Uint8Array): Arrows {
  const { kind, sendOf, arrival, isControl } = model;
  const from = new Int32Array(isShown.length);
  const to = new Int32Array(isShown.length);
  let count = 0;
  for (let index = 0; index < isShown.length; index += 1) {
    if (isShown[index] !== 1 || isControl[index] === 1) continue;
    const isOpen = kind[index] === KIND.send && arrival[index] === NONE;
    const send = isOpen ? index : (sendOf[index] as number);
    if (send === NONE || isShown[send] !== 1) continue;
    from[count] = send;
    to[count] = isOpen ? NONE : index;
    count += 1;
  }
  const starts = new Float64Array(count);
  const ends = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    starts[at] = x[from[at] as number] as number;
    const arrived = to[at] as number;
    ends[at] = arrived === NONE ? (starts[at] as number) + 2 * typical : (x[arrived] as number);
  }
  const spans = new Spans(starts, ends);
  return { from: from.slice(0, count), to: to.slice(0, count), spans };
}

function gatherBars(model: Model, places: Places, isShown: Uint8Array): Layout['bars'] {
  const operation: number[] = [];
  const from: number[] = [];
  const to: number[] = [];
  const lives = new LifeEnds(model);
  const { begin, end } = model.operations;
  for (const [index, { invokedAt, returnedAt }] of model.history.entries()) {
    if (isShown[index] !== 1) continue;
    const first = begin[index] as number;
    const last = end[index] as number;
    if (first === NONE && places.order !== 'time') continue;
    const start = first === NONE ? placeOfTime(places, invokedAt) : (places.x[first] as number);
    const until = (): number => {
      if (last !== NONE) return places.x[last] as number;
      if (first !== NONE) return places.x[lives.lastOf(first)] as number;
      return returnedAt === null ? places.width : placeOfTime(places, returnedAt);
    };
    operation.push(index);
    from.push(start);
    to.push(Math.max(start, until()));
  }
  const spans = new Spans(Float64Array.from(from), Float64Array.from(to));
  return { operation: Int32Array.from(operation), spans };
}

/** The last events of lives, each found once. */
class LifeEnds {
  readonly #next: Int32Array;
  readonly #lasts = new Map<number, number>();

  constructor({ next }: Model) {
    this.#next = next;
  }

  lastOf(event: number): number {
    const walked: number[] = [];
    let last = event;
    while (this.#next[last] !== NONE && !this.#lasts.has(last)) {
      walked.push(last);
      last = this.#next[last] as number;
    }
    const found = this.#lasts.get(last) ?? last;
    for (const index of walked) this.#lasts.set(index, found);
    return found;
  }
}

function gatherBands(model: Model, { x, width }: Places): Layout['bands'] {
  const { list, healed } = findBands(model);
  const from = Float64Array.from(list, (band) => x[band.from] as number);
  const to = Float64Array.from(list, (band) => (band.to === NONE ? width : (x[band.to] as number)));
  return { list, healed, spans: new Spans(from, to) };
}

function gatherMarks(model: Model, { x }: Places, isShown: Uint8Array): Layout['marks'] {
  const events: number[] = [];
  for (let index = 0; index < isShown.length; index += 1) {
    if (isShown[index] === 1 && model.method[index] === NONE) events.push(index);
  }
  const at = Float64Array.from(events, (index) => x[index] as number);
  return { events: Int32Array.from(events), spans: new Spans(at, at) };
}
