// Hosts a protocol's configuration service in the simulation. Messages between it and the nodes
// take as long as other messages and may overtake each other. They are never lost or repeated
// unless a plan or a test cuts a server off: a real engine in the service's place would guarantee
// that.
import type { Cancel } from '../kernel/env.ts';
import { CallError, ProtocolBug, UnfitMessage } from '../kernel/errors.ts';
import { type Life, type NodeId, nameOfNode } from '../kernel/ids.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { createServiceNode, type ServiceCaller, type ServiceNode } from '../kernel/serviceNode.ts';
import type { TraceSink } from '../kernel/trace.ts';
import { checkEnding, type Ending, endingOf, settle } from './ending.ts';
import type { Network } from './network.ts';
import type { Scheduler } from './scheduler.ts';
import { ServiceFaults, type ServicePlan } from './servicePlan.ts';

export interface ServiceSetup {
  readonly protocol: Protocol;
  readonly options: Options;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly seed: number;
  readonly plan: ServicePlan;
  /** How many services there were in earlier runs. */
  readonly generations: number;
  /** The servers that have begun a log. */
  earlier(): NodeId[];
  find(server: NodeId): Answering | undefined;
  readonly warn: (text: string) => void;
  readonly trace?: TraceSink | undefined;
}

/** A live node, as it answers the master and calls the service. */
interface Answering extends ServiceCaller {
  /** False while it is still being restored. */
  readonly hasBegun: boolean;
  ask(message: string, method: string, params: Json, done: (ending: Ending) => void): void;
  run(source: 'clock' | 'master', task: () => void): void;
}

interface Question {
  readonly method: string;
  readonly params: Json;
  readonly timeoutMs: number;
}

export class SimService {
  readonly #setup: ServiceSetup;
  readonly #scheduler: Scheduler;
  readonly #faults: ServiceFaults;
  readonly #cutOff = new Set<NodeId>();
  #node: ServiceNode | undefined;
  /** Counts the services so far: effects of one service never reach a later one. */
  #generation: number;
  /** Each refuses an order of the master that is under way. */
  readonly #refusals = new Set<(why: CallError) => void>();
  #asked = 0;
  #notes = 0;
  /** The service knows by then of all deaths so far. */
  #deathsKnownAt = 0;

  constructor(setup: ServiceSetup) {
    this.#setup = setup;
    this.#scheduler = setup.scheduler;
    this.#faults = new ServiceFaults(setup.seed, setup.plan);
    this.#generation = setup.generations;
    this.begin();
  }

  /** How many messages met a fault of the plan. */
  get troubles(): ServiceFaults['troubles'] {
    return this.#faults.troubles;
  }

  /** Sets the faults of all messages from now on. */
  set plan(plan: ServicePlan) {
    this.#faults.plan = plan;
  }

  /** How many services there have been. */
  get generations(): number {
    return this.#generation;
  }

  /**
   * Begins the service of a new run, which knows only the servers that have begun a log. Orders to
   * the one before may or may not have been carried out.
   */
  begin(): void {
    const { protocol, options, warn } = this.#setup;
    this.#generation += 1;
    const why = new CallError('ERR_UNREACHABLE', 'a new run has begun');
    for (const refuse of this.#refusals) refuse(why);
    this.#node = createServiceNode(
      protocol,
      {
        earlier: this.#setup.earlier(),
        generation: this.#generation - 1,
        now: () => this.#scheduler.now,
        random: createRandomStream(this.#setup.seed, `service code ${this.#generation}`),
        after: (ms: number, task: () => void): Cancel => this.#after(ms, task),
        tell: (server: NodeId, method: string, params: unknown, timeoutMs: number) =>
          this.#tell(server, method, copyJson(params), timeoutMs) as never,
        warn,
        note: (label: string, detail = {}) => this.#note(label, copyJson(detail)),
      },
      options,
    );
  }

  /** The service's own state; undefined without a service. */
  get state(): unknown {
    return this.#node?.state;
  }

  /** From now on nothing travels between the service and that server, or everything again. */
  setCutOff(server: NodeId, isCutOff: boolean): void {
    if (isCutOff) this.#cutOff.add(server);
    else this.#cutOff.delete(server);
  }

  /** Runs one of the protocol's own commands. */
  command(name: string, args: readonly string[]): Promise<readonly string[]> {
    return this.#order(name, (node) => node.command(name, args));
  }

  inspect(): Promise<Json> {
    return this.#order('inspect', (node) => node.inspect());
  }

  /** Like `inspect`, but no event, so it changes nothing; null if there is nothing to show. */
  look(): Promise<Json> {
    const shown = this.#node?.inspect() ?? Promise.resolve(null);
    return shown.then(copyJson, () => null);
  }

  /**
   * Gives an order of the master, as an event of its own, like all calls of the master. The service
   * has heard of all earlier deaths by then: the master of real processes is its host.
   */
  #order<T>(name: string, order: (node: ServiceNode) => Promise<T>): Promise<T> {
    let refuse: (why: CallError) => void = () => undefined;
    const answer = new Promise<T>((resolve, reject) => {
      refuse = reject;
      this.#refusals.add(refuse);
      this.#after(Math.max(0, this.#deathsKnownAt - this.#scheduler.now), () => {
        if (this.#node === undefined) reject(new CallError('E_NO_METHOD', name));
        else order(this.#node).then(resolve, reject);
      });
    });
    return this.#scheduler.during(answer.finally(() => this.#refusals.delete(refuse)));
  }

