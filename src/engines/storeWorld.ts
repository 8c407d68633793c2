// The world of a replicated store of others: its servers are programs, its clients live here. What
// differs from store to store is in store.ts.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type Death, EnvironmentError, type NodeSpec } from '../kernel/cluster.ts';
import type { EngineCluster, EngineSetup, ServerState } from '../kernel/engine.ts';
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import type { LinkChange } from '../kernel/linkSettings.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { Sleeps } from '../kernel/sleeps.ts';
import type { Intervention } from '../kernel/trace.ts';
import { ForeignProgram } from '../processes/foreignProgram.ts';
import { createGuard } from '../processes/guard.ts';
import { findBundles } from '../processes/nodeProcess.ts';
import { killStrays } from '../processes/strays.ts';
import { createClock, monotonicMs, startTimer } from '../rpc/monotonic.ts';
import { LifeEvents } from './lifeEvents.ts';
import { SlowLinks } from './slowLinks.ts';
import { type Member, type Store, type StoreSetup, toRequest } from './store.ts';
import { StoreClient } from './storeClient.ts';
import { StoreControl } from './storeControl.ts';

export interface StoreKind {
  /** How long an operation of a client waits for its answer. */
  readonly timeoutMs: number;
  /** Whether the next line waits after a fault until the servers have reacted to it. */
  readonly reacts: boolean;
  create(setup: StoreSetup): Store;
}

export function createStoreCluster(setup: EngineSetup, kind: StoreKind): EngineCluster {
  return new StoreWorld(setup, kind);
}

type Params = { readonly [name: string]: Json };

interface LiveMember extends Member {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  isPaused: boolean;
  /** Whether the script has ordered its end. */
  isOrdered: boolean;
}

class StoreWorld implements EngineCluster {
  readonly formerLives = 0;
  readonly service = { command: noService, inspect: noService };
  readonly now = createClock(monotonicMs());
  readonly random: RandomStream;
  readonly #setup: EngineSetup;
  readonly #kind: StoreKind;
  /** The marks of all programs begin with it. */
  readonly #mark = randomBytes(16).toString('hex');
  readonly #guard = createGuard(findBundles(), this.#mark);
  readonly #members = new Map<NodeId, LiveMember>();
  readonly #clients = new Map<NodeId, StoreClient>();
  readonly #programs = new Set<ForeignProgram>();
  readonly #links: SlowLinks;
  readonly #store: Store;
  readonly #control: StoreControl;
  readonly #sleeps = new Sleeps(startTimer);
  readonly sleep = (ms: number): Promise<void> => this.#sleeps.begin(ms);
  readonly lookAtServers = (): Promise<ServerState[]> => this.#control.lookAtServers();
  #launches = 0;
  #folder: Promise<string> | undefined;
  #onDeath: (death: Death) => void = () => undefined;
  #stopping: Promise<void> | undefined;

  constructor(setup: EngineSetup, kind: StoreKind) {
    const { seed, usual, options } = setup;
    this.#setup = setup;
    this.#kind = kind;
    this.random = createRandomStream(seed, 'master');
    this.#links = new SlowLinks({ seed, now: this.now, ...(usual && { usual }) });
    const shared = { options, links: this.#links, members: this.#members, now: this.now };
    this.#store = kind.create({
      ...shared,
      ...{ mark: this.#mark, sleep: (ms) => this.sleep(ms) },
      launch: (program) => this.#launch(program),
      warn: (text) => setup.warn?.(text),
      makeFolder: () => this.#makeFolder(),
    });
    this.#control = new StoreControl({
      ...{ ...shared, store: this.#store, sleep: (ms) => this.sleep(ms) },
      ...{ clients: this.#clients, reacts: kind.reacts },
      note: (text) => setup.note?.(text),
    });
  }

