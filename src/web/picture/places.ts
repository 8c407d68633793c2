// Where each event lies from left to right. By time: the clock, with long empty stretches shortened
// and the steps of one instant set side by side. By order: Lamport's, over the events that count.
import { type Model, NONE } from './model.ts';

export type Order = 'time' | 'causal';

/** An empty stretch that is drawn shorter than it was. */
export interface Gap {
  readonly from: number;
  readonly to: number;
  readonly ms: number;
}

/** Positions are in units of no meaning of their own, from 0. */
export interface Places {
  readonly order: Order;
  readonly x: Float64Array;
  readonly width: number;
  /** The usual distance of one event from the next. */
  readonly typical: number;
  /** By position. */
  readonly gaps: readonly Gap[];
  /** Monotone: of instants in which something happened the time, first and last position. */
  readonly instants: Instants;
}

export interface Instants {
  readonly count: number;
  readonly at: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
}

/** So many usual distances without an event are a long stretch. */
const LONG = 12;
/** A step within one instant, of the usual distance. */
const STEP = 0.35;
const SAMPLES = 4096;

/**
 * `isCounted` says for each event whether it may take room: hidden ones lie where the one before
 * them does.
 */
export function placeEvents(model: Model, order: Order, isCounted: Uint8Array): Places {
  return order === 'time' ? placeByTime(model, isCounted) : placeByOrder(model, isCounted);
}

/** The position after the cause and after the one before it in the lane, one further if counted. */
class Steps {
  readonly #last: Int32Array;
  readonly #model: Model;
  readonly #isCounted: Uint8Array;
  readonly steps: Int32Array;

  constructor(model: Model, isCounted: Uint8Array) {
    this.#model = model;
    this.#isCounted = isCounted;
    this.#last = new Int32Array(model.lanes.length).fill(-1);
    this.steps = new Int32Array(model.events.length);
  }

  /** Events before `since` are no causes. */
  take(index: number, since: number): number {
    const { lane, sendOf } = this.#model;
    const own = lane[index] as number;
    const last = this.#last[own] as number;
    const send = sendOf[index] as number;
    const cause = send >= since && send < index ? (this.steps[send] as number) : -1;
    const step = Math.max(last, cause) + (this.#isCounted[index] === 1 ? 1 : 0);
    this.steps[index] = Math.max(step, 0);
    this.#last[own] = Math.max(step, last);
    return this.steps[index] as number;
  }

  /** Lets the lanes of these events begin anew. */
  forget(from: number, to: number): void {
    for (let index = from; index < to; index += 1) {
      this.#last[this.#model.lane[index] as number] = -1;
    }
  }

  /** No later event of the lane comes before this step. */
  raise(lane: number, step: number): void {
    this.#last[lane] = Math.max(this.#last[lane] as number, step);
  }
}

function placeByOrder(model: Model, isCounted: Uint8Array): Places {
  const steps = new Steps(model, isCounted);
  const x = new Float64Array(model.events.length);
  const service = model.laneByNode.get('master') ?? NONE;
  let width = 0;
  for (let index = 0; index < x.length; index += 1) {
    // No message of the trace says what a note of the service depends on.
    if (model.lane[index] === service) steps.raise(service, width);
    x[index] = steps.take(index, 0);
    width = Math.max(width, x[index] as number);
  }
  const none = new Float64Array(0);
  const instants = { count: 0, at: none, first: none, last: none };
  return { order: 'causal', x, width, typical: 1, gaps: [], instants };
}

function placeByTime(model: Model, isCounted: Uint8Array): Places {
  const { at } = model;
  const length = at.length;
  const typical = usualGap(at);
  const steps = new Steps(model, isCounted);
  const x = new Float64Array(length);
  const instants = {
    at: new Float64Array(length),
    first: new Float64Array(length),
    last: new Float64Array(length),
  };
  const gaps: Gap[] = [];
  let count = 0;
  let place = 0;
  for (let from = 0; from < length; ) {
    const now = at[from] as number;
    if (count > 0) {
      const ms = now - (instants.at[count - 1] as number);
      const wide = shorten(ms, typical);
      if (wide < ms) gaps.push({ from: place, to: place + wide, ms });
      place += wide;
    }
    let to = from;
    let depth = 0;
    for (; to < length && at[to] === now; to += 1) depth = Math.max(depth, steps.take(to, from));
    for (let index = from; index < to; index += 1) {
      x[index] = place + (steps.steps[index] as number) * typical * STEP;
    }
    steps.forget(from, to);
    instants.at[count] = now;
    instants.first[count] = place;
    place += depth * typical * STEP;
    instants.last[count] = place;
    count += 1;
    from = to;
  }
  return { order: 'time', x, width: place, typical, gaps, instants: { count, ...instants } };
}

/** The middle one of the distances between instants, of a sample. */
function usualGap(at: Float64Array): number {
  const gaps: number[] = [];
  const stride = Math.max(1, Math.floor(at.length / SAMPLES));
  for (let block = 0; block < at.length; block += stride) {
    for (let index = Math.max(1, block); index < Math.min(block + 8, at.length); index += 1) {
      const gap = (at[index] as number) - (at[index - 1] as number);
      if (gap > 0) gaps.push(gap);
    }
  }
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 1;
}

function shorten(ms: number, typical: number): number {
  const long = typical * LONG;
  return ms <= long ? ms : long * (1 + 0.5 * Math.log10(ms / long));
}

/** The last instant whose value in the column is at most this; -1 for none. */
function lastInstant(column: Float64Array, count: number, value: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The time at a position of an order by time. */
export function timeAt({ instants }: Places, x: number): number {
  const { count, at, first, last } = instants;
  if (count === 0) return 0;
  const here = lastInstant(first, count, x);
  if (here === -1) return at[0] as number;
  const from = last[here] as number;
  if (here === count - 1 || x <= from) return at[here] as number;
  const share = (x - from) / ((first[here + 1] as number) - from);
  return (at[here] as number) + share * ((at[here + 1] as number) - (at[here] as number));
}

/** The position of a time, in an order by time; of an instant with several steps the last. */
export function placeOfTime({ instants, width }: Places, time: number): number {
  const { count, at, first, last } = instants;
  const here = lastInstant(at, count, time);
  if (here === -1) return 0;
  if (here === count - 1) return width;
  const gap = (at[here + 1] as number) - (at[here] as number);
  const share = (time - (at[here] as number)) / gap;
  return (last[here] as number) + share * ((first[here + 1] as number) - (last[here] as number));
}

export interface Tick {
  readonly x: number;
  readonly value: number;
}

/**
 * Round values between two positions, at least `distance` apart: milliseconds by time, steps in
 * causal order.
 */
export function placeTicks(places: Places, from: number, to: number, distance: number): Tick[] {
  const ticks: Tick[] = [];
  const valueAt = (x: number) => (places.order === 'time' ? timeAt(places, x) : x);
  const placeOf = (value: number) => (places.order === 'time' ? placeOfTime(places, value) : value);
  let free = from;
  for (let x = from; x <= to; x += distance) {
    const step = roundUp(valueAt(x + distance) - valueAt(x));
    if (step <= 0) continue;
    const value = Math.ceil(valueAt(Math.max(x, free)) / step) * step;
    const place = placeOf(value);
    if (place < free || place > to) continue;
    ticks.push({ x: place, value });
    free = place + distance;
  }
  return ticks;
}

/** 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5].find((round) => round * power >= value * 0.999);
  return (factor ?? 10) * power;
}
