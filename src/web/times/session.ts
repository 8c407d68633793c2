// A configuration that runs in simulation. It lives between requests, so that a get finds what an
// earlier put wrote. Its time passes while requests are under way, and while it is told to wait.
import { Acknowledged, hasWrite } from '../../evaluate/freshness.ts';
import { isAnswered, runBatches } from '../../evaluate/load.ts';
import { Stage } from '../../evaluate/stage.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { NextTurn } from '../../sim/scheduler.ts';
import { createSimCluster } from '../../sim/world.ts';
import { protocolOf } from './fields.ts';
import type { Launch } from './launch.ts';
import { CLIENTS, type Done, type RequestOrder } from './requests.ts';

export class RequestSession {
  readonly #stage: Stage;
  readonly #acknowledged = new Acknowledged();

  private constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Resolves when all servers and clients have joined. The caller stops it. */
  static async open(launch: Launch, nextTurn?: NextTurn): Promise<RequestSession> {
    const { seed, servers, settings, link } = launch;
    const createWorld = () => ({
      createCluster: async (setup: Parameters<typeof createSimCluster>[0]) =>
        createSimCluster({ ...setup, checkInvariants: false, ...(nextTurn && { nextTurn }) }),
      foresee: async () => undefined,
      close: async () => undefined,
    });
    const protocol = protocolOf(launch);
    const stage = new Stage({ protocol, seed, createWorld }, servers, CLIENTS);
    await stage.begin(new Map(settings));
    if (link !== '') await stage.do(`link all ${link}`);
    return new RequestSession(stage);
  }

  /** Each at a random server, as the protocol's client chooses it. In the order of the requests. */
  async run({ operation, key, value, count, atOnce }: RequestOrder): Promise<Done[]> {
    const clients = this.#stage.clients.slice(0, atOnce);
    const batches = await runBatches(clients, count, async (client) => {
      const put = operation === 'get' ? [] : [await this.#put(client, key, value)];
      const get = operation === 'put' ? [] : [await this.#get(client, key)];
      return [...put, ...get];
    });
    return batches.flat();
  }

  /** Lets so much time pass: servers gossip, and repair each other. */
  async wait(ms: number): Promise<void> {
    await this.#stage.sleep(ms);
  }

  /** Milliseconds since the first server was started. */
  now(): number {
    return this.#stage.now();
  }

  async stop(): Promise<void> {
    await this.#stage.stop();
  }

  async #put(client: NodeId, key: string, value: string): Promise<Done> {
    const begun = this.#stage.now();
    const answer = await this.#stage.put(client, key, value);
    if (answer.outcome === 'ok') this.#acknowledged.add(key, answer);
    return { operation: 'put', ms: this.#stage.now() - begun, answer, isStale: false };
  }

  async #get(client: NodeId, key: string): Promise<Done> {
    const latest = this.#acknowledged.latest(key);
    const begun = this.#stage.now();
    const answer = await this.#stage.get(client, key);
    const isStale = isAnswered(answer) && latest.some((write) => !hasWrite(write, answer));
    return { operation: 'get', ms: this.#stage.now() - begun, answer, isStale };
  }
}
