// One server of Redis over all of its lives: its folder, its program, the ways to other servers.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '../../kernel/ids.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { startListening } from '../store/memberStart.ts';
import type { StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { findPort, LOOPBACK } from '../tcp/ports.ts';
import { ProxyWays } from '../tcp/proxyWays.ts';
import type { Reply } from './resp.ts';
import { type Address, RespConnection } from './respConnection.ts';

/** Of the log, which Redis writes to stdout. */
const SHOWN_LINES = 5;
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
  readonly #ways: ProxyWays;
  /** For the questions of the master. */
  readonly #connection = new RespConnection(() => this.address);
  #port: number | undefined;

  constructor(id: NodeId, setup: StoreSetup) {
    this.id = id;
    this.#setup = setup;
    this.#ways = new ProxyWays({ from: id, links: setup.links });
  }

  /** Of the program that runs. */
  get address(): Address | undefined {
    return this.#port === undefined ? undefined : { host: LOOPBACK, port: this.#port };
  }

  /** Resolves when the program answers. Rejects with an EnvironmentError, and then none is left. */
  async start(isPrimary: boolean): Promise<ForeignProgram> {
    return startListening(this.id, this.#setup, async () => {
      const port = await findPort();
      const said: string[] = [];
      const program = await this.#launch(port, isPrimary, said);
      this.#port = port;
      this.follows = undefined;
      this.wasReady = false;
      return {
        ...{ program, said, giveUp: () => this.ended() },
        isListening: () => this.#isAnswering(),
      };
    });
  }

  ask(words: readonly (string | number)[], timeoutMs: number): Promise<Reply> {
    return this.#connection.send(words, timeoutMs);
  }

  /** Makes it a replica of that server. */
  async follow(primary: RedisMember, timeoutMs: number): Promise<void> {
    const port = await this.#ways.portTo(primary.id, () => primary.address?.port);
    await this.ask(['REPLICAOF', LOOPBACK, port], timeoutMs);
    this.follows = primary.id;
  }

  linksChanged(): void {
    this.#ways.linksChanged();
  }

  /** The program has ended. */
  ended(): void {
    this.#port = undefined;
    this.#connection.close();
  }

  close(): void {
    this.ended();
    this.#ways.close();
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
        said.splice(0, said.length - SHOWN_LINES);
      },
    });
  }

  async #isAnswering(): Promise<boolean> {
    return (await unlessUnanswered(() => this.ask(['PING'], LOOK_MS))) === 'PONG';
  }
}
