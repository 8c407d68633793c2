// One server of NATS over all of its lives: its folder, its program, the ways to other servers.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { startListening } from '../store/memberStart.ts';
import type { StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { HttpJson } from '../tcp/httpJson.ts';
import { findPort, LOOPBACK } from '../tcp/ports.ts';
import { ProxyWays } from '../tcp/proxyWays.ts';
import { isServing, nameOf, STATUS_PATH, type Status, servingPath, toStatus } from './status.ts';

const LOOK_MS = 1_000;
/**
 * What a server tells others as its own address. They would dial it, past the proxies, so nothing
 * listens there; each pair has a route of its own by configuration.
 */
const NOWHERE = `${LOOPBACK}:1`;

/** Orders to the cluster itself need a user of the system's account; others need no user. */
export const SYSTEM_USER = { user: 'system', pass: 'system' };

interface Ports {
  readonly client: number;
  readonly monitor: number;
  readonly route: number;
}

export class NatsMember {
  readonly id: NodeId;
  /** Whether the cluster knows it. */
  isVoter = false;
  /** Whether it was once ready in this life. */
  wasReady = false;
  readonly #setup: StoreSetup;
  readonly #stream: string;
  readonly #ways: ProxyWays;
  #ports: Ports | undefined;
  #monitor: HttpJson | undefined;
  #isServing = false;

  constructor(id: NodeId, stream: string, setup: StoreSetup) {
    this.id = id;
    this.#stream = stream;
    this.#setup = setup;
    this.#ways = new ProxyWays({ from: id, links: setup.links });
  }

  /** For clients of the program that runs. */
  get address(): string | undefined {
    return this.#ports && `${LOOPBACK}:${this.#ports.client}`;
  }

  /** Whether its own replica answers direct reads, as far as was seen in this life. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /**
   * Starts the program with a route to each of the others. Resolves when it listens. Rejects with
   * an EnvironmentError, and then none is left.
   */
  async start(others: readonly NatsMember[]): Promise<ForeignProgram> {
    const routes = await Promise.all(others.map((other) => this.#wayTo(other)));
    return startListening(this.id, this.#setup, async () => {
      const ports = {
        ...{ client: await findPort(), monitor: await findPort(), route: await findPort() },
      };
      const program = await this.#launch(ports, routes);
      const monitor = new HttpJson(`http://${LOOPBACK}:${ports.monitor}`);
      return {
        ...{ program, giveUp: () => monitor.close() },
        isListening: async () => {
          if (!(await isAnswering(monitor))) return false;
          this.#ports = ports;
          this.#monitor = monitor;
          return true;
        },
      };
    });
  }

  /** Undefined if it does not answer. */
  async look(timeoutMs: number): Promise<Status | undefined> {
    const body = await this.#get(STATUS_PATH, timeoutMs);
    return body === undefined ? undefined : toStatus(this.id, this.#stream, body);
  }

  /** Looks whether its own replica answers direct reads. It goes on once it has begun. */
  async lookWhetherServing(timeoutMs: number): Promise<boolean> {
    if (this.#isServing) return true;
    const monitor = this.#monitor;
    const body = await this.#get(servingPath(this.#stream), timeoutMs);
    if (this.#monitor === monitor) this.#isServing = isServing(this.#stream, body);
    return this.#isServing;
  }

  linksChanged(): void {
    this.#ways.linksChanged();
  }

  /** The program has ended. */
  ended(): void {
    this.#ports = undefined;
    this.#monitor?.close();
    this.#monitor = undefined;
    this.#isServing = false;
    this.wasReady = false;
  }

  close(): void {
    this.ended();
    this.#ways.close();
  }

  #wayTo(other: NatsMember): Promise<number> {
    return this.#ways.portTo(other.id, () => other.#ports?.route);
  }

  async #get(path: string, timeoutMs: number): Promise<Json | undefined> {
    return unlessUnanswered(async () => (await this.#monitor?.get(path, timeoutMs))?.body);
  }

  async #launch(ports: Ports, routes: readonly number[]): Promise<ForeignProgram> {
    const { options, launch, makeFolder, mark } = this.#setup;
    const folder = join(await makeFolder(), `nats-${this.id}`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const configuration = configure(ports, routes, {
      ...{ server_name: nameOf(this.id), jetstream: { store_dir: folder } },
      cluster_name: `causeway-${mark}`,
    });
    const path = join(folder, 'server.conf');
    writeFileSync(path, configuration);
    return launch({
      ...{ command: [options.binary ?? '', '--config', path], name: `server ${this.id}` },
      environment: { ...childEnvironment(process.env), PATH: process.env.PATH },
      advice: "Debian's package nats-server has it, and binary=PATH names another one",
      onOutput: () => undefined,
    });
  }
}

async function isAnswering(monitor: HttpJson): Promise<boolean> {
  return (await unlessUnanswered(() => monitor.get('/varz', LOOK_MS)))?.status === 200;
}

interface Naming {
  readonly server_name: string;
  readonly cluster_name: string;
  readonly jetstream: { readonly store_dir: string };
}

/**
 * A configuration of NATS, which may be JSON. `dialed` are the ports of the routes to others.
 *
 * By default any replica that a server reaches may answer a direct read. Here interest in direct
 * reads does not pass the routes, so that a server answers them from its own replica, and a script
 * has one outcome.
 */
function configure(
  ports: Ports,
  dialed: readonly number[],
  { cluster_name, ...naming }: Naming,
): string {
  const own = { deny: ['$JS.API.DIRECT.GET.>'] };
  // A server without a route is none of a cluster; NATS ignores that to itself.
  const routes = dialed.length > 0 ? dialed : [ports.route];
  return JSON.stringify({
    ...naming,
    accounts: { $SYS: { users: [{ user: SYSTEM_USER.user, password: SYSTEM_USER.pass }] } },
    ...{ host: LOOPBACK, port: ports.client, http: `${LOOPBACK}:${ports.monitor}` },
    cluster: {
      ...{ name: cluster_name, host: LOOPBACK, port: ports.route },
      ...{ advertise: NOWHERE, no_advertise: true },
      permissions: { import: own, export: own },
      routes: routes.map((port) => `nats://${LOOPBACK}:${port}`),
    },
  });
}
