// One key as a sequential object: what its commands do, and which results they can have had. The
// text commands follow the sharded store: append joins at an end and makes a missing key, a pop
// takes the character at an end; popping the empty text leaves it, and popping a missing key finds
// nothing.
import type { SequentialSpecification } from './wingGong.ts';

/** A result is undefined where no answer came. */
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

/** Null where there is no such key. */
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
