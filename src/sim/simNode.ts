// One life of one node in the simulation: its Env, its open calls, its events.
import type { NodeSpec } from '../kernel/cluster.ts';
import type { Cancel, Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';
import type { NodeId, Peer, Role } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import type { MessageTable } from '../kernel/messages.ts';
import type { Node } from '../kernel/node.ts';
import { createRandomStream } from '../kernel/random.ts';
import { MEMORY_STORAGE, type Storage } from '../kernel/storage.ts';
import type { Intervention, TraceSink } from '../kernel/trace.ts';
import { groupBySource, type Source, type Waiting } from './backlog.ts';
import { checkEnding, type Ended, type Ending, endingOf } from './ending.ts';
import { copyContent, Delivery, type Envelope } from './envelope.ts';
import type { Link, Network } from './network.ts';
import { OpenCalls } from './openCalls.ts';
import type { Scheduler } from './scheduler.ts';
import { SimRecorder } from './simRecorder.ts';
import type { SimService } from './simService.ts';

/** What a node needs of the world around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly service: SimService;
  readonly seed: number;
  readonly messages: MessageTable;
  readonly trace: TraceSink | undefined;
  /** Whether invariants need the facts that nodes observe. */
  readonly isObserved: boolean;
  find(id: NodeId): SimNode | undefined;
  /** The node has just run an event. */
  touched(node: SimNode): void;
}

const UNREACHABLE: Ending = { error: 'ERR_UNREACHABLE' };
const NONE: readonly object[] = [];

export class SimNode {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly role: Role;
  readonly env: Env;
  /** Set once, right after construction: the node needs its Env first. */
  node!: Node;
  /** False while the node is still being restored: its state is incomplete until then. */
  hasBegun = true;
  readonly #world: Surroundings;
  readonly #recorder: SimRecorder;
  readonly #openCalls: OpenCalls;
  /** The tasks that came while the node was paused, and the ones that came after them since. */
  #backlog: Waiting[] = [];
  #facts: object[] | undefined;
  #isAlive = true;
  #isPaused = false;

  constructor(
    { id, incarnation, role, line }: NodeSpec,
    world: Surroundings,
    storageOf: (node: SimNode) => Storage = () => MEMORY_STORAGE,
  ) {
    this.id = id;
    this.incarnation = incarnation;
    this.role = role;
    this.#world = world;
    this.#recorder = new SimRecorder(this, world.scheduler, world.trace);
    this.#openCalls = new OpenCalls(world.scheduler, (call) =>
      this.run('clock', () => this.#openCalls.end(call, UNREACHABLE)),
    );
    this.env = {
      self: { id, incarnation },
      now: () => world.scheduler.now,
      wallClock: () => world.scheduler.wallClock,
      random: createRandomStream(world.seed, `node ${id}.${incarnation}`),
      after: (ms, task) => this.#after(ms, task),
      call: (peer, method, params, timeoutMs) =>
        this.#call(peer, method, copyJson(params), timeoutMs) as never,
      callService: (method, params, timeoutMs) =>
        this.#callService(method, copyJson(params), timeoutMs) as never,
      storage: storageOf(this),
      observe: world.isObserved ? (fact) => this.#observe(fact) : undefined,
      note: (label, detail = {}) =>
        this.#recorder.note({ event: 'note', label, detail: copyJson(detail) }),
    };
    this.#recorder.note({ event: 'start', role }, line);
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The facts that the node has observed since the last call. */
  takeFacts(): readonly object[] {
    const facts = this.#facts ?? NONE;
    this.#facts = undefined;
    return facts;
  }

  #observe(fact: object): void {
    if (this.#facts === undefined) this.#facts = [fact];
    else this.#facts.push(fact);
  }

  /**
   * Runs an event of this life: never after its end; and after a pause, only when all earlier tasks
   * have run.
   */
  run(source: Source, task: () => void): void {
    if (this.#begin()) task();
    else this.#putOff(source, task);
  }

  /** True if an event of this life may run now; the event then counts as begun. */
  #begin(): boolean {
    if (!this.#isAlive || this.#isPaused || this.#backlog.length > 0) return false;
    this.#world.touched(this);
    return true;
  }

  #putOff(source: Source, task: () => void): void {
    if (!this.#isAlive) return;
    this.#backlog.push({ source, task });
    if (!this.#isPaused) this.#scheduleBacklog();
  }

  pause(line?: number): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.see({ event: 'pause' }, line);
  }

  /**
   * Resumes the node. A process that resumes reads one socket after the other, each to its end, in
   * the order in which they first had data to read; its timers come after them. This node does the
   * same.
   */
  resume(line?: number): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.see({ event: 'resume' }, line);
    this.#backlog = groupBySource(this.#backlog);
    for (let count = this.#backlog.length; count > 0; count -= 1) this.#scheduleBacklog();
  }

  /** Each task of the backlog is an event of its own, unless the node is paused again by then. */
  #scheduleBacklog(): void {
    this.#world.scheduler.after(0, () => {
      if (this.#isPaused) return;
      const next = this.#backlog.shift();
      if (next === undefined) return;
      this.#world.touched(this);
      next.task();
    });
  }

