// The master's question whether the effects of an operation are over (`settle`) travels with the
// operation: to the client, and with the client's requests on to servers. A server says with its
// answer whether its effects are over. If they are not, it answers the question later, over its own
// channel to the master. So the master need not ask in a message of its own
// (docs/decisions/0029-a-question-that-travels-with-the-put.md).
import type { JSONRPCResponse } from 'json-rpc-2.0';
import type { NodeId } from '../kernel/ids.ts';
import type { Dispatcher } from './dispatcher.ts';

/**
 * The number of such a question. It is negative, so that it is no number of a call over the channel
 * of the server.
 */
export type Question = number;

export function isQuestion(value: unknown): value is Question {
  return Number.isSafeInteger(value) && (value as number) < 0;
}

/** What a server has said: whether the effects of the operation were over when it answered. */
export type Settled = readonly [server: NodeId, isSettled: boolean];

/** The client's half: passes the question on while it does the operation. */
export class PassedQuestion {
  #question: Question | undefined;
  #settled: Settled[] = [];

  /** For the requests that are sent now; undefined without such an operation. */
  get question(): Question | undefined {
    return this.#question;
  }

  /** What the server said with its latest answer. */
  heard(server: NodeId, isSettled: boolean): void {
    if (this.#question === undefined) return;
    this.#settled = this.#settled.filter(([other]) => other !== server);
    this.#settled.push([server, isSettled]);
  }

  /** Does the operation; its answer carries what the servers have said. */
  async during(
    question: Question,
    operate: () => PromiseLike<JSONRPCResponse | null>,
  ): Promise<(JSONRPCResponse & { readonly settled: readonly Settled[] }) | null> {
    this.#question = question;
    this.#settled = [];
    const response = await operate();
    this.#question = undefined;
    return response && { ...response, settled: this.#settled };
  }
}

/**
 * The server's half. The function that it returns is called with a question when the answer to the
 * operation is ready; it resolves within the same turn, to whether its effects are over. If not,
 * `send` gets the answer to the question later.
 */
export function createSettler(
  dispatcher: Dispatcher<'master'>,
  send: (answer: JSONRPCResponse) => void,
): (question: Question) => Promise<boolean> {
  return async (question) => {
    // What the protocol goes on with after its answer has begun by then.
    await drained();
    let isLate = false;
    let isSettled = false;
    const request = { jsonrpc: '2.0', id: question, method: 'settle', params: {} } as const;
    void dispatcher.answer(request, 'master').then((answer) => {
      if (!isLate && hasNoContent(answer)) isSettled = true;
      else if (answer !== null) send(answer);
    });
    await drained();
    isLate = true;
    return isSettled;
  };
}

function hasNoContent(answer: JSONRPCResponse | null): boolean {
  return answer?.result !== undefined && Object.keys(answer.result).length === 0;
}

/**
 * To be called from a microtask: Node runs a tick that was queued there when all microtasks have
 * run. What needs no event of the world has happened by then.
 */
function drained(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
