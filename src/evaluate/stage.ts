// A cluster that an experiment runs on. Lines of the script language set it up. Operations go to
// its clients directly: a line would wait for all that it caused, and hide what is measured. If a
// node dies of itself, every operation throws from then on: the figures would be those of another
// cluster.
import { type Cluster, type Death, EnvironmentError, type WorldSetup } from '../kernel/cluster.ts';
import type { Answer } from '../kernel/control.ts';
import { claimsOf, completeOptions, type Design } from '../kernel/design.ts';
import { assert, Bug } from '../kernel/errors.ts';
import type { Guarantee } from '../kernel/guarantee.ts';
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { CommandTable } from '../language/commandTable.ts';
import { Interpreter } from '../language/interpreter.ts';
import type { ScriptLine } from '../language/lines.ts';
import { askClient } from '../language/operations.ts';
import { Report } from '../language/report.ts';
import { Run } from '../language/run.ts';
import type { Scene } from './experiment.ts';

/** Where a stage is; the stage closes it. */
export interface StageWorld {
  createCluster(setup: WorldSetup<Design>): Promise<Cluster>;
  /** Receives lines that will run soon, so that the world can prepare what they need. */
  foresee(lines: readonly ScriptLine[]): Promise<void>;
  close(): Promise<void>;
}

export interface StageSetup {
  readonly protocol: Design;
  readonly seed: number;
  createWorld(): StageWorld;
}

/** Opens a stage for a variant of an experiment. The caller finishes it. */
export type OpenStage = (
  scene: Scene,
  options: Readonly<Record<string, string>>,
  clients: number,
) => Promise<Stage>;

/** The ids of clients begin here, above those of servers. */
const FIRST_CLIENT = 1_000;

export class Stage {
  readonly servers: readonly NodeId[];
  readonly clients: readonly NodeId[];
  /** For the experiment's own choices. */
  readonly random: RandomStream;
  readonly #world: StageWorld;
  readonly #run: Run;
  readonly #interpreter: Interpreter;
  readonly #said: string[] = [];
  #lines = 0;
  #death: Death | undefined;

  constructor({ protocol, seed, createWorld }: StageSetup, servers: number, clients: number) {
    this.servers = Array.from({ length: servers }, (_, index) => index);
    this.clients = Array.from({ length: clients }, (_, index) => FIRST_CLIENT + index);
    const sink = {
      answer: () => undefined,
      diagnostic: (text: string) => {
        this.#said.push(text.trimEnd());
      },
    };
    const report = new Report(sink, { isJson: false, isQuiet: true }, 'evaluate');
    const options = completeOptions(protocol, {});
    const world = createWorld();
    this.#world = world;
    this.#run = new Run({
      createCluster: (chosen, complete) =>
        world.createCluster({ protocol: chosen, options: complete, seed }),
      ...{ protocol, protocols: [protocol], options, seed, report },
      onDeath: (death) => {
        this.#death ??= death;
      },
    });
    this.random = createRandomStream(seed, 'evaluate');
    const table = new CommandTable([protocol]);
    this.#interpreter = new Interpreter({ run: this.#run, table, report, isStrict: true });
  }

  /** The guarantees of every run with the options of this one. */
  get claims(): readonly Guarantee[] {
    return claimsOf(this.#run.protocol, this.#run.options);
  }

  /** Starts the protocol with these options, and connects every client to every server. */
  async begin(settings: ReadonlyMap<string, string>): Promise<void> {
    const { name } = this.#run.protocol;
    const options = Array.from(settings, ([option, text]) => `${option}=${text}`);
    const lines = [
      ['protocol', name, ...options].join(' '),
      ...this.servers.map((server) => `joinServer ${server}`),
      ...this.clients.flatMap((client) => {
        return this.servers.map((server) => `joinClient ${client} ${server}`);
      }),
    ];
    await this.#world.foresee(lines.map((text, index) => ({ number: index + 1, text })));
    await this.do(...lines);
  }

  /** Runs lines of the script language, none of which may be a bad one. */
  async do(...lines: readonly string[]): Promise<void> {
    for (const text of lines) {
      this.#lines += 1;
      await this.#interpreter.do({ number: this.#lines, text });
      this.#confirm();
      assert(this.#interpreter.badLineCount === 0, () => this.#said.join('; '));
    }
  }

  /** Returns when the put is acknowledged, or has failed; what it began may go on. */
  async put(client: NodeId, key: string, value: string): Promise<Answer> {
    this.#confirm();
    return askClient(this.#run, client, 'put', { key, value }, this.#lines);
  }

  async get(client: NodeId, key: string): Promise<Answer> {
    this.#confirm();
    return askClient(this.#run, client, 'get', { key }, this.#lines);
  }

  /** An operation of the protocol's own. */
  async command(client: NodeId, name: string, args: readonly string[]): Promise<Answer> {
    this.#confirm();
    return askClient(this.#run, client, 'command', { name, args: [...args] }, this.#lines);
  }

  /** A command for the protocol's service. Rejects with CallError if the service refuses. */
  async tellService(name: string, args: readonly string[]): Promise<readonly string[]> {
    this.#confirm();
    return this.#run.cluster.service.command(name, args);
  }

  /** Resolves when the server is gone, and its peers are told. */
  async kill(server: NodeId): Promise<void> {
    this.#confirm();
    await this.#run.kill(server, this.#lines);
  }

  /** Starts a server that was killed, and links the clients to it. */
  async restart(server: NodeId): Promise<void> {
    await this.do(`joinServer ${server}`);
    await Promise.all(this.clients.map((client) => this.#run.connect(client, server, this.#lines)));
  }

  /** Lets all calls from and to a server fail; the clients use it no more. */
  async fail(server: NodeId): Promise<void> {
    this.#confirm();
    const cuts = this.clients.map((client) => this.#run.disconnect(client, server, this.#lines));
    await Promise.all([this.#run.setFailed(server, true, this.#lines), ...cuts]);
  }

  async recover(server: NodeId): Promise<void> {
    this.#confirm();
    await this.#run.setFailed(server, false, this.#lines);
    this.#confirm();
    const links = this.clients.map((client) => this.#run.connect(client, server, this.#lines));
    await Promise.all(links);
  }

  /** Milliseconds of the world's time. */
  now(): number {
    return this.#run.cluster.now();
  }

  async sleep(ms: number): Promise<void> {
    if (ms > 0) await this.#run.cluster.sleep(ms);
  }

  /** Stops when all is measured; throws if a node has died meanwhile. */
  async finish(): Promise<void> {
    this.#confirm();
    await this.stop();
  }

  /** Ends every node. May be called twice. */
  async stop(): Promise<void> {
    await this.#run.stop();
    await this.#world.close();
  }

  /** Throws if a node has died of itself. */
  #confirm(): void {
    if (this.#death === undefined) return;
    const { id, why, isBug } = this.#death;
    const what = `${id < FIRST_CLIENT ? 'server' : 'client'} ${id} died: ${why}`;
    throw isBug ? new Bug(what) : new EnvironmentError('E_SPAWN', what);
  }
}
