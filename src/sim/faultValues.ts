// The single values in the text of a fault plan. Each reader throws an Error whose message explains
// what is wrong.
import { parseShare } from '../kernel/share.ts';
import { SHORTEST_STALL_MS } from './nodePlan.ts';

/** The longest delay of a message or a disk operation, in milliseconds. */
const LONGEST_DELAY_MS = 60_000;

/** With a higher weight, a log would be compacted after every record. */
const MOST_WEIGHT = 1_000_000;

/** A clock that drifts more would stand still, or run twice as fast. */
const MOST_DRIFT = 0.5;

const COUNT = /^[1-9][0-9]{0,6}$/;
const MILLISECONDS = /^(?:0|[1-9][0-9]{0,4})(?:\.[0-9]{1,3})?$/;

export function readDrift(text: string): number {
  const drift = readShare(text);
  if (drift <= MOST_DRIFT) return drift;
  throw new Error(`a clock drifts by ${MOST_DRIFT} of the time at most`);
}

export function readShare(text: string): number {
  const share = parseShare(text);
  if (share !== undefined) return share;
  throw new Error(`'${text}' is no share: a number from 0 to 1, such as 0.1`);
}

export function writeShare(share: number): string | undefined {
  return share > 0 ? String(share) : undefined;
}

export function readStallMs(text: string): number {
  const ms = readMs(text);
  if (ms >= SHORTEST_STALL_MS) return ms;
  throw new Error(`the longest stop of a node is ${SHORTEST_STALL_MS} ms or more, not ${text} ms`);
}

export function readWeight(text: string): number {
  if (COUNT.test(text) && Number(text) <= MOST_WEIGHT) return Number(text);
  throw new Error(`'${text}' is no weight: a whole number from 1 to ${MOST_WEIGHT}`);
}

export function readMs(text: string): number {
  if (MILLISECONDS.test(text) && Number(text) <= LONGEST_DELAY_MS) return Number(text);
  const range = `milliseconds from 0 to ${LONGEST_DELAY_MS}`;
  if (text === '') throw new Error(`a time is missing: ${range}`);
  const [, count] = /^([0-9.]+)ms$/.exec(text) ?? [];
  const unit = count === undefined ? '' : `, without a unit: ${count}`;
  throw new Error(`'${text}' is no time: ${range}${unit}`);
}
