// The state of one key for the search: its text and, as far as reads distinguish writes, the write
// that left it. A version names one write. A read with a version has returned the write that has it
// or, if no write has it, a write without a version. All reads of one version have returned the
// same write, and reads of another version another write. A read without a version is compared by
// its text.

import type { Recorded } from './history.ts';
import { isPending } from './normalize.ts';
import {
  type Content,
  isComputed,
  leftBy,
  type Observed,
  OTHER,
  withoutUseless,
} from './observed.ts';
import { type KeyCall, REGISTER, textOfSet } from './register.ts';
import type { SequentialSpecification } from './specification.ts';

export interface NamedCall {
  /** The index of its operation. */
  readonly index: number;
  readonly call: KeyCall;
  /** Of a write: its index, if a read may refer to it by a version; else -1. */
  readonly writer: number;
  /** Of a read with a version: the number of that version; else -1. */
  readonly name: number;
  readonly isPending: boolean;
}

/** The state of a key. */
export interface Held {
  readonly text: Content;
  /** The index of the write that left it, or -1. */
  readonly writer: number;
  /** The version number that reads use for that write, once known; or -1. */
  readonly name: number;
  /** How many reads of that version remain. Until it is 0, the write must not be overwritten. */
  readonly unread: number;
}

export interface NamedRegister {
  readonly type: SequentialSpecification<Held, NamedCall>;
  /** One for each operation, except unanswered writes that no other operation can need. */
  readonly calls: readonly NamedCall[];
}

/** A version that reads have returned. */
interface Name {
  /** The writes that may have this version. */
  readonly writers: ReadonlySet<number>;
  reads: number;
}

/** The specification of one key, for these operations. */
export function nameWrites(operations: readonly Recorded[]): NamedRegister {
  const { names, numbers } = findNames(operations);
  const named = new Set(names.flatMap(({ writers }) => [...writers]));
  const all = operations.map((operation, index): NamedCall => {
    const name = numbers[index] as number;
    const writer = named.has(index) ? index : -1;
    return { index, call: toCall(operation), writer, name, isPending: isPending(operation) };
  });
  const { asked, observed } = withoutUseless(all, ({ writer }) => writer >= 0);
  return { type: specify(names, observed), calls: asked };
}

function specify(
  names: readonly Name[],
  observed: Observed,
): SequentialSpecification<Held, NamedCall> {
  /** By write: its version, if no other write can have it. */
  const nameOfWriter = new Map<number, number>();
  for (const [name, { writers }] of names.entries()) {
    if (writers.size === 1) for (const writer of writers) nameOfWriter.set(writer, name);
  }
  const applyText = (text: Content, call: KeyCall): Content | undefined =>
    observed.apply(text, call, REGISTER.apply);
  const write = (held: Held, { call, writer }: NamedCall): Held | undefined => {
    const text = applyText(held.text, call);
    if (text === undefined) return undefined;
    if (call.kind === 'compareAndSet' && held.text !== call.expected) return held;
    if (call.kind === 'pop' && held.text === null) return held;
    if (held.unread > 0) return undefined;
    const name = nameOfWriter.get(writer) ?? -1;
    return { text, writer, name, unread: names[name]?.reads ?? 0 };
  };
  const read = (held: Held, { call, name }: NamedCall): Held | undefined => {
    if (applyText(held.text, call) === undefined) return undefined;
    if (name < 0) return held;
    if (held.name === name) return { ...held, unread: held.unread - 1 };
    const { writers, reads } = names[name] as Name;
    if (held.name >= 0 || !writers.has(held.writer)) return undefined;
    return { ...held, name, unread: reads - 1 };
  };
  return {
    initial: { text: observed.contentOf(null), writer: -1, name: -1, unread: 0 },
    apply: (held, named) => (named.call.kind === 'get' ? read(held, named) : write(held, named)),
    nameOf: ({ text, writer, name, unread }) =>
      `${writer} ${name} ${unread} ${text === OTHER ? '*' : REGISTER.nameOf(text)}`,
    nameOfCall: ({ call, writer, name }) => `${writer} ${name} ${nameOfCall(call, observed)}`,
    effectOf: ({ call, name }) => {
      // A read of a version that several writes may have decides which one it is.
      if (name >= 0) return names[name]?.writers.size === 1 ? 'none' : 'transforms';
      // A pop of the empty text leaves the same text, but then it is the write that left it.
      const leavesEmpty = call.kind === 'pop' && call.result === '';
      return leavesEmpty && names.length > 0 ? 'transforms' : REGISTER.effectOf(call);
    },
  };
}

