// Calls from a process to the configuration service over the master's channel, and their answers.
import type { JSONRPCResponse } from 'json-rpc-2.0';
import type { Json } from '../kernel/json.ts';
import { lateness } from '../kernel/trace.ts';
import { WORLD } from './assignment.ts';
import { PendingCalls } from './pendingCalls.ts';
import type { Recorder } from './recorder.ts';

export class ServiceCalls {
  readonly #recorder: Recorder;
  readonly #calls: PendingCalls;
  /** By call number: the method called, for the trace of the answer. */
  readonly #methods = new Map<unknown, string>();

  constructor(recorder: Recorder, send: (message: unknown) => void) {
    this.#recorder = recorder;
    this.#calls = new PendingCalls((request) => send({ ...request, method: WORLD.callService }));
  }

  /** Settles once: with the answer, or with a CallError. */
  async ask(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const id = this.#recorder.nextCount();
    const message = this.#recorder.nameOf(id);
    if (this.#recorder.isRead) this.#methods.set(id, method);
    this.#recorder.sent('master', () => ({ message, method }), params as Json);
    return this.#calls.call(id, method, { method, params }, timeoutMs);
  }

  /** Records every answer, also errors and answers that arrive too late. */
  receive(response: JSONRPCResponse): void {
    const { id } = response;
    const isAwaited = this.#calls.receive(response);
    this.#recorder.received('master', 0, () => {
      const answers = this.#recorder.nameOf(Number(id));
      const method = this.#methods.get(id) ?? '';
      return { message: `service/${answers}`, answers, method, ...lateness(isAwaited) };
    });
    this.#methods.delete(id);
  }
}