  #note(label: string, detail: Json): void {
    this.#notes += 1;
    const stamp = {
      at: this.#scheduler.now,
      node: 'master',
      incarnation: this.#generation,
    } as const;
    this.#setup.trace?.({ ...stamp, lamport: this.#notes, event: 'note', label, detail });
  }

  ended(life: Life): void {
    if (this.#node === undefined) return;
    const delay = this.#setup.network.delay();
    this.#deathsKnownAt = Math.max(this.#deathsKnownAt, this.#scheduler.now + delay);
    this.#after(delay, () => this.#node?.ended(life));
  }

  /** A node's call; `answered` is called when an answer has come, with whether it came in time. */
  ask(node: Answering, question: Question, answered: (isAwaited: boolean) => void): Promise<Json> {
    const { messages } = this.#setup.protocol;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const end = (ending: Ending): void => {
        isOver = true;
        cancel();
        settle(ending, resolve, reject);
      };
      const late = (): void => node.run('clock', () => end({ error: 'ERR_UNREACHABLE' }));
      const cancel = this.#scheduler.after(question.timeoutMs, late);
      this.#callService(node, question, (ending) =>
        node.run('master', () => {
          answered(!isOver);
          end(checkEnding(messages, question.method, 'the service', ending));
        }),
      );
    });
  }

  /** Answers by `done`, unless question or answer is lost on the way. */
  #callService(
    { id, incarnation, role }: ServiceCaller,
    { method, params }: Question,
    done: (ending: Ending) => void,
  ): void {
    const answer = (ending: Ending): void => this.#travel(id, () => done(ending));
    const failed = (error: unknown): void => {
      if (error instanceof UnfitMessage) {
        const sender = nameOfNode({ id, role });
        const why = `the service refused '${method}' of ${sender}: ${error.message}`;
        this.#scheduler.fail(new ProtocolBug(why));
      } else if (error instanceof CallError) answer(endingOf(error));
      else this.#scheduler.fail(error);
    };
    this.#travel(id, () => {
      try {
        if (this.#node === undefined) throw new CallError('E_NO_METHOD', method);
        Promise.resolve(this.#node.handle({ id, incarnation, role }, method, params))
          .then((result) => answer({ result: copyJson(result) }))
          .catch(failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  #tell(server: NodeId, method: string, params: Json, timeoutMs: number): Promise<Json> {
    return new Promise((resolve, reject) => {
      const late = (): void => reject(new CallError('ERR_UNREACHABLE', `server ${server}`));
      const cancel = this.#after(timeoutMs, late);
      this.#travel(server, () => {
        const node = this.#setup.find(server);
        if (!node?.hasBegun) return;
        this.#asked += 1;
        node.ask(`service#${this.#asked}`, method, params, (ending) =>
          this.#travel(server, () => {
            cancel();
            settle(ending, resolve, reject);
          }),
        );
      });
    });
  }

  /** Sends one message, in either direction. */
  #travel(server: NodeId, arrive: () => void): void {
    const delay = this.#faults.delay(() => this.#setup.network.delay());
    this.#after(delay, () => {
      const isLost = this.#cutOff.has(server) || this.#faults.isCutOff(server, this.#scheduler.now);
      if (!isLost) arrive();
    });
  }

  /** Runs a task after a delay, unless another service has begun by then. */
  #after(ms: number, task: () => void): Cancel {
    const generation = this.#generation;
    return this.#scheduler.after(ms, () => {
      if (generation === this.#generation) task();
    });
  }
}
