// Servers of Redis that run already: Causeway is their client, and does nothing to them. Who the
// primary is they say themselves. What a run writes has names of its own there, and is removed at
// its end.

import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../store/endpoints.ts';
import { isAtOwn } from '../store/primaryDesign.ts';
import type { Connection, Request, Shown, Store, StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { namesOf, positionWords, showWords, toPosition, toShown } from './commands.ts';
import { operate } from './exchange.ts';
import { assertUsable, isPrimary, toInfo, toInspection } from './info.ts';
import { toAddress } from './options.ts';
import type { Reply } from './resp.ts';
import { RespConnection } from './respConnection.ts';
import { Terms } from './terms.ts';

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;

export class RedisElsewhere implements Store {
  readonly #setup: StoreSetup;
  readonly #prefix: string;
  readonly #connections: readonly RespConnection[];
  readonly #terms = new Terms();
  #looking: Promise<void> | undefined;

  constructor(setup: StoreSetup) {
    this.#setup = setup;
    this.#prefix = `causeway:${setup.mark}:`;
    this.#connections = endpointsOf(setup.options).map(connectTo);
  }

  async start({ id }: { readonly id: NodeId }): Promise<undefined> {
    const info = await this.#info(id);
    assertUsable(info);
    this.#note(id, info);
  }

  ended(): void {}

  linksChanged(): void {}

  choose(request: Request, servers: readonly NodeId[]): NodeId | undefined {
    return isAtOwn(request, this.#setup.options) ? servers[0] : this.#terms.latestOf(servers);
  }

  /** After an error another server may be the primary. */
  connect(_client: NodeId, server: NodeId): Connection {
    const { options } = this.#setup;
    const connection = connectTo(endpointsOf(options)[server] ?? '');
    const replicas = Number(options.wait);
    const shared = { connection, server, replicas, prefix: this.#prefix, terms: this.#terms };
    return {
      operate: async (request, timeoutMs) => {
        try {
          return await operate(shared, request, timeoutMs);
        } catch (error) {
          if (error instanceof CallError) await this.#lookAtRoles();
          throw error;
        }
      },
      close: () => connection.close(),
    };
  }

  /** Waits until the others have the same writes of the run. */
  async settle(server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    while (this.#setup.now() < until) {
      const ids = [...this.#setup.members.keys()];
      const all = await Promise.all(ids.map((id) => this.position(id, LOOK_MS)));
      const own = all[ids.indexOf(server)];
      if (all.every((one) => one === undefined || one === own)) return [];
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
    return [];
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    return unlessUnanswered(
      async () =>
        toPosition(await this.#ask(server, positionWords(this.#prefix), timeoutMs)).writes,
    );
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return toShown(await this.#ask(server, showWords(this.#prefix), timeoutMs));
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    return toInspection(await this.#info(server), await this.show(server, timeoutMs), {});
  }

  async command(): Promise<never> {
    throw new CallError('E_NO_METHOD', 'the servers are not of this run');
  }

  async stop(): Promise<void> {
    await this.#lookAtRoles();
    const primary = this.#terms.latestOf([...this.#setup.members.keys()]);
    const removal = ['DEL', ...namesOf(this.#prefix)];
    if (primary !== undefined) await this.#ask(primary, removal, LOOK_MS).catch(() => undefined);
    for (const connection of this.#connections) connection.close();
  }

  /** Asks all servers for their roles, once at a time. */
  #lookAtRoles(): Promise<void> {
    const look = async (id: NodeId): Promise<void> => {
      try {
        this.#note(id, await this.#info(id));
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        this.#terms.end(id);
      }
    };
    this.#looking ??= Promise.all([...this.#setup.members.keys()].map(look)).then(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /**
   * One that has become the primary comes after those that were. An old one that comes back calls
   * itself a primary too until somebody tells it, but has no replicas.
   */
  #note(id: NodeId, info: ReadonlyMap<string, string>): void {
    const ids = [...this.#setup.members.keys()];
    const hasOther = ids.some((other) => other !== id && this.#terms.isPrimary(other));
    if (!isPrimary(info)) this.#terms.end(id);
    else if (!this.#terms.isPrimary(id) && !(hasOther && info.get('connected_slaves') === '0')) {
      this.#terms.begin(id);
    }
  }

  async #info(server: NodeId): Promise<ReadonlyMap<string, string>> {
    return toInfo(await this.#ask(server, ['INFO'], LOOK_MS));
  }

  async #ask(
    server: NodeId,
    words: readonly (string | number)[],
    timeoutMs: number,
  ): Promise<Reply> {
    const connection = this.#connections[server];
    if (connection === undefined)
      throw new CallError('ERR_UNREACHABLE', `${server} has no address`);
    return connection.send(words, timeoutMs);
  }
}

function connectTo(endpoint: string): RespConnection {
  const address = toAddress(endpoint);
  return new RespConnection(() => address);
}
