// Three kinds of outcome that are never mixed: an answer (an absent key is one), a call error with
// a code from the table below, and a bug (a failed assertion), which no code may catch and
// continue.

import type { Json } from './json.ts';

/** The meaning of an error code. `definite`: the call certainly had no effect. */
export interface ErrorSpec {
  readonly definite: boolean;
  readonly text: string;
  /** True for a code that a client's answer may have: scripts print it. */
  readonly isAnswer?: true;
  /** What the error's data says, in a few words for a note. The data may be a peer's: anything. */
  readonly tell?: (data: Json) => string | undefined;
}

/**
 * Every way in which a call of any protocol can fail. An unreachable peer and a lost reply share
 * one code, because the caller cannot tell them apart.
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
} as const satisfies Record<string, ErrorSpec & { rpc: number }>;

/** A code that all protocols share, or one that a protocol has declared. */
export type CallErrorCode = keyof typeof CALL_ERRORS | `ERR_${string}`;

/** All declared codes have one number on the wire: the error's data names the code. */
const DECLARED_RPC = -32010;

const declared = new Map<string, ErrorSpec>();

/**
 * Declares a protocol's own codes; to be called when its code is loaded. A repeated declaration
 * changes nothing. Throws a Bug for a code that already has another meaning.
 */
export function declareErrors<T extends { readonly [code: `ERR_${string}`]: ErrorSpec }>(
  errors: T,
): T {
  for (const [code, spec] of Object.entries<ErrorSpec>(errors)) {
    const { definite, text } = spec;
    const known = declared.get(code) ?? spec;
    const isSame = known.definite === definite && known.text === text;
    assert(isSame && !Object.hasOwn(CALL_ERRORS, code), `${code} has a meaning already`);
    declared.set(code, known);
  }
  return errors;
}

/** The meaning of a code. Throws a Bug for a code that was not declared. */
export function meaningOf(code: CallErrorCode): ErrorSpec & { readonly rpc: number } {
  const common: Readonly<Record<string, ErrorSpec & { rpc: number }>> = CALL_ERRORS;
  if (Object.hasOwn(common, code)) return common[code] as ErrorSpec & { rpc: number };
  const own = declared.get(code);
  assert(own !== undefined, `${code} is declared by no protocol`);
  return { ...own, rpc: DECLARED_RPC };
}

/** V8's limit on the frames of a stack trace, which other engines lack. */
const frames: { stackTraceLimit?: number | undefined } = Error as object;

/**
 * A call that ended without an answer. It has no stack trace: it is an outcome and not a defect,
 * and where many servers are down a trace would cost more than the call.
 */
export class CallError extends Error {
  readonly code: CallErrorCode;
  /** What this one is about, in a phrase; it travels with the error. */
  readonly detail: string | undefined;
  /** Data that the caller can act on; it travels with the error. */
  readonly data: Json | undefined;

  constructor(code: CallErrorCode, detail?: string, data?: Json) {
    const { text } = meaningOf(code);
    const { stackTraceLimit } = frames;
    frames.stackTraceLimit = 0;
    super(detail === undefined ? text : `${text}: ${detail}`);
    frames.stackTraceLimit = stackTraceLimit;
    this.name = 'CallError';
    this.code = code;
    this.detail = detail;
    this.data = data;
  }

  /** True when the call certainly had no effect. */
  get definite(): boolean {
    return meaningOf(this.code).definite;
  }
}

/** The refusal of a message that the receiver's table does not allow, whatever its values mean. */
export class UnfitMessage extends CallError {}

export function isCallErrorCode(code: unknown): code is CallErrorCode {
  return typeof code === 'string' && (Object.hasOwn(CALL_ERRORS, code) || declared.has(code));
}

/**
 * A defect of Causeway, or of the protocol that runs. In simulation the run fails with its seed; a
 * process ends.
 */
export class Bug extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Bug';
  }
}

/** A mistake of the protocol that runs, found by code that is not the protocol's. */
export class ProtocolBug extends Bug {}

/** The end of a node's process after a bug, which the process itself has reported. */
export class NodeBug extends Bug {}

/**
 * Throws a Bug unless `condition` holds. `rule` names the rule that does not hold, with its number.
 * It is a function where building the text is expensive, because the text is nearly never needed.
 */
export function assert(condition: unknown, rule: string | (() => string)): asserts condition {
  if (!condition) throw new Bug(typeof rule === 'string' ? rule : rule());
}
