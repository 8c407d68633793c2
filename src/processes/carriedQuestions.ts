// The questions that travel with operations (rpc/settling.ts), from the master's side: numbers
// them, and finds the answers that servers give later.
import type { JSONRPCResponse } from 'json-rpc-2.0';
import type { Operated } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import type { Question, Settled } from '../rpc/settling.ts';
import type { NodeProcess } from './nodeProcess.ts';

const NOTHING: Json = {};

/** What is needed of a server's process. */
type Asked = Pick<NodeProcess, 'answerTo'>;

export class CarriedQuestions {
  readonly #processOf: (server: NodeId) => Asked | undefined;
  /** For each operation under way, the answers that came before its own. */
  readonly #early = new Map<Question, Map<Asked, JSONRPCResponse>>();
  #last: Question = 0;

  constructor(processOf: (server: NodeId) => Asked | undefined) {
    this.#processOf = processOf;
  }

  /** Calls a client's operation, and sends a question with it. */
  async operate(
    client: Pick<NodeProcess, 'operate'>,
    method: string,
    params: Json,
    timeoutMs: number,
  ): Promise<Operated> {
    const question = this.begin();
    try {
      const { result, settled } = await client.operate(question, method, params, timeoutMs);
      return { result, settled: this.end(question, settled) };
    } finally {
      this.end(question);
    }
  }

  /** The question of an operation that begins. */
  begin(): Question {
    this.#last -= 1;
    this.#early.set(this.#last, new Map());
    return this.#last;
  }

  /** The process has answered a question that it was not known to have. */
  answered(process: Asked, answer: JSONRPCResponse): void {
    this.#early.get(answer.id as Question)?.set(process, answer);
  }

  /** To be called once the operation has ended, with what servers have said in their answers. */
  end(question: Question, settled: readonly Settled[] = []): Operated['settled'] {
    const early = this.#early.get(question);
    this.#early.delete(question);
    const answers = new Map<NodeId, Promise<Json>>();
    for (const [server, isSettled] of settled) {
      const process = this.#processOf(server);
      if (process === undefined) continue;
      const answer = isSettled
        ? Promise.resolve(NOTHING)
        : process.answerTo(question, OPERATION_DEADLINE_MS, early?.get(process));
      // A caller without use for it does not handle its failure.
      answer.catch(() => undefined);
      answers.set(server, answer);
    }
    return (server) => answers.get(server);
  }
}