/** Calls that differ only in a text that is not observed have one name. */
function nameOfCall(call: KeyCall, observed: Observed): string {
  if (call.kind === 'get' || isComputed(call)) return REGISTER.nameOfCall(call);
  if (observed.contentOf(leftBy(call)) !== OTHER) return REGISTER.nameOfCall(call);
  const named = call.kind === 'delete' ? call : { ...call, value: '' };
  return `* ${REGISTER.nameOfCall(named)}`;
}

/** The versions, and by operation the number of the version that it returned, or -1. */
function findNames(operations: readonly Recorded[]): { names: Name[]; numbers: Int32Array } {
  const numbers = new Int32Array(operations.length).fill(-1);
  const names: Name[] = [];
  const known = new Map<string, { number: number; value: string | null }>();
  let writers: Map<string, number[]> | undefined;
  for (const [index, { kind, key, value, version }] of operations.entries()) {
    if (kind !== 'get' || version === null) continue;
    writers ??= indexWriters(operations);
    const text = JSON.stringify([key, version]);
    let name = known.get(text);
    if (name === undefined) {
      name = { number: names.length, value };
      known.set(text, name);
      names.push({ writers: findWriters(operations, writers, index), reads: 0 });
    } else if (name.value !== value) {
      // One write cannot have two texts, so no write explains this read.
      name = { number: names.length, value };
      names.push({ writers: new Set(), reads: 0 });
    }
    (names[name.number] as Name).reads += 1;
    numbers[index] = name.number;
  }
  return { names, numbers };
}

/** The writes by key and version, or by key and null. */
function indexWriters(operations: readonly Recorded[]): Map<string, number[]> {
  const writers = new Map<string, number[]>();
  for (const [index, { kind, key, version }] of operations.entries()) {
    if (kind === 'get') continue;
    const name = JSON.stringify([key, version]);
    const known = writers.get(name);
    if (known === undefined) writers.set(name, [index]);
    else known.push(index);
  }
  return writers;
}

function findWriters(
  operations: readonly Recorded[],
  writers: ReadonlyMap<string, readonly number[]>,
  read: number,
): Set<number> {
  const { key, value, version } = operations[read] as Recorded;
  const named = writers.get(JSON.stringify([key, version]));
  const possible = named ?? writers.get(JSON.stringify([key, null])) ?? [];
  return new Set(possible.filter((write) => canLeave(operations[write] as Recorded, value)));
}

/** Whether a write may have left this text. */
function canLeave(write: Recorded, text: string | null): boolean {
  if (['pop', 'add', 'insert'].includes(write.kind)) return text !== null;
  if (write.kind === 'remove') return true;
  if (write.kind === 'append') {
    const whole = text ?? '';
    return write.side === 'left' ? whole.startsWith(write.value) : whole.endsWith(write.value);
  }
  return write.value === text && !(write.kind === 'cas' && write.isSet === false);
}

function toCall(operation: Recorded): KeyCall {
  switch (operation.kind) {
    case 'get':
      return { kind: 'get', result: operation.value };
    case 'delete':
      return { kind: 'delete' };
    case 'append':
      return { kind: 'append', value: operation.value, side: operation.side ?? 'right' };
    case 'pop': {
      const result = isPending(operation) ? undefined : operation.value;
      return { kind: 'pop', side: operation.side, result };
    }
    case 'cas': {
      const { expected, value, isSet } = operation;
      return { kind: 'compareAndSet', expected, value, result: isSet ?? undefined };
    }
    case 'add':
      return { kind: 'add', value: operation.value, result: operation.sum };
    case 'insert':
    case 'remove':
      return { kind: operation.kind, value: operation.value };
    case 'elements':
      return { kind: 'get', result: textOfSet(operation.elements) };
    case 'put':
      return operation.value === null
        ? { kind: 'delete' }
        : { kind: 'put', value: operation.value };
  }
}
