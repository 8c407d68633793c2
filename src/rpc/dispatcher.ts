// Answers JSON-RPC 2.0 requests of one kind of caller: checks the shape of the request, runs the
// method, and encodes the outcome. Used for links, HTTP and the channel to the master.
import {
  createJSONRPCErrorResponse,
  createJSONRPCSuccessResponse,
  isJSONRPCRequest,
  JSONRPCErrorCode,
  type JSONRPCRequest,
  type JSONRPCResponse,
  JSONRPCServer,
} from 'json-rpc-2.0';
import { CallError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';
import { toRpcError } from './rpcErrors.ts';

/** Throws or rejects with a CallError; any other error is a bug. */
export type Method<C> = (params: unknown, caller: C) => Json | Promise<Json>;

export interface Dispatcher<C> {
  has(method: string): boolean;
  /** Answers one request. Never rejects; stays pending for ever after a bug in a method. */
  answer(request: JSONRPCRequest, caller: C): PromiseLike<JSONRPCResponse | null>;
}

export function createDispatcher<C>(
  methods: Iterable<readonly [string, Method<C>]>,
  onBug: (error: unknown) => void,
): Dispatcher<C> {
  const server = new JSONRPCServer<C>();
  const byName = new Map(methods);
  // The library's own way from a request to its method takes a tenth of all time that a node spends
  // on a message. So it answers only the requests that reach no method.
  const answer = async (
    method: Method<C>,
    { id = null, params }: JSONRPCRequest,
    caller: C,
  ): Promise<JSONRPCResponse> => {
    try {
      return createJSONRPCSuccessResponse(id, await guarded(method, params, caller, onBug));
    } catch (error) {
      const { code, message, data } = toRpcError(error as CallError);
      return createJSONRPCErrorResponse(id, code, message, data);
    }
  };
  return {
    has: (method) => byName.has(method),
    answer: (request, caller) => {
      const method = byName.get(request.method);
      if (method === undefined || !isJSONRPCRequest(request)) {
        return server.receive(request, caller);
      }
      const answered = answer(method, request, caller);
      return request.id === undefined ? answered.then(() => null) : answered;
    },
  };
}

function guarded<C>(
  method: Method<C>,
  params: unknown,
  caller: C,
  onBug: (error: unknown) => void,
): Json | Promise<Json> {
  const fail = (error: unknown): Promise<Json> => {
    if (error instanceof CallError) throw error;
    onBug(error);
    return new Promise(() => undefined);
  };
  try {
    const result = method(params, caller);
    return result instanceof Promise ? result.catch(fail) : result;
  } catch (error) {
    return fail(error);
  }
}

/**
 * Why `request` is not a valid JSON-RPC 2.0 request; undefined if it is valid. A notification is
 * not valid here: the caller of every method must be able to learn its outcome.
 */
export function findInvalidRequest(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) {
    return 'not an object';
  }
  const { jsonrpc, method, id } = request as { [field: string]: unknown };
  if (jsonrpc !== '2.0') return 'jsonrpc is not "2.0"';
  if (typeof method !== 'string') return 'method is not a string';
  if (id === undefined) return 'no id: every call here has an outcome';
  if (typeof id !== 'number' && typeof id !== 'string') return 'id is neither number nor string';
  return undefined;
}

export function invalidRequest(request: unknown, why: string): JSONRPCResponse {
  const id = (request as { id?: unknown } | null)?.id;
  return createJSONRPCErrorResponse(
    typeof id === 'number' || typeof id === 'string' ? id : null,
    JSONRPCErrorCode.InvalidRequest,
    `Invalid Request: ${why}`,
  );
}
