// Three kinds of trouble that are never mixed: an answer (an absent key is one), a call error with
// a code from the table below, and a bug (a failed assertion), which nobody may catch and go on.

import type { Json } from './json.ts';

/**
 * Every way in which a call can fail. `definite`: the call certainly had no effect. An unreachable
 * peer and a lost reply are one code, because the caller cannot tell them apart.
 */
export const CALL_ERRORS = {
  ERR_UNREACHABLE: {
    definite: false,
    rpc: -32001,
    text: 'no answer: unreachable, or the reply was lost',
  },
  ERR_NOT_CONNECTED: {
    definite: true,
    rpc: -32002,
    text: 'there is no link between the two nodes',
  },
  E_CLOCK_JUMP: { definite: true, rpc: -32004, text: 'a clock too far in the future' },
  E_TOO_LARGE: { definite: true, rpc: -32005, text: 'a key or value over its limit' },
  E_STORAGE: { definite: true, rpc: -32007, text: 'the disk refuses to keep anything more' },
  E_BAD_REQUEST: { definite: true, rpc: -32602, text: 'parameters that the method does not take' },
  E_NO_METHOD: { definite: true, rpc: -32601, text: 'no such method here' },
  E_LIMIT: { definite: true, rpc: -32006, text: 'a limit was reached' },
} as const satisfies Record<string, { definite: boolean; rpc: number; text: string }>;

export type CallErrorCode = keyof typeof CALL_ERRORS;

/** An error of a protocol's own, beside those of all protocols. */
export interface DeclaredError {
  /** `ERR_STALE_EPOCH`: capitals, after `E_` or `ERR_`; none of `CALL_ERRORS`. */
  readonly code: string;
  readonly definite: boolean;
  readonly text: string;
}

export function isErrorCode(code: unknown): code is string {
  return typeof code === 'string' && /^E(RR)?(_[A-Z]+)+$/.test(code) && code.length <= 40;
}

/** Gives each error of the table its name for a code. */
export function declareErrors<T extends { readonly [code: string]: Omit<DeclaredError, 'code'> }>(
  table: T,
): { readonly [C in keyof T]: DeclaredError } {
  for (const code of Object.keys(table)) {
    assert(isErrorCode(code) && !isCallErrorCode(code), `${code} cannot be declared`);
  }
  const declared = Object.entries(table).map(([code, spec]) => [code, { code, ...spec }]);
  return Object.fromEntries(declared) as { readonly [C in keyof T]: DeclaredError };
}

/** A call that ended without an answer. */
export class CallError extends Error {
  readonly code: string;
  /** True when the call certainly had no effect. */
  readonly definite: boolean;
  /** What the code alone says. */
  readonly text: string;
  /** What the caller may want to know besides: a leader, a later configuration. */
  readonly data: Json | undefined;

  constructor(error: CallErrorCode | DeclaredError, detail?: string, data?: Json) {
    const { code, definite, text } =
      typeof error === 'string' ? { code: error, ...CALL_ERRORS[error] } : error;
    super(detail === undefined ? text : `${text}: ${detail}`);
    this.name = 'CallError';
    this.code = code;
    this.definite = definite;
    this.text = text;
    this.data = data;
  }
}

export function isCallErrorCode(code: unknown): code is CallErrorCode {
  return typeof code === 'string' && Object.hasOwn(CALL_ERRORS, code);
}

/** A defect of Causeway itself. In simulation the run fails with its seed; a process ends. */
export class Bug extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Bug';
  }
}

/**
 * Throws a Bug unless `condition` holds. `promise` says what was relied on, with its number: in a
 * function where the text would cost something, because nearly always nobody reads it.
 */
export function assert(condition: unknown, promise: string | (() => string)): asserts condition {
  if (!condition) throw new Bug(typeof promise === 'string' ? promise : promise());
}
