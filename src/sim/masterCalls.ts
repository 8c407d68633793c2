// The master's calls to simulated nodes: each is an event of its own, and ends once.
import type { NodeId } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import type { Ending } from './ending.ts';
import { Task } from './heap.ts';
import type { InvariantWatch } from './invariantWatch.ts';
import type { Scheduler } from './scheduler.ts';
import type { SimNode } from './simNode.ts';

export interface MasterCall {
  readonly id: NodeId;
  readonly method: string;
  readonly params: Json;
  readonly timeoutMs: number;
  /** The script's line that caused the call. */
  readonly line: number | undefined;
}

export class MasterCalls {
  readonly #scheduler: Scheduler;
  readonly #watch: InvariantWatch;
  readonly #find: (id: NodeId) => SimNode | undefined;
  #count = 0;

  constructor(
    scheduler: Scheduler,
    watch: InvariantWatch,
    find: (id: NodeId) => SimNode | undefined,
  ) {
    this.#scheduler = scheduler;
    this.#watch = watch;
    this.#find = find;
  }

  /** Makes the call as an event of its own, as soon as time passes. */
  make({ id, method, params, timeoutMs, line }: MasterCall): Promise<Ending> {
    return new Promise((resolve) => {
      const sent = copyJson(params);
      const late = (): void => resolve({ error: 'ERR_UNREACHABLE' });
      const timeout = new Task(late);
      this.#scheduler.schedule(timeoutMs, timeout);
      const answered = (answer: Ending): void => {
        this.#scheduler.cancel(timeout);
        resolve(answer);
      };
      const ask = (): void => {
        const node = this.#find(id);
        if (node === undefined) {
          late();
          return;
        }
        if (method === 'stabilize') this.#watch.expectRound(node, sent);
        this.#count += 1;
        node.ask(`master#${this.#count}`, method, sent, answered, line);
      };
      this.#scheduler.schedule(0, new Task(ask));
    });
  }
}
