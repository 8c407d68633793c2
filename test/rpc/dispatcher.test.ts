// A dispatcher answers as the library does that it goes around for requests to known methods.
import { createJSONRPCErrorResponse, type JSONRPCRequest, JSONRPCServer } from 'json-rpc-2.0';
import { describe, expect, test } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import { createDispatcher, type Method } from '../../src/rpc/dispatcher.ts';
import { toRpcError } from '../../src/rpc/rpcErrors.ts';

const METHODS: readonly (readonly [string, Method<string>])[] = [
  ['echo', (params, caller) => ({ params: params as never, caller })],
  ['later', async (params) => params as never],
  ['nothing', () => undefined as never],
  ['null', async () => null],
  [
    'throw',
    () => {
      throw new CallError('ERR_UNREACHABLE', 'at once', { entries: 1 });
    },
  ],
  ['reject', () => Promise.reject(new CallError('E_BAD_REQUEST', 'later'))],
];

const IDS = [0, 7, -1, 'seven', null, undefined];
const METHOD_NAMES = [...METHODS.map(([name]) => name), 'unknown', 'constructor', undefined];
const EXTRAS = [{}, { jsonrpc: '1.0' }, { result: 1 }, { error: {} }, { params: undefined }];

function createLibraryServer(): JSONRPCServer<string> {
  const server = new JSONRPCServer<string>({ errorListener: () => undefined });
  for (const [name, method] of METHODS) {
    server.addMethod(name, (params, caller) => method(params, caller));
  }
  server.mapErrorToJSONRPCErrorResponse = (id, error) => {
    const { code, message, data } = toRpcError(error as CallError);
    return createJSONRPCErrorResponse(id, code, message, data);
  };
  return server;
}

describe('a dispatcher', () => {
  test('answers every request as the library does', async () => {
    const dispatcher = createDispatcher(METHODS, () => undefined);
    const library = createLibraryServer();
    for (const method of METHOD_NAMES) {
      for (const id of IDS) {
        for (const extra of EXTRAS) {
          const request = { jsonrpc: '2.0', id, method, params: { a: 1 }, ...extra };
          const asked = request as unknown as JSONRPCRequest;
          const answer = await dispatcher.answer(asked, 'master');
          expect([request, answer]).toEqual([request, await library.receive(asked, 'master')]);
        }
      }
    }
  });

  test('knows its methods and no others', () => {
    const dispatcher = createDispatcher(METHODS, () => undefined);
    expect(dispatcher.has('echo')).toBe(true);
    expect(dispatcher.has('constructor')).toBe(false);
  });

  test('reports a bug in a method, and gives no answer', async () => {
    for (const fault of [() => Promise.reject(new Error('a bug')), throwBug]) {
      const bugs: unknown[] = [];
      const dispatcher = createDispatcher([['fault', fault]], (error) => bugs.push(error));
      const request: JSONRPCRequest = { jsonrpc: '2.0', id: 1, method: 'fault' };
      const answer = Promise.resolve(dispatcher.answer(request, 'master'));
      const none = new Promise((resolve) => setImmediate(resolve, 'none'));
      expect(await Promise.race([answer, none])).toBe('none');
      expect(bugs).toEqual([new Error('a bug')]);
    }
  });
});

function throwBug(): never {
  throw new Error('a bug');
}
