// Encodes a call error as a JSON-RPC error object whose data names its code.
import {
  CALL_ERRORS,
  CallError,
  type CallErrorCode,
  type DeclaredError,
  isCallErrorCode,
  isErrorCode,
} from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';

/** The JSON-RPC number of every error that a protocol declares; the data has its code. */
const DECLARED = -32_000;

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const CODE_BY_NUMBER: ReadonlyMap<number, CallErrorCode> = new Map(
  Object.entries(CALL_ERRORS).map(([code, { rpc }]) => [rpc, code as CallErrorCode]),
);

export function toRpcError(error: CallError): RpcError {
  const { code, definite, message, data } = error;
  if (isCallErrorCode(code)) {
    return { code: CALL_ERRORS[code].rpc, message, data: { code, ...(data && { data }) } };
  }
  const { text } = error;
  return { code: DECLARED, message, data: { code, definite, text, ...(data && { data }) } };
}

/**
 * Decodes an error object to a call error. A peer's object may contain anything. One with an
 * unknown code is not a usable answer, so it becomes ERR_UNREACHABLE: it is unknown whether the
 * call had an effect.
 */
export function fromRpcError(error: unknown): CallError {
  const { code, message, data } = fieldsOf(error);
  const named = fieldsOf(data);
  const words = typeof message === 'string' ? message : 'an error without a message';
  const known = isCallErrorCode(named.code) ? named.code : CODE_BY_NUMBER.get(code as number);
  const declared = code === DECLARED ? declaredBy(named) : undefined;
  const spec = known === undefined ? declared : { ...CALL_ERRORS[known], code: known };
  if (spec === undefined) return new CallError('ERR_UNREACHABLE', words);
  return new CallError(spec, detailOf(words, spec.text), named.data as Json | undefined);
}

function declaredBy({ code, definite, text }: Fields): DeclaredError | undefined {
  const isWhole = isErrorCode(code) && typeof definite === 'boolean' && typeof text === 'string';
  return isWhole ? { code, definite, text } : undefined;
}

/** The part of a message beyond the text of its code. */
function detailOf(message: string, text: string): string | undefined {
  if (message === text) return undefined;
  return message.startsWith(`${text}: `) ? message.slice(text.length + 2) : message;
}

interface Fields {
  readonly [field: string]: unknown;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
