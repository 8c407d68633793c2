// One life of one node in the simulation: its Env, its open calls, its events.
import type { NodeSpec } from '../kernel/cluster.ts';
import type { Cancel, Env } from '../kernel/env.ts';
import { CallError, type CallErrorCode } from '../kernel/errors.ts';
import type { Caller, NodeId, Role } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import type { Node } from '../kernel/node.ts';
import { createRandomStream } from '../kernel/random.ts';
import type { TraceEvent, TraceSink } from '../kernel/trace.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';

/** How a call ended: with a result, or with an error's code. */
export type Ending = { readonly result: Json } | { readonly error: CallErrorCode };

/** What a node needs of the world around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly seed: number;
  readonly trace: TraceSink | undefined;
  find(id: NodeId): SimNode | undefined;
  /** The node has just run an event. */
  touched(node: SimNode): void;
}

interface Stamped {
  readonly message: string;
  readonly lamport: number;
}

interface OpenCall {
  readonly peer: NodeId;
  readonly settle: (ending: Ending) => void;
  readonly cancelTimeout: Cancel;
}

/** Distributes over the union, so that each kind of event keeps its own fields. */
type Unplaced<E> = E extends TraceEvent
  ? Omit<E, 'at' | 'node' | 'incarnation' | 'lamport'>
  : never;

export class SimNode {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly role: Role;
  readonly env: Env;
  /** Set once, right after construction: the node needs its Env first. */
  node!: Node;
  readonly #world: Surroundings;
  readonly #openCalls = new Map<string, OpenCall>();
  readonly #backlog: (() => void)[] = [];
  #isAlive = true;
  #isPaused = false;
  #lamport = 0;
  #messages = 0;

