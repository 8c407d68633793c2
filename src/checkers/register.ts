// The sequential specification of one key: what its commands do, and which results they can have.
// The text commands follow the sharded store. Append adds to one end and creates a missing key. Pop
// removes the character at one end; on the empty text it changes nothing, and on a missing key it
// finds nothing. Add counts, as the counters of other stores do. Insert and remove change a set,
// whose text is the sorted list of its elements; the empty set is a missing key.
import type { Effect, SequentialSpecification } from './specification.ts';

/** A result is undefined if no answer came. */
export type KeyCall =
  | { readonly kind: 'put'; readonly value: string }
  | { readonly kind: 'delete' }
  | { readonly kind: 'get'; readonly result: string | null }
  | { readonly kind: 'append'; readonly value: string; readonly side: 'left' | 'right' }
  | {
      readonly kind: 'pop';
      readonly side: 'left' | 'right';
      readonly result: string | null | undefined;
    }
  | {
      readonly kind: 'compareAndSet';
      readonly expected: string | null;
      readonly value: string;
      readonly result: boolean | undefined;
    }
  | { readonly kind: 'add'; readonly value: string; readonly result: string | undefined }
  | { readonly kind: 'insert' | 'remove'; readonly value: string };

/** Null if the key does not exist. */
export type KeyState = string | null;

export const REGISTER: SequentialSpecification<KeyState, KeyCall> = {
  initial: null,
  apply,
  nameOf,
  nameOfCall,
  effectOf,
};

function nameOfCall(call: KeyCall): string {
  switch (call.kind) {
    case 'put':
      return `put ${call.value}`;
    case 'delete':
      return 'delete';
    case 'get':
      return `get ${nameOf(call.result)}`;
    case 'append':
      return `append ${call.side} ${call.value}`;
    case 'pop':
      return `pop ${call.side} ${call.result === undefined ? '?' : nameOf(call.result)}`;
    case 'compareAndSet': {
      const { expected, value, result } = call;
      // The length tells where the first text ends.
      return `cas ${result} ${expected?.length} ${nameOf(expected)} ${value}`;
    }
    case 'add':
      return `add ${call.value} ${call.result}`;
    case 'insert':
    case 'remove':
      return `${call.kind} ${call.value}`;
  }
}

function nameOf(state: KeyState): string {
  return state === null ? '-' : `=${state}`;
}

function effectOf(call: KeyCall): Effect {
  switch (call.kind) {
    case 'get':
      return 'none';
    case 'put':
    case 'delete':
      return 'sets';
    case 'append':
    case 'add':
    case 'insert':
    case 'remove':
      return 'transforms';
    case 'pop':
      // Of no text, and of the empty one, there is nothing to take.
      return call.result === null || call.result === '' ? 'none' : 'transforms';
    case 'compareAndSet':
      return call.result === false ? 'none' : 'swaps';
  }
}

function apply(state: KeyState, call: KeyCall): KeyState | undefined {
  switch (call.kind) {
    case 'put':
      return call.value;
    case 'delete':
      return null;
    case 'get':
      return state === call.result ? state : undefined;
    case 'append':
      return call.side === 'left' ? call.value + (state ?? '') : (state ?? '') + call.value;
    case 'pop':
      return pop(state, call);
    case 'compareAndSet': {
      const isEqual = state === call.expected;
      if (call.result !== undefined && call.result !== isEqual) return undefined;
      return isEqual ? call.value : state;
    }
    case 'add':
      return add(state ?? '0', call);
    case 'insert':
    case 'remove':
      return change(state, call);
  }
}

/** `007` and `-0` are texts. */
const WHOLE = /^(?:0|-?[1-9][0-9]*)$/;

function add(state: string, { value, result }: Extract<KeyCall, { kind: 'add' }>) {
  if (!WHOLE.test(state) || !WHOLE.test(value)) return undefined;
  const sum = String(BigInt(state) + BigInt(value));
  return result !== undefined && result !== sum ? undefined : sum;
}

function pop(state: KeyState, { side, result }: Extract<KeyCall, { kind: 'pop' }>) {
  const at = side === 'left' ? 0 : -1;
  const taken = state === null ? null : ([...state].at(at) ?? '');
  if (result !== undefined && result !== taken) return undefined;
  if (state === null || taken === null) return state;
  return side === 'left' ? state.slice(taken.length) : state.slice(0, state.length - taken.length);
}

/** The text of a set; null for the empty one. */
export function textOfSet(elements: Iterable<string>): KeyState {
  const sorted = [...elements].sort();
  return sorted.length === 0 ? null : JSON.stringify(sorted);
}

function change(state: KeyState, { kind, value }: Extract<KeyCall, { kind: 'insert' | 'remove' }>) {
  const elements = new Set(state === null ? [] : (JSON.parse(state) as string[]));
  if (elements.has(value) === (kind === 'insert')) return state;
  if (kind === 'insert') elements.add(value);
  else elements.delete(value);
  return textOfSet(elements);
}
