// Hosts a protocol's configuration service in the master of real processes: its timers end with the
// run, and the calls of nodes arrive over their channels.
import type { WorldSetup } from '../kernel/cluster.ts';
import type { Cancel } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';
import type { Life, NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { createRandomStream } from '../kernel/random.ts';
import { createServiceNode, type ServiceCaller, type ServiceNode } from '../kernel/serviceNode.ts';
import { monotonicMs } from '../rpc/monotonic.ts';

export interface ServiceHostSetup extends WorldSetup {
  /** The servers that had a folder on this data before this run. */
  readonly earlier: readonly NodeId[];
  /** Greater in every later run on that data. */
  readonly generation: number;
  /** The time of the world, for the trace. */
  now(): number;
  /** Calls a live server; rejects with a CallError. */
  ask(server: NodeId, method: string, params: Json, timeoutMs: number): Promise<Json>;
}

export class ServiceHost {
  readonly #node: ServiceNode | undefined;
  readonly #setup: ServiceHostSetup;
  #notes = 0;
  readonly #timers = new Set<NodeJS.Timeout>();
  #isStopped = false;

  constructor(setup: ServiceHostSetup) {
    this.#setup = setup;
    const { protocol, options, seed, earlier, generation, ask, warn } = setup;
    const env = {
      now: monotonicMs,
      random: createRandomStream(seed, `service code ${generation + 1}`),
      earlier,
      generation,
      after: (ms: number, task: () => void): Cancel => this.#after(ms, task),
      tell: (server: NodeId, method: string, params: unknown, timeoutMs: number) =>
        this.#whileRunning(ask(server, method, params as Json, timeoutMs)) as never,
      warn: (text: string) => warn?.(text),
      note: (label: string, detail = {}) => this.#note(label, detail),
    };
    this.#node = createServiceNode(protocol, env, options);
  }

  /** Runs one of the protocol's own commands. Rejects with a CallError. */
  async command(name: string, args: readonly string[]): Promise<readonly string[]> {
    if (this.#node === undefined) throw new CallError('E_NO_METHOD', name);
    return this.#node.command(name, args);
  }

  async inspect(): Promise<Json> {
    if (this.#node === undefined) throw new CallError('E_NO_METHOD', 'inspect');
    return this.#node.inspect();
  }

  /** Answers the call of a node. Rejects with a CallError. */
  async callService(from: ServiceCaller, params: unknown): Promise<Json> {
    const { method, params: asked } = params as { method: string; params: unknown };
    if (this.#isStopped) throw new CallError('ERR_UNREACHABLE', 'the run is over');
    if (this.#node === undefined) throw new CallError('E_NO_METHOD', method);
    return this.#node.handle(from, method, asked);
  }

  ended(life: Life): void {
    if (!this.#isStopped) this.#node?.ended(life);
  }

  /** Stops all timers and pending calls of the service. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #note(label: string, detail: Json): void {
    this.#notes += 1;
    const { now, generation, trace } = this.#setup;
    const stamp = { at: now(), node: 'master', incarnation: generation + 1 } as const;
    trace?.({ ...stamp, lamport: this.#notes, event: 'note', label, detail });
  }

  #after(ms: number, task: () => void): Cancel {
    if (this.#isStopped) return () => undefined;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clearTimeout(timer);
    };
  }

  /** Settles as `answer` does, but stays pending for ever once the run is over. */
  #whileRunning(answer: Promise<Json>): Promise<Json> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => this.#isStopped || resolve(value),
        (error: unknown) => this.#isStopped || reject(error),
      );
    });
  }
}