  constructor({ id, incarnation, role }: NodeSpec, world: Surroundings) {
    this.id = id;
    this.incarnation = incarnation;
    this.role = role;
    this.#world = world;
    const random = createRandomStream(world.seed, `node ${id}.${incarnation}`);
    this.env = {
      self: { id, incarnation },
      now: () => world.scheduler.now,
      random,
      after: (ms, task) => world.scheduler.after(ms, () => this.run(task)),
      call: (peer, method, params, timeoutMs) =>
        this.#call(peer, method, copyJson(params), timeoutMs) as never,
      note: (label, detail = {}) => this.#emit({ event: 'note', label, detail: copyJson(detail) }),
    };
    this.#emit({ event: 'start', role });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Runs an event of this life: never after its end, and after a pause only once it is over. */
  run(task: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isPaused) {
      this.#backlog.push(task);
      return;
    }
    this.#world.touched(this);
    task();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const task of this.#backlog.splice(0)) {
      this.#world.scheduler.after(0, () => this.run(task));
    }
  }

  kill(): void {
    this.#isAlive = false;
    this.#backlog.length = 0;
    for (const { cancelTimeout } of this.#openCalls.values()) cancelTimeout();
    this.#openCalls.clear();
    this.#emit({ event: 'crash' });
  }

  /** The link to the peer is gone: whatever waits for it has its error as the next event. */
  reset(peer: NodeId): void {
    for (const [message, open] of this.#openCalls) {
      if (open.peer !== peer) continue;
      this.#world.scheduler.after(0, () =>
        this.run(() => this.#openCalls.get(message)?.settle({ error: 'ERR_UNREACHABLE' })),
      );
    }
  }

  /** Answers a call of the master, whose id is `message`. Never settles if the life ends before. */
  ask(message: string, method: string, params: Json): Promise<Ending> {
    return new Promise((resolve) => {
      this.run(() => {
        this.#emit({ event: 'receive', from: 'master', message, method });
        this.#answer('master', method, params, (ending) => {
          const answer = this.#stamp();
          this.#emit({ event: 'send', to: 'master', method, answers: message, ...answer });
          resolve(ending);
        });
      });
    });
  }

  #call(peer: NodeId, method: string, params: Json, timeoutMs = CALL_TIMEOUT_MS): Promise<Json> {
    const { scheduler, network } = this.#world;
    const link = network.linkNumber(this.id, peer);
    if (link === undefined) return Promise.reject(new CallError('ERR_NOT_CONNECTED', `${peer}`));
    const stamped = this.#stamp();
    const { message } = stamped;
    this.#emit({ event: 'send', to: peer, method, params, ...stamped });
    return new Promise<Json>((resolve, reject) => {
      const settle = (ending: Ending): void => {
        if (!this.#openCalls.delete(message)) return;
        cancelTimeout();
        if ('result' in ending) resolve(ending.result);
        else reject(new CallError(ending.error));
      };
      const cancelTimeout = scheduler.after(timeoutMs, () =>
        this.run(() => settle({ error: 'ERR_UNREACHABLE' })),
      );
      this.#openCalls.set(message, { peer, settle, cancelTimeout });
      this.#transmit(peer, link, method, stamped, (target) =>
        target.#receiveRequest(this, link, method, params, stamped),
      );
    });
  }

  #receiveRequest(
    from: SimNode,
    link: number,
    method: string,
    params: Json,
    request: Stamped,
  ): void {
    this.#witness(request);
    this.#emit({ event: 'receive', from: from.id, method, message: request.message });
    this.#answer(from.id, method, params, (ending) => {
      const answer = { ...this.#stamp(), answers: request.message };
      this.#emit({ event: 'send', to: from.id, method, ...answer });
      this.#transmit(from.id, link, method, answer, (caller) =>
        caller.#receiveAnswer(this.id, method, answer, ending),
      );
    });
  }

  #receiveAnswer(
    from: NodeId,
    method: string,
    { message, answers, lamport }: Stamped & { readonly answers: string },
    ending: Ending,
  ): void {
    this.#witness({ message, lamport });
    this.#emit({ event: 'receive', from, method, message, answers });
    this.#openCalls.get(answers)?.settle(ending);
  }

  /** Lets the node handle a call; `done` is told how it ended, unless the life ends before. */
  #answer(from: Caller, method: string, params: Json, done: (ending: Ending) => void): void {
    const failed = (error: unknown): void => {
      if (!(error instanceof CallError)) this.#world.scheduler.fail(error);
      else if (this.#isAlive) done({ error: error.code });
    };
    try {
      const result = this.node.handle(from, method, params);
      if (!(result instanceof Promise)) {
        done({ result: copyJson(result) });
        return;
      }
      result
        .then((value) => {
          if (this.#isAlive) done({ result: copyJson(value) });
        })
        .catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Sends one message on its way; every copy that arrives is an event of the receiver. */
  #transmit(
    to: NodeId,
    link: number,
    method: string,
    { message, lamport }: Stamped,
    arrive: (target: SimNode) => void,
  ): void {
    const { network, scheduler } = this.#world;
    const drop = (why: string): void => {
      const { trace } = this.#world;
      const { id: node, incarnation } = this;
      const at = scheduler.now;
      trace?.({ at, node, incarnation, lamport, event: 'drop', to, message, method, why });
    };
    const delays = network.delaysOf(this.id, to);
    if (delays.length === 0) drop('lost');
    for (const delay of delays) {
      scheduler.after(delay, () => {
        const target = this.#world.find(to);
        if (network.linkNumber(this.id, to) !== link || target === undefined) drop('cut');
        else target.run(() => arrive(target));
      });
    }
  }

  #stamp(): Stamped {
    this.#messages += 1;
    this.#lamport += 1;
    return { message: `${this.id}.${this.incarnation}#${this.#messages}`, lamport: this.#lamport };
  }

  #witness({ lamport }: Stamped): void {
    this.#lamport = Math.max(this.#lamport, lamport);
  }

  /** Sends are stamped already; every other event takes one step of the node's Lamport clock. */
  #emit(event: Unplaced<TraceEvent> & { readonly lamport?: number }): void {
    if (event.event !== 'send') this.#lamport += 1;
    const { trace, scheduler } = this.#world;
    if (trace === undefined) return;
    const { id: node, incarnation } = this;
    trace({ at: scheduler.now, node, incarnation, ...event, lamport: this.#lamport } as TraceEvent);
  }
}
