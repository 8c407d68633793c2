// Three kinds of trouble that are never mixed: an answer (an absent key is one), a call error with
// a code from the table below, and a bug (a failed assertion), which nobody may catch and go on.

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
  ERR_STALE_ROUND: {
    definite: true,
    rpc: -32003,
    text: 'the round is over, a later one has begun',
  },
  ERR_STALE_EPOCH: {
    definite: true,
    rpc: -32008,
    text: 'the configuration is not the current one',
  },
  ERR_NEWCOMER: {
    definite: true,
    rpc: -32009,
    text: 'a server that has joined and has heard of no other yet',
  },
  E_CLOCK_JUMP: { definite: true, rpc: -32004, text: 'a clock too far in the future' },
  E_TOO_LARGE: { definite: true, rpc: -32005, text: 'a key or value over its limit' },
  E_STORAGE: { definite: true, rpc: -32007, text: 'the disk refuses to keep anything more' },
  E_BAD_REQUEST: { definite: true, rpc: -32602, text: 'parameters that the method does not take' },
  E_NO_METHOD: { definite: true, rpc: -32601, text: 'no such method here' },
  E_LIMIT: { definite: true, rpc: -32006, text: 'a limit was reached' },
} as const satisfies Record<string, { definite: boolean; rpc: number; text: string }>;

export type CallErrorCode = keyof typeof CALL_ERRORS;

/** A call that ended without an answer. */
export class CallError extends Error {
  readonly code: CallErrorCode;

  constructor(code: CallErrorCode, detail?: string) {
    super(detail === undefined ? CALL_ERRORS[code].text : `${CALL_ERRORS[code].text}: ${detail}`);
    this.name = 'CallError';
    this.code = code;
  }

  /** True when the call certainly had no effect. */
  get definite(): boolean {
    return CALL_ERRORS[this.code].definite;
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
