// The world of a replicated store of others: its servers are programs, its clients live here. What
// differs from store to store is in store.ts.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { EnvironmentError, type NodeSpec } from '../../kernel/cluster.ts';
import type { EngineCluster, EngineSetup, ServerState } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { ForeignProgram } from '../../processes/foreignProgram.ts';
import { SlowLinks } from '../tcp/slowLinks.ts';
import { EngineWorld, type Params, type ServerLife } from '../world/engineWorld.ts';
import type { LifeEvents } from '../world/lifeEvents.ts';
import { type Member, type Store, type StoreProgram, type StoreSetup, toRequest } from './store.ts';
import { StoreClient } from './storeClient.ts';
import { StoreControl } from './storeControl.ts';

export interface StoreKind {
  /** How long an operation of a client waits for its answer. */
  readonly timeoutMs: number;
  /** Whether the next line waits after a fault until the servers have reacted to it. */
  readonly reacts: boolean;
  /** How long a line waits for servers after a fault; as an operation if absent. */
  readonly patienceMs?: number;
  create(setup: StoreSetup): Store;
}

export function createStoreCluster(setup: EngineSetup, kind: StoreKind): EngineCluster {
  return new StoreWorld(setup, kind);
}

class MemberLife implements Member, ServerLife {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  readonly program: StoreProgram | undefined;
  isPaused = false;
  isOrdered = false;

  constructor(spec: NodeSpec, events: LifeEvents, program: StoreProgram | undefined) {
    this.spec = spec;
    this.events = events;
    this.program = program;
  }

  get id(): NodeId {
    return this.spec.id;
  }

  get gone(): Promise<string> | undefined {
    return this.program?.gone;
  }

  get lastWords(): readonly string[] {
    return this.program?.lastLines ?? [];
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.program?.signal(signal);
  }

  async kill(): Promise<void> {
    this.isOrdered = true;
    await this.program?.kill();
  }
}

class StoreWorld extends EngineWorld<MemberLife, StoreClient> {
  protected readonly links: SlowLinks;
  readonly #kind: StoreKind;
  /** Those too whose start is under way. */
  readonly #programs = new Set<ForeignProgram>();
  readonly #store: Store;
  readonly #control: StoreControl;
  #launches = 0;
  #folder: Promise<string> | undefined;

  constructor(setup: EngineSetup, kind: StoreKind) {
    super(setup);
    const { seed, usual, options } = setup;
    this.#kind = kind;
    this.links = new SlowLinks({ seed, now: this.now, ...(usual && { usual }) });
    const { links, servers: members, now, sleep } = this;
    const shared = { links, members, now, sleep };
    this.#store = kind.create({
      ...{ ...shared, options, mark: this.mark },
      launch: (program) => this.#launch(program),
      warn: (text) => setup.warn?.(text),
      makeFolder: () => this.#makeFolder(),
    });
    this.#control = new StoreControl({
      ...{ ...shared, store: this.#store, clients: this.clients, reacts: kind.reacts },
      patienceMs: kind.patienceMs ?? OPERATION_DEADLINE_MS,
      note: (text) => setup.note?.(text),
    });
  }

  protected async startServer(spec: NodeSpec, events: LifeEvents): Promise<MemberLife | undefined> {
    try {
      return new MemberLife(spec, events, await this.#store.start(spec));
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      this.refused(spec, whyRefused(error));
      return undefined;
    }
  }

  protected createClient(spec: NodeSpec, events: LifeEvents): StoreClient {
    return new StoreClient({
      ...{ spec, events, seed: this.setup.seed, links: this.links },
      timeoutMs: this.#kind.timeoutMs,
      choose: (request, servers) => this.#store.choose?.(request, servers),
      isRandom: this.#store.choose === undefined,
      connect: (server) => this.#store.connect(spec.id, server),
      eventsOf: (server) => this.servers.get(server)?.events,
    });
  }

  protected async askClient(
    client: StoreClient,
    method: string,
    params: Params,
    line: number | undefined,
  ): Promise<object> {
    const request = toRequest(method, params);
    return request === undefined ? {} : client.operate(request, line);
  }

  protected askServer(
    { id }: MemberLife,
    method: string,
    params: Params,
    timeoutMs: number,
  ): Promise<object> {
    return this.#control.answer(id, method, params, timeoutMs);
  }

  lookAtServers(): Promise<ServerState[]> {
    return this.#control.lookAtServers();
  }

  protected override async paused(id: NodeId): Promise<void> {
    await this.#control.awaitReaction(this.links.peersOf(id));
  }

  protected override linksChanged(): void {
    this.#store.linksChanged();
  }

  protected override forgotten({ id }: MemberLife): void {
    this.#store.ended(id);
  }

  protected async release(): Promise<void> {
    for (const member of this.servers.values()) member.isOrdered = true;
    await Promise.all([...this.#programs].map((program) => program.kill()));
    await this.#store.stop();
    const folder = await this.#folder?.catch(() => undefined);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Its start may be under way when the run ends. */
  async #launch(setup: Parameters<StoreSetup['launch']>[0]): Promise<ForeignProgram> {
    this.#launches += 1;
    const mark = `${this.mark}:${this.#launches};`;
    const program = await ForeignProgram.start({ ...setup, guard: this.guard, mark });
    this.#programs.add(program);
    void program.gone.then(() => this.#programs.delete(program));
    if (this.isStopping) await program.kill();
    return program;
  }

  /** The folder of the run, which goes with it. */
  #makeFolder(): Promise<string> {
    this.#folder ??= this.guard.makeFolder(tmpdir()).catch((error: Error) => {
      throw new EnvironmentError('E_IO', `no folder for the servers: ${error.message}`);
    });
    return this.#folder;
  }
}

/** Codes that only say that there was no answer add nothing to their own text. */
function whyRefused({ code, detail, message }: CallError): string {
  const saysLittle = code === 'ERR_UNREACHABLE' || code === 'ERR_NOT_CONNECTED';
  return saysLittle ? (detail ?? message) : message;
}
