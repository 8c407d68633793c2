// What a process asks the configuration service, over the channel to the master, and the answers.
import type { JSONRPCResponse } from 'json-rpc-2.0';
import type { Json } from '../kernel/json.ts';
import { WORLD } from './assignment.ts';
import { PendingCalls } from './pendingCalls.ts';
import type { Recorder } from './recorder.ts';

export class Consultations {
  readonly #recorder: Recorder;
  readonly #calls: PendingCalls;

  constructor(recorder: Recorder, send: (message: unknown) => void) {
    this.#recorder = recorder;
    this.#calls = new PendingCalls((request) => send({ ...request, method: WORLD.consult }));
  }

  /** Settles once: with the answer, or with a CallError. */
  async ask(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const id = this.#recorder.nextCount();
    const message = this.#recorder.nameOf(id);
    this.#recorder.sent('master', () => ({ message, method }), params as Json);
    const result = await this.#calls.call(id, method, { method, params }, timeoutMs);
    const answer = { message: `service/${message}`, answers: message, method };
    this.#recorder.received('master', 0, () => answer);
    return result;
  }

  receive(response: JSONRPCResponse): void {
    this.#calls.receive(response);
  }
}
