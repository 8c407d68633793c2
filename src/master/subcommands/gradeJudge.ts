// Judges one phase of a grading from its history and from what its dumps showed. What a dump may
// show follows from the history alone: no expected output is written anywhere.
import { check } from '../../checkers/index.ts';
import type { Operation } from '../../kernel/history.ts';

/** What `get c @` or `get c *` showed, and after how many operations of the history. */
export interface ShownDump {
  readonly scope: string;
  readonly behind: number;
  /** Undefined if it was not answered. */
  readonly entries: readonly (readonly [key: string, value: string])[] | undefined;
}

const COPIES = 3;

/** What is wrong with a phase, a line for each kind; empty if nothing is. */
export function findFaults(
  history: readonly Operation[],
  dumps: readonly ShownDump[],
): readonly string[] {
  const faults: string[] = [];
  const verdict = check(history, 'linearizable');
  if (verdict.outcome === 'broken') faults.push('not linearizable: broken');
  if (verdict.outcome === 'undecided') faults.push(`not linearizable: undecided, ${verdict.why}`);
  const refused = history.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'absent');
  if (refused.length > 0) {
    faults.push(`${refused.length} of ${history.length} operations were not answered`);
  }
  for (const dump of dumps) {
    if (dump.entries === undefined) faults.push(`${dump.scope} was not answered`);
  }
  const whole = dumps.filter(({ scope }) => scope === '*');
  faults.push(...whole.flatMap((dump) => findWrongEntries(history, dump)).slice(0, 3));
  faults.push(...findWrongCopies(dumps).slice(0, 3));
  return faults;
}

/** Keys whose value in a dump of everything is none of those that the writes before it allow. */
function findWrongEntries(history: readonly Operation[], dump: ShownDump): string[] {
  const shown = new Map(dump.entries ?? []);
  const before = history.slice(0, dump.behind);
  const keys = new Set([...shown.keys(), ...before.map(({ key }) => key)]);
  return [...keys].flatMap((key) => {
    const allowed = lastValues(before.filter((operation) => operation.key === key));
    const value = shown.get(key) ?? null;
    return allowed.has(value) ? [] : [`${dump.scope} shows ${value} for ${key}`];
  });
}

/** The values that one key can have behind these operations: those of writes that none follows. */
function lastValues(operations: readonly Operation[]): Set<string | null> {
  const writes = operations.filter(({ kind, outcome }) => kind !== 'get' && outcome !== 'fail');
  const isFollowed = (write: Operation): boolean =>
    write.returnedAt !== null &&
    writes.some(({ outcome, invokedAt }) => {
      return outcome === 'ok' && invokedAt > (write.returnedAt as number);
    });
  const last = writes.filter((write) => !isFollowed(write)).map(({ value }) => value);
  const isCertain = writes.some(({ outcome }) => outcome === 'ok');
  return new Set(isCertain ? last : [null, ...last]);
}

/** At the end every key lies at so many servers, and with the value that the whole system shows. */
function findWrongCopies(dumps: readonly ShownDump[]): string[] {
  const whole = new Map(dumps.findLast(({ scope }) => scope === '*')?.entries ?? []);
  const counts = new Map<string, number>();
  const faults: string[] = [];
  for (const { scope, entries = [] } of dumps) {
    if (scope !== '@') continue;
    for (const [key, value] of entries) {
      counts.set(key, (counts.get(key) ?? 0) + 1);
      if (whole.get(key) !== value) faults.push(`a server holds ${value} for ${key}`);
    }
  }
  for (const key of whole.keys()) {
    const copies = counts.get(key) ?? 0;
    if (copies !== COPIES) faults.push(`${key} lies at ${copies} servers`);
  }
  return faults;
}