  async start(spec: NodeSpec): Promise<[]> {
    const events = new LifeEvents(spec, this.now, this.#setup.trace);
    if (spec.role === 'server') await this.#startServer(spec, events);
    else {
      this.#clients.set(spec.id, this.#createClient(spec, events));
      events.started('client', spec.line);
    }
    return [];
  }

  #createClient(spec: NodeSpec, events: LifeEvents): StoreClient {
    return new StoreClient({
      ...{ spec, events, seed: this.#setup.seed, links: this.#links },
      timeoutMs: this.#kind.timeoutMs,
      choose: (request, servers) => this.#store.choose?.(request, servers),
      isRandom: this.#store.choose === undefined,
      connect: (server) => this.#store.connect(spec.id, server),
      eventsOf: (server) => this.#members.get(server)?.events,
    });
  }

  /** A server that the store does not take dies at once. */
  async #startServer(spec: NodeSpec, events: LifeEvents): Promise<void> {
    const { id, incarnation } = spec;
    try {
      const program = await this.#store.start(spec);
      const state = { isPaused: false, isOrdered: false };
      const member: LiveMember = { id, spec, events, program, ...state };
      this.#members.set(id, member);
      events.started('server', spec.line);
      void program?.gone.then((why) => this.#died(member, why));
      if (this.#stopping) await this.#end(member);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.#onDeath({ id, incarnation, why: error.message, isBug: false });
    }
  }

  #died(member: LiveMember, why: string): void {
    if (member.isOrdered) return;
    const { id, spec, program } = member;
    for (const text of program?.lastLines ?? []) this.#setup.note?.(`server ${id}: ${text}`);
    this.#forget(member);
    this.#onDeath({ id, incarnation: spec.incarnation, why, isBug: false });
  }

  async kill(id: NodeId, line?: number): Promise<void> {
    const member = this.#members.get(id);
    if (member !== undefined) {
      await this.#end(member);
      this.#forget(member, line);
      return;
    }
    const client = this.#clients.get(id);
    this.#links.end(id);
    this.#clients.delete(id);
    client?.end();
    client?.events.ended(line);
  }

  async pause(id: NodeId, line?: number): Promise<void> {
    const member = this.#members.get(id);
    if (member === undefined || member.isPaused) return;
    member.isPaused = true;
    member.program?.signal('SIGSTOP');
    member.events.intervened({ event: 'pause' }, line);
    await this.#control.awaitReaction(this.#links.peersOf(id));
  }

  async resume(id: NodeId, line?: number): Promise<void> {
    const member = this.#members.get(id);
    if (member === undefined || !member.isPaused) return;
    member.events.intervened({ event: 'resume' }, line);
    member.isPaused = false;
    member.program?.signal('SIGCONT');
  }

  async link(a: NodeId, b: NodeId, line?: number): Promise<void> {
    for (const id of [a, b]) {
      if (!this.#members.has(id) && !this.#clients.has(id)) throw notAlive(id);
    }
    this.#see(a, { event: 'link', peer: b }, line);
    this.#links.link(a, b);
    this.#clients.get(a)?.connected(b);
    this.#clients.get(b)?.connected(a);
    // A connection with a gap, from a one-way cut, ends now.
    this.#store.linksChanged();
  }

  async unlink(a: NodeId, b: NodeId, line?: number): Promise<void> {
    if (!this.#links.unlink(a, b)) return;
    this.#see(a, { event: 'cut', peer: b }, line);
    this.#clients.get(a)?.disconnected(b);
    this.#clients.get(b)?.disconnected(a);
    this.#store.linksChanged();
  }

  async mute(from: NodeId, to: NodeId, line?: number): Promise<void> {
    if (!this.#links.mute(from, to)) return;
    this.#see(from, { event: 'mute', peer: to }, line);
    this.#store.linksChanged();
  }

  async setLink(change: LinkChange): Promise<void> {
    this.#links.setLink(change);
  }

  async ask(
    id: NodeId,
    method: string,
    params: Json,
    timeoutMs: number = CALL_TIMEOUT_MS,
    line?: number,
  ): Promise<Json> {
    const fields = params as Params;
    const client = this.#clients.get(id);
    if (client !== undefined) {
      const request = toRequest(method, fields);
      return (request === undefined ? {} : await client.operate(request, line)) as Json;
    }
    if (!this.#members.has(id)) throw notAlive(id);
    return (await this.#control.answer(id, method, fields, timeoutMs)) as Json;
  }

  async tell(id: NodeId, method: string, params: Json, line?: number): Promise<void> {
    await this.ask(id, method, params, CALL_TIMEOUT_MS, line);
  }

  wake(): void {
    this.#sleeps.wake();
  }

  onDeath(listener: (death: Death) => void): void {
    this.#onDeath = listener;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients.values()) client.end();
    for (const member of this.#members.values()) member.isOrdered = true;
    await Promise.all([...this.#programs].map((program) => program.kill()));
    await this.#store.stop();
    killStrays(this.#mark);
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    await this.#guard.stop();
  }

  async #end(member: LiveMember): Promise<void> {
    member.isOrdered = true;
    await member.program?.kill();
  }

  #forget(member: LiveMember, line?: number): void {
    const { id, events } = member;
    if (this.#members.get(id) !== member) return;
    this.#members.delete(id);
    events.ended(line);
    for (const peer of this.#links.end(id)) this.#clients.get(peer)?.disconnected(id);
    this.#store.ended(id);
  }

  /** Its start may be under way when the run ends. */
  async #launch(setup: Parameters<StoreSetup['launch']>[0]): Promise<ForeignProgram> {
    this.#launches += 1;
    const mark = `${this.#mark}:${this.#launches};`;
    const program = await ForeignProgram.start({ ...setup, guard: this.#guard, mark });
    this.#programs.add(program);
    void program.gone.then(() => this.#programs.delete(program));
    if (this.#stopping) await program.kill();
    return program;
  }

  /** The folder of the run, which goes with it. */
  #makeFolder(): Promise<string> {
    this.#folder ??= this.#guard.makeFolder(tmpdir()).catch((error: Error) => {
      throw new EnvironmentError('E_IO', `no folder for the servers: ${error.message}`);
    });
    return this.#folder;
  }

  /** Records an intervention of the world on a live node, or on one of its links. */
  #see(id: NodeId, event: Intervention, line?: number): void {
    const node = this.#clients.get(id) ?? this.#members.get(id);
    node?.events.intervened(event, line);
  }
}

function notAlive(id: NodeId): CallError {
  return new CallError('ERR_UNREACHABLE', `${id} is not alive`);
}

async function noService(): Promise<never> {
  throw new CallError('E_NO_METHOD', 'there is no configuration service');
}
