// One life of one node in the simulation: its Env, its open calls, its events.
import type { NodeSpec } from '../kernel/cluster.ts';
import type { Cancel, Env } from '../kernel/env.ts';
import { CallError, ProtocolBug, UnfitMessage } from '../kernel/errors.ts';
import { type NodeId, nameOfNode, type Peer, type Role } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import type { MessageTable } from '../kernel/messages.ts';
import { createClientNode, createServerNode, type Node } from '../kernel/node.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import type { Storage } from '../kernel/storage.ts';
import type { Intervention, TraceSink } from '../kernel/trace.ts';
import type { Source } from './backlog.ts';
import { checkEnding, type Ended, type Ending, endingOf } from './ending.ts';
import { copyContent, Delivery, type Envelope } from './envelope.ts';
import type { Link, Network } from './network.ts';
import type { Machine, NodeFaults } from './nodePlan.ts';
import { OpenCalls } from './openCalls.ts';
import type { Scheduler } from './scheduler.ts';
import { SimRecorder } from './simRecorder.ts';
import type { SimService } from './simService.ts';
import { Turns } from './turns.ts';

/** What a node needs of the world around it. */
export interface Surroundings {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly service: SimService;
  readonly nodeFaults: NodeFaults;
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

/** Begins a life of a server or a client, without anything from its disk yet. */
export function createSimNode(
  spec: NodeSpec,
  { protocol, options }: { readonly protocol: Protocol; readonly options: Options },
  world: Surroundings,
  storageOf: (node: SimNode) => Storage,
): SimNode {
  const simNode = new SimNode(spec, world, storageOf);
  const setup = { env: simNode.env, protocol, options };
  simNode.node =
    spec.role === 'server'
      ? createServerNode(setup)
      : createClientNode({ ...setup, guarantees: spec.guarantees ?? [] });
  return simNode;
}

export class SimNode {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly role: Role;
  readonly env: Env;
  /** Set once, by `createSimNode`: the node needs its Env first. */
  node!: Node;
  /** False while the node is still being restored: its state is incomplete until then. */
  hasBegun = true;
  readonly #world: Surroundings;
  readonly #recorder: SimRecorder;
  readonly #openCalls: OpenCalls;
  readonly #machine: Machine;
  readonly #turns: Turns;
  #facts: object[] | undefined;

  constructor(
    { id, incarnation, role, line }: NodeSpec,
    world: Surroundings,
    storageOf: (node: SimNode) => Storage,
  ) {
    this.id = id;
    this.incarnation = incarnation;
    this.role = role;
    this.#world = world;
    this.#recorder = new SimRecorder(this, world.scheduler, world.trace);
    this.#openCalls = new OpenCalls(world.scheduler, (call) =>
      this.run('clock', () => this.#openCalls.end(call, UNREACHABLE)),
    );
    this.#machine = world.nodeFaults.of(id);
    this.#turns = new Turns({
      ...{ scheduler: world.scheduler, machine: this.#machine },
      touched: () => world.touched(this),
      see: (event, line) => this.see(event, line),
    });
    this.env = {
      self: { id, incarnation },
      now: () => this.#machine.now(world.scheduler.now),
      wallClock: () => this.#machine.wallClock(world.scheduler.now),
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
    return this.#turns.isAlive;
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

  /** Whether something has come that the node has not handled. */
  get isBehind(): boolean {
    return this.#turns.isBehind;
  }

  /** Runs an event of this life, when it is its turn: never after the end of the life. */
  run(source: Source, task: () => void): void {
    this.#turns.run(source, task);
  }

  pause(line?: number): void {
    this.#turns.pause(line);
  }

  resume(line?: number): void {
    this.#turns.resume(line);
  }

  kill(line?: number): void {
    this.end();
    this.#recorder.note({ event: 'crash' }, line);
  }

  /** Ends the life because its world ends, which is no event of the run. */
  end(): void {
    this.#turns.end();
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
    const cancel = this.#world.scheduler.after(this.#machine.lasting(ms), () =>
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
      this.#world.scheduler.schedule(this.#machine.lasting(timeoutMs), call);
    });
  }

  #callService(method: string, params: Json, ownMs = CALL_TIMEOUT_MS): Promise<Json> {
    const timeoutMs = this.#machine.lasting(ownMs);
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
    else if (target.#turns.begin()) target.#receive(envelope);
    else target.#turns.putOff(this.id, () => target.#receive(envelope));
  };

  #receive(envelope: Envelope): void {
    this.#recorder.hear(envelope.lamport);
    const { from, link, method, number, message, content } = envelope;
    if ('answers' in content) {
      const ending = checkEnding(this.#world.messages, method, nameOfNode(from), content.ending);
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
      this.#failed(done, this.#judge(error, from, method));
    }
  }

  /** All code here is the protocol's own: a message that its table does not allow is a bug. */
  #judge(error: unknown, from: Peer | 'master', method: string): unknown {
    if (!(error instanceof UnfitMessage) || from === 'master') return error;
    const sender = nameOfNode(from);
    return new ProtocolBug(
      `${nameOfNode(this)} refused '${method}' of ${sender}: ${error.message}`,
    );
  }

  #succeeded(done: Ended, result: Json): void {
    try {
      const ending = { result: copyJson(result) };
      if (this.isAlive) done(ending);
    } catch (error) {
      this.#failed(done, error);
    }
  }

  /** Any error but a CallError is a bug. */
  #failed(done: Ended, error: unknown): void {
    if (!(error instanceof CallError)) this.#world.scheduler.fail(error);
    else if (this.isAlive) done(endingOf(error));
  }
}
