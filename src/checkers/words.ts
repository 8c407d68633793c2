// Describes an operation in words: which client did what to which key, and in which line of the
// script.
import {
  distinctValues,
  listElements,
  showElements,
  showValue,
  showWord,
} from '../kernel/history.ts';
import {
  type CompareAndSet,
  isInitial,
  isOfSet,
  isPart,
  nameOf,
  type PartOfRead,
  type Pop,
  type Recorded,
  type SetOperation,
  type SetRead,
} from './history.ts';

/**
 * `client 5 put x=1 (line 3)`, `client 6 got x=1 (line 4)`, `client 6 found no x (line 4)`, `an
 * earlier run put x=1`
 */
export function tell(operation: Recorded): string {
  const { session, kind, key, value } = operation;
  if (isInitial(operation)) {
    const did = kind === 'delete' ? `deleted ${key}` : `put ${key}=${showValue(value)}`;
    return `an earlier run ${did}`;
  }
  if (kind === 'append') {
    const end = operation.side === 'left' ? 'the left of ' : '';
    return `client ${session} appended ${showValue(value)} to ${end}${key} ${where(operation)}`;
  }
  if (kind === 'pop') return tellPop(operation);
  if (kind === 'cas') return tellCas(operation);
  if (kind === 'add') {
    const gave = operation.sum === undefined ? '' : `, which gave ${operation.sum},`;
    return `client ${session} added ${value} to ${key}${gave} ${where(operation)}`;
  }
  if (isOfSet(operation)) return tellSet(operation);
  if (kind === 'put') return `client ${session} put ${key}=${showValue(value)} ${where(operation)}`;
  if (kind === 'delete') return `client ${session} deleted ${key} ${where(operation)}`;
  const found = value === null ? `found no ${key}` : `got ${content(operation)}`;
  return `client ${session} ${found} ${where(operation)}`;
}

/** `client 5 took a from the left of x (line 3)` */
function tellPop(operation: Pop): string {
  const { session, key, value, outcome, side } = operation;
  const place = where(operation);
  if (outcome === 'absent') return `client ${session} found no ${key} to take from ${place}`;
  const what = value === null ? 'a character' : showValue(value);
  return `client ${session} took ${what} from the ${side} of ${key} ${place}`;
}

/** `client 5 added a to the set x (line 3)`, `client 6 got x={a, b} (line 4)` */
function tellSet(operation: SetOperation): string {
  const { session, key, kind } = operation;
  const place = where(operation);
  if (kind === 'elements') {
    if (isPart(operation)) return tellPart(operation);
    return `client ${session} got ${key}=${showElements(operation.elements)} ${place}`;
  }
  const did = kind === 'insert' ? 'added' : 'removed';
  const way = kind === 'insert' ? 'to' : 'from';
  return `client ${session} ${did} ${showValue(operation.value)} ${way} the set ${key} ${place}`;
}

/** `client 6 read x (line 4) with a, without b`, of what is in question. */
function tellPart({ among, ...read }: PartOfRead): string {
  const found = new Set(read.elements);
  const named = [...among].map((name) => JSON.parse(name) as [key: string, element: string]);
  const missing = named.filter(([key, one]) => key === read.key && !found.has(one));
  const parts = [`client ${read.session} read ${read.key} ${where(read)}`];
  if (found.size > 0) parts.push(`with ${listElements([...found])}`);
  if (missing.length === 0) return parts.join(' ');
  const without = `without ${listElements(missing.map(([, one]) => one))}`;
  return found.size > 0 ? `${parts.join(' ')}, ${without}` : `${parts.join(' ')} ${without}`;
}

/** `client 6 read x (line 4) without a` */
export function tellWithout(read: SetRead, element: string): string {
  return tellPart({ ...read, elements: [], among: new Set([nameOf(read.key, element)]) });
}

/** `client 5 put x=2 in place of x=1 (line 3)`, or why it did not write. */
function tellCas(operation: CompareAndSet): string {
  const { session, key, value, expected, isSet, found } = operation;
  const had = expected === null ? `no ${key}` : `${key}=${showWord(expected)}`;
  const put = `put ${key}=${showWord(value)}`;
  const place = where(operation);
  if (isSet === false && found !== undefined) {
    const other = found.value === null ? `no ${key}` : `${key}=${showWord(found.value)}`;
    return `client ${session} did not ${put}, as it found ${other} and not ${had} ${place}`;
  }
  return isSet === false
    ? `client ${session} did not ${put}, as it found other than ${had} ${place}`
    : `client ${session} ${put} in place of ${had} ${place}`;
}

/**
 * What a session knows of a key, of an operation of its own: `its own x=1 (line 2)`, `the x=1 that
 * it had read (line 2)`.
 */
export function tellKnown(operation: Recorded, isOwnWrite: boolean): string {
  const place = where(operation);
  const { kind, key, value } = operation;
  const own = kind === 'delete' ? `deletion of ${key}` : content(operation);
  if (isOwnWrite) return `its own ${own} ${place}`;
  if (value !== null) return `the ${content(operation)} that it had read ${place}`;
  return `the deletion of ${key} that it had found ${place}`;
}

/** `x=1`, `x=1 and x=2` or `no x`: the state that a write leaves, or that a read returned. */
export function content(operation: Recorded): string {
  const { kind, key, value } = operation;
  const several = kind === 'get' ? distinctValues(operation.siblings ?? []) : [];
  if (several.length > 1) return several.map((one) => `${key}=${showValue(one)}`).join(' and ');
  if (kind === 'append') return `${key}=...${showValue(value)}`;
  if (kind === 'pop') return `${key} without ${showValue(value)}`;
  return kind === 'delete' || value === null ? `no ${key}` : `${key}=${showValue(value)}`;
}

/** `x=1`, or `the deletion of x`. */
export function written({ kind, key, value }: Recorded): string {
  if (kind === 'append') return `the appending of ${showValue(value)} to ${key}`;
  if (kind === 'pop') return `the taking of ${showValue(value)} from ${key}`;
  return kind === 'delete' || value === null
    ? `the deletion of ${key}`
    : `${key}=${showValue(value)}`;
}

/**
 * `(line 3)`; `(line 3, transaction 7)`; `(operation 12 of line 3, at 250 ms)` if the line has
 * several operations; `(an earlier run)`.
 */
export function where(operation: Recorded): string {
  if (isInitial(operation)) return '(an earlier run)';
  const { line, number, invokedAt, transaction } = operation;
  if (transaction !== undefined) return `(line ${line}, transaction ${transaction})`;
  return number === undefined
    ? `(line ${line})`
    : `(operation ${number} of line ${line}, at ${Math.round(invokedAt)} ms)`;
}

/** `client 1 got x=2 (line 3), but no client wrote that.` */
export function tellUnwritten(read: Recorded, under = ''): string {
  if (read.kind !== 'cas') return `${tell(read)}, but no client wrote that${under}.`;
  return `${tell(read)}, but no client wrote ${read.key}=${showWord(read.expected)}.`;
}