  kill(line?: number): void {
    this.end();
    this.#recorder.note({ event: 'crash' }, line);
  }

  /** Ends the life because its world ends, which is no event of the run. */
  end(): void {
    this.#isAlive = false;
    this.#backlog.length = 0;
    this.#openCalls.clear();
  }

  see(event: Intervention, line?: number): void {
    this.#recorder.see(event, line);
  }

  /** The link to the peer is gone: every call that waits for it fails, as the next event. */
  reset(peer: NodeId): void {
    for (const call of this.#openCalls.to(peer)) {
      const end = (): boolean => this.#openCalls.end(call, UNREACHABLE);
      this.#world.scheduler.after(0, () => this.run(peer, end));
    }
  }

  /**
   * Answers a call of the master, whose id is `message`; `done` receives its end, unless the life
   * ends before. `line` is the one for which the call was made.
   */
  ask(message: string, method: string, params: Json, done: Ended, line?: number): void {
    this.run('master', () => {
      this.#recorder.ordered(method, message, line);
      this.#answer('master', method, params, (ending) => {
        this.#recorder.answered(method, message, line);
        done(ending);
      });
    });
  }

  /** A task that waits in the backlog has not started, so it can still be cancelled. */
  #after(ms: number, task: () => void): Cancel {
    let isCancelled = false;
    const cancel = this.#world.scheduler.after(ms, () =>
      this.run('clock', () => {
        if (!isCancelled) task();
      }),
    );
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  #call(peer: NodeId, method: string, params: Json, timeoutMs = CALL_TIMEOUT_MS): Promise<Json> {
    const link = this.#world.network.find(this.id, peer);
    if (link === undefined) return Promise.reject(new CallError('ERR_NOT_CONNECTED', `${peer}`));
    return new Promise<Json>((resolve, reject) => {
      const call = this.#openCalls.open(peer, resolve, reject);
      call.number = this.#send(peer, link, method, { params, slot: call.slot });
      this.#world.scheduler.schedule(timeoutMs, call);
    });
  }

  #callService(method: string, params: Json, timeoutMs = CALL_TIMEOUT_MS): Promise<Json> {
    const asked = this.#recorder.askedService(method, params);
    const answered = (isAwaited: boolean): void =>
      this.#recorder.answeredByService(method, asked, isAwaited);
    return this.#world.service.ask(this, { method, params, timeoutMs }, answered);
  }

  /** Sends one message, and returns its number. Every copy is an event of the receiver. */
  #send(to: NodeId, link: Link, method: string, content: Envelope['content']): number {
    const { network, scheduler } = this.#world;
    const number = this.#recorder.nextNumber();
    const message = this.#recorder.nameOf(number);
    const lamport = this.#recorder.tick();
    const envelope = { from: this, to, link, method, number, message, lamport, content };
    this.#recorder.sent(envelope);
    const certain = network.delayIfCertain(this.id, to, link);
    if (certain !== undefined) {
      scheduler.schedule(certain, new Delivery(envelope, this.#arrive));
      return number;
    }
    const delays = network.send(this.id, to, scheduler.now);
    if (delays.length === 0) this.#recorder.dropped(envelope, 'lost');
    for (const delay of delays) {
      const own = delays.length === 1 ? envelope : { ...envelope, content: copyContent(content) };
      scheduler.schedule(delay, new Delivery(own, this.#arrive));
    }
    return number;
  }

  readonly #arrive = (envelope: Envelope): void => {
    const target = this.#world.find(envelope.to);
    if (envelope.link.isCut || target === undefined) this.#recorder.dropped(envelope, 'cut');
    else if (target.#begin()) target.#receive(envelope);
    else target.#putOff(this.id, () => target.#receive(envelope));
  };

  #receive(envelope: Envelope): void {
    this.#recorder.hear(envelope.lamport);
    const { from, link, method, number, message, content } = envelope;
    if ('answers' in content) {
      const ending = checkEnding(this.#world.messages, method, content.ending);
      const isAwaited = this.#openCalls.end(content.answers, ending);
      this.#recorder.received(envelope, isAwaited);
      return;
    }
    this.#recorder.received(envelope);
    const answers = { number, message, slot: content.slot };
    this.#answer(from, method, content.params, (ending) =>
      this.#send(from.id, link, method, { answers, ending }),
    );
  }

  /** Lets the node handle a call; `done` receives its end, unless the life ends before. */
  #answer(from: Peer | 'master', method: string, params: Json, done: Ended): void {
    try {
      const result = this.node.handle(from, method, params);
      if (result instanceof Promise) {
        result.then(
          (value) => this.#succeeded(done, value),
          (error) => this.#failed(done, error),
        );
      } else this.#succeeded(done, result);
    } catch (error) {
      this.#failed(done, error);
    }
  }

  #succeeded(done: Ended, result: Json): void {
    try {
      const ending = { result: copyJson(result) };
      if (this.#isAlive) done(ending);
    } catch (error) {
      this.#failed(done, error);
    }
  }

  /** Any error but a CallError is a bug. */
  #failed(done: Ended, error: unknown): void {
    if (!(error instanceof CallError)) this.#world.scheduler.fail(error);
    else if (this.#isAlive) done(endingOf(error));
  }
}
