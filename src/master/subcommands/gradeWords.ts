// Puts the faults of a graded phase into words.
import { type Operation, showValue } from '../../kernel/history.ts';
import type { Fault } from './gradeJudge.ts';

/** How many faults of a phase are printed, and how many operations of each. */
const TOLD = 5;

/** A line for each fault and for each operation that shows it, up to the limit of each. */
export function tellFaults(faults: readonly Fault[]): string[] {
  const told = faults
    .slice(0, TOLD)
    .flatMap(({ text, operations }) => [
      text,
      ...operations.slice(0, TOLD).map(tellOperation),
      ...more(operations.length, 'operations', '  '),
    ]);
  return [...told, ...more(faults.length, 'faults')];
}

function more(count: number, what: string, indent = ''): string[] {
  return count > TOLD ? [`${indent}and ${count - TOLD} more ${what}`] : [];
}

/** The line of a script, and its outcome. */
function tellOperation({ kind, session, key, value, outcome }: Operation): string {
  const written = kind === 'put' ? ` ${showValue(value)}` : '';
  const asked = `  ${kind} ${session} ${key}${written}`;
  if (outcome === 'unknown') return `${asked} (no answer)`;
  if (outcome === 'fail' || outcome === 'stale') return `${asked} (not done)`;
  return kind === 'get' ? `${asked} -> ${value === null ? 'ERR_KEY' : showValue(value)}` : asked;
}
