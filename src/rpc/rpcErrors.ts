// How a call error travels: as a JSON-RPC error object whose data names its code.
import { CALL_ERRORS, CallError, type CallErrorCode, isCallErrorCode } from '../kernel/errors.ts';

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
    code: CALL_ERRORS[error.code].rpc,
    message: error.message,
    data: { code: error.code },
  };
}

/**
 * The call error that an error object stands for. An object that says nothing we know is no usable
 * answer, and so ERR_UNREACHABLE: whether the call had an effect cannot be told.
 */
export function fromRpcError({ code, message, data }: RpcError): CallError {
  const named = typeof data === 'object' && data !== null && 'code' in data ? data.code : undefined;
  const known = isCallErrorCode(named) ? named : CODE_BY_NUMBER.get(code);
  if (known === undefined) return new CallError('ERR_UNREACHABLE', message);
  const { text } = CALL_ERRORS[known];
  const detail = message.startsWith(`${text}: `) ? message.slice(text.length + 2) : message;
  return detail === text ? new CallError(known) : new CallError(known, detail);
}
