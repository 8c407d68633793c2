// The sequential specification of one key: what its commands do, and which results they can have.
// The text commands follow the sharded store. Append adds to one end and creates a missing key. Pop
// removes the character at one end; on the empty text it changes nothing, and on a missing key it
// finds nothing.
import type { SequentialSpecification } from './wingGong.ts';

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
    };

/** Null if the key does not exist. */
export type KeyState = string | null;

export const REGISTER: SequentialSpecification<KeyState, KeyCall> = {
  initial: null,
  apply,
  nameOf: (state) => (state === null ? '-' : `=${state}`),
  isObserver: ({ kind }) => kind === 'get',
};

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
  }
}

function pop(state: KeyState, { side, result }: Extract<KeyCall, { kind: 'pop' }>) {
  const at = side === 'left' ? 0 : -1;
  const taken = state === null ? null : ([...state].at(at) ?? '');
  if (result !== undefined && result !== taken) return undefined;
  if (state === null || taken === null) return state;
  return side === 'left' ? state.slice(taken.length) : state.slice(0, state.length - taken.length);
}
