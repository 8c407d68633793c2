// One server of the cluster over all of its lives: its folder, its addresses, its program.
import { join } from 'node:path';
import type { NodeId } from '../../kernel/ids.ts';
import { childEnvironment } from '../../processes/childEnvironment.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import { startListening } from '../store/memberStart.ts';
import type { StoreSetup } from '../store/store.ts';
import { findPort, LOOPBACK } from '../tcp/ports.ts';
import { Gateway } from './gateway.ts';
import { PeerProxy } from './peerProxy.ts';

const LOOK_MS = 1_000;

/** The members of the cluster when the program starts for the first time. */
export interface Bootstrap {
  readonly state: 'new' | 'existing';
  /** The names and addresses of all members: `s0=http://...,s1=http://...`. */
  readonly members: string;
}

export class EtcdMember {
  readonly id: NodeId;
  readonly proxy: PeerProxy;
  /** etcd's own id of it, in decimal digits; undefined before it is known. */
  member: string | undefined;
  isVoter = false;
  readonly #setup: StoreSetup;
  #gateway: Gateway | undefined;
  #peerPort: number | undefined;
  #url = '';

  private constructor(id: NodeId, proxy: PeerProxy, setup: StoreSetup) {
    this.id = id;
    this.proxy = proxy;
    this.#setup = setup;
  }

  static async create(
    id: NodeId,
    setup: StoreSetup,
    serverOf: (member: string) => NodeId | undefined,
  ): Promise<EtcdMember> {
    const target = (): number | undefined => member.#peerPort;
    const proxy = await PeerProxy.open({ id, links: setup.links, serverOf, target });
    const member: EtcdMember = new EtcdMember(id, proxy, setup);
    return member;
  }

  get name(): string {
    return `s${this.id}`;
  }

  /** `s0=http://...` */
  get peer(): string {
    return `${this.name}=${this.proxy.url}`;
  }

  /** The address for clients of the program that runs. */
  get url(): string {
    return this.#url;
  }

  /** For the questions of the master; undefined while no program runs. */
  get gateway(): Gateway | undefined {
    return this.#gateway;
  }

  /** Resolves when the program listens. Rejects with an EnvironmentError, and then none is left. */
  async start(bootstrap: Bootstrap): Promise<ForeignProgram> {
    return startListening(this.id, this.#setup, async () => {
      const [clientPort, peerPort] = [await findPort(), await findPort()];
      const program = await this.#launch(clientPort, peerPort, bootstrap);
      this.#peerPort = peerPort;
      return {
        program,
        isListening: async () => {
          if (!(await isServing(peerPort))) return false;
          this.#url = `http://${LOOPBACK}:${clientPort}`;
          this.#gateway = new Gateway(this.#url);
          return true;
        },
        giveUp: () => {
          this.#peerPort = undefined;
        },
      };
    });
  }

  /** The program has ended. */
  ended(): void {
    this.#peerPort = undefined;
    this.#gateway?.close();
    this.#gateway = undefined;
    this.proxy.drop();
  }

  close(): void {
    this.#gateway?.close();
    this.proxy.close();
  }

  async #launch(
    clientPort: number,
    peerPort: number,
    { state, members }: Bootstrap,
  ): Promise<ForeignProgram> {
    const { options, launch, mark, makeFolder } = this.#setup;
    const client = `http://${LOOPBACK}:${clientPort}`;
    const flags = {
      name: this.name,
      'data-dir': join(await makeFolder(), `etcd-${this.id}`),
      'listen-client-urls': client,
      'advertise-client-urls': client,
      'listen-peer-urls': `http://${LOOPBACK}:${peerPort}`,
      'initial-advertise-peer-urls': this.proxy.url,
      'initial-cluster': members,
      'initial-cluster-state': state,
      'initial-cluster-token': mark,
      // It would refuse a member for five seconds after the last one.
      'strict-reconfig-check': 'false',
      // So a server that was cut off does not unseat the leader; the default from 3.5 on.
      'pre-vote': 'true',
      logger: 'zap',
      'log-level': 'warn',
    };
    const words = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
    return launch({
      ...{ command: [options.binary ?? '', ...words], name: `server ${this.id}` },
      environment: { ...childEnvironment(process.env), PATH: process.env.PATH },
      advice: "Debian's package etcd-server has it, and binary=PATH names another one",
      onOutput: () => undefined,
    });
  }
}

/** A member without a majority listens for its peers only, so these are what is asked. */
async function isServing(peerPort: number): Promise<boolean> {
  const signal = AbortSignal.timeout(LOOK_MS);
  const asked = fetch(`http://${LOOPBACK}:${peerPort}/version`, { signal });
  const answer = await asked.catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok === true;
}
