// The calls made over one end of a channel that wait for their answers.
import { JSONRPCClient, type JSONRPCRequest, type JSONRPCResponse } from 'json-rpc-2.0';
import { CallError } from '../kernel/errors.ts';
import { Deadlines } from './deadlines.ts';
import { fromRpcError, toRpcError } from './rpcErrors.ts';
import type { Question } from './settling.ts';

type Request = JSONRPCRequest & { settle?: Question };

export class PendingCalls {
  readonly #client: JSONRPCClient;
  readonly #deadlines = new Deadlines((id) => this.#fail(id));

  /** `send` must start the sending and return at once; it must not throw. */
  constructor(send: (request: JSONRPCRequest) => void) {
    this.#client = new JSONRPCClient(send);
  }

  /**
   * Settles once: with a result, or with a CallError. `id` must be unused on this channel. The
   * request carries `settle`, a question (settling.ts), if there is one.
   */
  async call(
    id: number,
    method: string,
    params: unknown,
    timeoutMs: number,
    settle?: Question,
  ): Promise<unknown> {
    this.#deadlines.set(id, timeoutMs);
    const request: Request = { jsonrpc: '2.0', id, method, params: params as object };
    if (settle !== undefined) request.settle = settle;
    const response = await this.#client.requestAdvanced(request);
    this.#deadlines.delete(id);
    if (response.error !== undefined) throw fromRpcError(response.error);
    if (response.result === undefined) throw new CallError('ERR_UNREACHABLE', 'an empty answer');
    return response.result;
  }

  /**
   * Returns false for an answer that no call waits for (any more); such an answer has no effect.
   */
  receive(response: JSONRPCResponse): boolean {
    const isAwaited = this.#deadlines.delete(response.id as number);
    if (isAwaited) this.#client.receive(response);
    return isAwaited;
  }

  /** Fails every open call with ERR_UNREACHABLE. */
  failAll(why: string): void {
    this.#client.rejectAllPendingRequests(why);
  }

  #fail(id: number): void {
    const error = toRpcError(new CallError('ERR_UNREACHABLE', 'no answer in time'));
    this.#client.receive({ jsonrpc: '2.0', id, error });
  }
}
