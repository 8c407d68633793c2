// The master's control methods for servers that know nothing of them: each is done from outside.
import type { Options } from '../../kernel/design.ts';
import type { ServerState } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import { shortened } from '../../kernel/snapshot.ts';
import { awaitEqualStores } from '../world/stabilize.ts';
import type { ClientNode } from './client.ts';
import { CODE } from './errors.ts';
import type { Network } from './network.ts';
import type { ServerNode } from './node.ts';
import { timeOf } from './options.ts';
import type { Router } from './router.ts';
import { readStore } from './wire.ts';

/** How long a server may take to show its store. */
const DUMP_TIMEOUT_MS = 2_000;
/** How long a look waits for a server: it is for show. */
const LOOK_TIMEOUT_MS = 1_000;
/** How often `quiet` the wait after a write may take. */
const MOST_QUIETS = 10;

export interface ControlSetup {
  readonly options: Options;
  readonly network: Network;
  readonly router: Router;
  readonly servers: ReadonlyMap<NodeId, ServerNode>;
  readonly clients: ReadonlyMap<NodeId, ClientNode>;
  now(): number;
  sleep(ms: number): Promise<void>;
  note(text: string): void;
}

type Entries = [key: string, value: string][];
type Params = { readonly [name: string]: Json };

export class Control {
  readonly #setup: ControlSetup;

  constructor(setup: ControlSetup) {
    this.#setup = setup;
  }

  /** What a control method of a server does (kernel/control.ts), by looking at it from outside. */
  async answer(
    server: ServerNode,
    method: string,
    params: Params,
    timeoutMs: number,
  ): Promise<object> {
    switch (method) {
      case 'settle':
        await this.#settle();
        return {};
      case 'stabilize':
        return this.#stabilize(server, params);
      case 'printStore':
        return { entries: await this.#dump(server, timeoutMs) };
      case 'snapshot': {
        const entries = params.withStore === true ? await this.#dumpIfAble(server, timeoutMs) : [];
        return { store: entries.map(([k, v]) => [k, shortened(v), null]), applied: null };
      }
      case 'inspect':
        return { state: await this.#inspect(server, timeoutMs) };
      case 'fail':
      case 'recover':
        this.#setFailed(server.spec.id, method === 'fail');
        return {};
      case 'command':
        throw new CallError('E_NO_METHOD', method);
      default:
        // The nodes learn of links by the messages that arrive, or not.
        return {};
    }
  }

  #setFailed(id: NodeId, isFailed: boolean): void {
    this.#setup.network.setFailed(id, isFailed);
    if (isFailed) for (const client of this.#setup.clients.values()) client.gaveUp(id);
  }

  async #settle(): Promise<void> {
    const quietMs = timeOf(this.#setup.options, 'quiet');
    const until = this.#setup.now() + MOST_QUIETS * quietMs;
    while (this.#setup.network.quietMs < quietMs && this.#setup.now() < until) {
      await this.#setup.sleep(Math.max(1, quietMs - this.#setup.network.quietMs));
    }
  }

  #stabilize({ spec: { id } }: ServerNode, params: Params): Promise<object> {
    const { avoid = [], budgetMs } = params as { avoid?: NodeId[]; budgetMs: number };
    return awaitEqualStores({
      servers: this.#setup.router.reachedFrom(id, avoid),
      budgetMs,
      now: this.#setup.now,
      sleep: this.#setup.sleep,
      quietMs: () => this.#setup.network.quietMs,
      note: (text) => this.#setup.note(text),
      look: async (server, timeoutMs) => {
        const node = this.#setup.servers.get(server);
        if (node === undefined || node.isPaused) return undefined;
        return this.#dumpIfAble(node, timeoutMs).catch((error: unknown) => {
          if (!(error instanceof CallError)) throw error;
          return error.code === 'E_NO_METHOD' ? 'unable' : undefined;
        });
      },
    });
  }

  /** As `#dump`, but a server that has left a question without an answer is not asked again. */
  async #dumpIfAble(server: ServerNode, timeoutMs: number): Promise<Entries> {
    if (server.dumps === false) throw new CallError('E_NO_METHOD', 'dump');
    return this.#dump(server, timeoutMs);
  }

  /** The store that a server shows. Rejects with E_NO_METHOD if it does not show any. */
  async #dump(server: ServerNode, timeoutMs: number): Promise<Entries> {
    const isNew = server.dumps === undefined && !server.isPaused;
    const body = await server
      .ask({ type: 'dump' }, Math.min(timeoutMs, DUMP_TIMEOUT_MS))
      .catch((error: unknown) => {
        if (!isNew || !server.isRunning) throw error;
        // Many servers ignore a message that they do not know.
        server.dumps = false;
        throw new CallError('E_NO_METHOD', 'there is no answer to dump');
      });
    if (body.type === 'error' && body.code === CODE.notSupported) server.dumps = false;
    const entries = body.type === 'dump_ok' ? readStore(body.store) : undefined;
    if (typeof entries === 'string') throw new CallError('E_NO_METHOD', entries);
    if (entries === undefined) {
      const said = JSON.stringify(body).slice(0, 200);
      throw new CallError('E_NO_METHOD', `dump is answered with ${said}`);
    }
    server.dumps = true;
    return entries;
  }

  /** Its own store is shown if it shows one. */
  async #inspect(server: ServerNode, timeoutMs: number): Promise<Inspection> {
    const { name, counts, complaints, spec } = server;
    const entries = await this.#dumpIfAble(server, timeoutMs).catch((error: unknown) => {
      if (!(error instanceof CallError) || error.code !== 'E_NO_METHOD') throw error;
      return undefined;
    });
    return {
      name,
      peers: this.#setup.network.peersOf(spec.id).filter((peer) => this.#setup.servers.has(peer)),
      ...counts,
      wrong: complaints.counts,
      ...(entries && { store: entries.map(([key, value]) => ({ key, value, version: null })) }),
    };
  }

  async lookAtServers(): Promise<ServerState[]> {
    const servers = [...this.#setup.servers.values()].sort((a, b) => a.spec.id - b.spec.id);
    return Promise.all(
      servers.map(async (server) => {
        const { id } = server.spec;
        if (server.isPaused || server.isSilent) return { id, state: null };
        const state = await this.#inspect(server, LOOK_TIMEOUT_MS).catch(() => {
          server.isSilent = true;
          return null;
        });
        return { id, state };
      }),
    );
  }
}
