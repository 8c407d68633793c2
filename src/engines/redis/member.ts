// One server of Redis over all of its lives: its folder, its program, the ways to other servers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { findPort, LOOPBACK } from '../ports.ts';
import type { StoreSetup } from '../store.ts';
import { TcpProxy } from '../tcpProxy.ts';
import type { Reply } from './resp.ts';
import { type Address, RespConnection } from './respConnection.ts';

/** How often another port is tried, when another program has taken it. */
const MOST_STARTS = 3;
/** How long a program may take to listen, on a machine under load. */
const LISTEN_MS = 30_000;
const LOOK_EVERY_MS = 20;
const LOOK_MS = 1_000;
/** A primary that no server has: the program starts as a replica, and follows none. */
const NOBODY = [LOOPBACK, '1'] as const;

export class RedisMember {
  readonly id: NodeId;
  /** The server that it was told to follow in this life; undefined before, and of a primary. */
  follows: NodeId | undefined;
  /** Whether it was once as far as its primary in this life. */
  wasReady = false;
  readonly #setup: StoreSetup;
  readonly #proxies = new Set<TcpProxy>();
  /** By server: the way there, which several orders may need at the same time. */
  readonly #ways = new Map<NodeId, Promise<TcpProxy>>();
  /** For the questions of the master. */
  readonly #connection = new RespConnection(() => this.address);
  #port: number | undefined;

  constructor(id: NodeId, setup: StoreSetup) {
    this.id = id;
    this.#setup = setup;
  }

  /** Of the program that runs. */
  get address(): Address | undefined {
    return this.#port === undefined ? undefined : { host: LOOPBACK, port: this.#port };
  }

  /** Resolves when the program answers. Rejects with an EnvironmentError, and then none is left. */
  async start(isPrimary: boolean): Promise<ForeignProgram> {
    for (let starts = 1; ; starts += 1) {
      const port = await findPort();
      const said: string[] = [];
      const program = await this.#launch(port, isPrimary, said);
      this.#port = port;
      this.follows = undefined;
      this.wasReady = false;
      if (await this.#isAnswering(program)) return program;
      this.ended();
      await program.kill();
      const lines = [...program.lastLines, ...said.slice(-5)];
      if (lines.join().includes('Address already in use') && starts < MOST_STARTS) continue;
      const why = lines.join('; ') || 'it wrote nothing';
      throw new EnvironmentError(
        'E_SPAWN',
        `server ${this.id} ended or did not answer (${await program.gone}); ${why}`,
      );
    }
  }

  ask(words: readonly (string | number)[], timeoutMs: number): Promise<Reply> {
    return this.#connection.send(words, timeoutMs);
  }

  /** Makes it a replica of that server. */
  async follow(primary: RedisMember, timeoutMs: number): Promise<void> {
    const way = this.#ways.get(primary.id) ?? this.#openWay(primary);
    this.#ways.set(primary.id, way);
    const proxy = await way;
    await this.ask(['REPLICAOF', LOOPBACK, proxy.port], timeoutMs);
    this.follows = primary.id;
  }

  async #openWay(primary: RedisMember): Promise<TcpProxy> {
    const target = (): number | undefined => primary.address?.port;
    const ends = { from: this.id, to: primary.id };
    try {
      const proxy = await TcpProxy.open({ ...ends, links: this.#setup.links, target });
      this.#proxies.add(proxy);
      return proxy;
    } catch (error) {
      this.#ways.delete(primary.id);
      throw error;
    }
  }

  linksChanged(): void {
    for (const proxy of this.#proxies) proxy.linksChanged();
  }

  /** The program has ended. */
  ended(): void {
    this.#port = undefined;
    this.#connection.close();
  }

  close(): void {
    this.ended();
    for (const proxy of this.#proxies) proxy.close();
  }

  async #launch(port: number, isPrimary: boolean, said: string[]): Promise<ForeignProgram> {
    const { options, launch, makeFolder } = this.#setup;
    const folder = join(await makeFolder(), `redis-${this.id}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const flags = {
      bind: LOOPBACK,
      port: String(port),
      dir: folder,
      appendonly: options.appendonly ?? 'no',
      'min-replicas-to-write': options['min-replicas'] ?? '0',
      // A primary would wait five seconds for more replicas before it sends its store.
      'repl-diskless-sync-delay': '0',
    };
    const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
    const role = isPrimary ? [] : ['--replicaof', ...NOBODY];
    return launch({
      ...{ command: [options.binary ?? '', ...words, ...role] },
      name: `server ${this.id}`,
      environment: { ...childEnvironment(process.env), PATH: process.env.PATH },
      advice: "Debian's package redis-server has it, and binary=PATH names another one",
      onOutput: (chunk) => {
        said.push(
          ...chunk
            .toString()
            .split('\n')
            .filter((line) => line.trim() !== ''),
        );
        said.splice(0, said.length - 8);
      },
    });
  }

  async #isAnswering(program: ForeignProgram): Promise<boolean> {
    const { now, sleep } = this.#setup;
    const until = now() + LISTEN_MS;
    while (!program.isGone && now() < until) {
      try {
        if ((await this.ask(['PING'], LOOK_MS)) === 'PONG') return true;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
      }
      await sleep(LOOK_EVERY_MS);
    }
    return false;
  }
}
