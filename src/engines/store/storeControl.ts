// The master's control methods for the servers of a store of others: each is done from outside.
import type { ServerState } from '../../kernel/engine.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { shortened } from '../../kernel/snapshot.ts';
import { awaitEqualStores } from '../world/stabilize.ts';
import type { Store, StoreSetup } from './store.ts';
import type { StoreClient } from './storeClient.ts';
import { unlessUnanswered } from './unlessUnanswered.ts';

/** How long a look waits for a server: it is for show. */
const LOOK_TIMEOUT_MS = 1_000;
/** The share of its time that a wait for servers takes, so that its answer comes in time. */
const WAIT_SHARE = 0.9;

export interface StoreControlSetup extends Pick<StoreSetup, 'links' | 'members' | 'now' | 'sleep'> {
  readonly store: Store;
  readonly clients: ReadonlyMap<NodeId, StoreClient>;
  /** Whether the next line waits after a fault until the servers have reacted to it. */
  readonly reacts: boolean;
  /** How long a line waits for servers after a fault. */
  readonly patienceMs: number;
  note(text: string): void;
}

type Params = { readonly [name: string]: Json };

export class StoreControl {
  readonly #setup: StoreControlSetup;

  constructor(setup: StoreControlSetup) {
    this.#setup = setup;
  }

  /** What a control method of a server does (kernel/control.ts). */
  async answer(id: NodeId, method: string, params: Params, timeoutMs: number): Promise<object> {
    const { store } = this.#setup;
    switch (method) {
      case 'settle':
        return this.#settle(id, timeoutMs);
      case 'stabilize':
        return this.#stabilize(id, params);
      case 'printStore': {
        const { entries } = await store.show(id, timeoutMs);
        return { entries: entries.map(([key, value]) => [key, value]) };
      }
      case 'snapshot': {
        const { entries, applied } = await store.show(id, timeoutMs);
        const shown = params.withStore === true ? entries : [];
        return { store: shown.map(([k, v, version]) => [k, shortened(v), version]), applied };
      }
      case 'inspect':
        return { state: await store.inspect(id, timeoutMs) };
      case 'command': {
        const { name, args } = params as { name: string; args: string[] };
        // It would do it after it is resumed, when the script has gone on.
        if (this.#setup.members.get(id)?.isPaused) {
          throw new CallError('ERR_UNREACHABLE', `server ${id} is paused`);
        }
        return { lines: await store.command(id, name, args) };
      }
      case 'fail':
      case 'recover':
        await this.#setFailed(id, method === 'fail');
        return {};
      case 'connect':
      case 'disconnect':
        if (method === 'connect' && params.role === 'server') {
          await unlessUnanswered(async () => store.linked?.(id));
        }
        // A link that is whole again, or gone, perhaps with the server at its other end.
        if (params.role === 'server') await this.awaitReaction([id]);
        return {};
      default:
        return {};
    }
  }

  /** After a change that concerns these servers: waits until they have reacted to it. */
  async awaitReaction(ids: readonly NodeId[]): Promise<void> {
    if (!this.#setup.reacts) return;
    const { store, members } = this.#setup;
    const running = ids.filter((id) => members.get(id)?.isPaused === false);
    const withinMs = this.#setup.patienceMs * WAIT_SHARE;
    await Promise.all(running.map((id) => unlessUnanswered(() => store.settle(id, withinMs))));
  }

  async #settle(id: NodeId, timeoutMs: number): Promise<object> {
    const withinMs = Math.max(timeoutMs, this.#setup.patienceMs) * WAIT_SHARE;
    return { awaited: await this.#setup.store.settle(id, withinMs) };
  }

  async #setFailed(id: NodeId, isFailed: boolean): Promise<void> {
    const { links, clients, store } = this.#setup;
    const peers = isFailed ? links.peersOf(id) : [];
    links.setFailed(id, isFailed);
    if (isFailed) {
      for (const client of clients.values()) client.gaveUp(id);
      store.linksChanged();
    }
    await this.awaitReaction([...peers, id]);
  }

  /** A server that is not ready, as one without a majority, still has a store to compare. */
  async #stabilize(id: NodeId, params: Params): Promise<object> {
    const { avoid = [], budgetMs } = params as { avoid?: NodeId[]; budgetMs: number };
    const { links, members, store, now, sleep, note } = this.#setup;
    const until = now() + budgetMs;
    await unlessUnanswered(() => store.settle(id, budgetMs * WAIT_SHARE));
    return awaitEqualStores({
      servers: links.reachedFrom(id, (peer) => members.has(peer) && !avoid.includes(peer)),
      ...{ budgetMs: Math.max(1, until - now()), now, sleep, note },
      look: async (server, timeoutMs) =>
        members.get(server)?.isPaused === false ? store.position(server, timeoutMs) : undefined,
    });
  }

  async lookAtServers(): Promise<ServerState[]> {
    const { members, store } = this.#setup;
    const live = [...members.values()].sort((a, b) => a.id - b.id);
    return Promise.all(
      live.map(async ({ id, isPaused }) => {
        if (isPaused) return { id, state: null };
        const state = await unlessUnanswered(() => store.inspect(id, LOOK_TIMEOUT_MS));
        return { id, state: state ?? null };
      }),
    );
  }
}
