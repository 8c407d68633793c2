// How a call error travels: as a JSON-RPC error object whose data names its code.
import {
  CALL_ERRORS,
  CallError,
  type CallErrorCode,
  isCallErrorCode,
  meaningOf,
} from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import type { Refused } from '../kernel/trace.ts';

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

const CODE_BY_NUMBER: ReadonlyMap<number, CallErrorCode> = new Map(
  Object.entries(CALL_ERRORS).map(([code, { rpc }]) => [rpc, code as CallErrorCode]),
);

export function toRpcError(error: CallError): RpcError {
  return {
    code: meaningOf(error.code).rpc,
    message: error.message,
    data: error.data === undefined ? { code: error.code } : { code: error.code, data: error.data },
  };
}

/**
 * The call error that an error object stands for. A peer's object may be anything: one that says
 * nothing we know is no usable answer, and so ERR_UNREACHABLE, since whether the call had an effect
 * cannot be told.
 */
export function fromRpcError(error: unknown): CallError {
  const { code, message, data } = fieldsOf(error);
  const { code: named, data: own } = fieldsOf(data);
  const known = isCallErrorCode(named) ? named : CODE_BY_NUMBER.get(code as number);
  const text = typeof message === 'string' ? message : 'an error without a message';
  if (known === undefined) return new CallError('ERR_UNREACHABLE', text);
  const prefix = meaningOf(known).text;
  const detail = text.startsWith(`${prefix}: `) ? text.slice(prefix.length + 2) : text;
  return new CallError(known, text === prefix ? undefined : detail, own as Json | undefined);
}

/** What the trace says of an answer that is an error. */
export function refusalOf(response: { readonly error?: unknown } | null): Refused {
  if (response?.error === undefined) return {};
  const { code: error, detail: why } = fromRpcError(response.error);
  return why === undefined ? { error } : { error, why };
}

function fieldsOf(value: unknown): { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
