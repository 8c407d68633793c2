// Judges a history in which a read returned several values at once. A register has one value, so
// the levels that are about registers are broken.
import type { Operation } from '../kernel/history.ts';
import { broken, type Judgement } from './verdict.ts';
import { tell } from './words.ts';

/** `read` returned several values. */
export function judgeConcurrent(read: Operation): Judgement {
  return broken('ConcurrentValues', [read], `${tell(read)} at once, and a register has one value.`);
}
