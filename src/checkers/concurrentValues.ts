// Judges a history in which a read returned several values at once. A register has one value, so
// the levels that are about registers are broken.
import { distinctValues, type Operation, showValue } from '../kernel/history.ts';
import { isSessionGuarantee } from './levels.ts';
import { broken, type Judgement, type Level, undecided } from './verdict.ts';
import { where } from './words.ts';

/** `read` returned several values. */
export function judgeConcurrent(read: Operation, level: Level): Judgement {
  const { session, key, siblings = [] } = read;
  const values = distinctValues(siblings).map(showValue).join(' and ');
  const got = `client ${session} got ${values} of ${key} at once ${where(read)}`;
  if (isSessionGuarantee(level)) return undecided(`${got}: their versions have no order`);
  return broken('ConcurrentValues', [read], `${got}, and a register has one value.`);
}
