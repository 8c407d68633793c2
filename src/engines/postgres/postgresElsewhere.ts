// Servers of PostgreSQL that run already: Causeway is their client, and does nothing to them. A run
// has a schema of its own there, which is dropped at its end.

import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { endpointsOf } from '../store/endpoints.ts';
import { isAtOwn } from '../store/primaryDesign.ts';
import type { Connection, Request, Shown, Store, StoreSetup } from '../store/store.ts';
import { unlessUnanswered } from '../store/unlessUnanswered.ts';
import { Session } from './session.ts';
import {
  beginTerm,
  createSchema,
  dropSchema,
  positionOf,
  showState,
  showStore,
  toAnswer,
  toShown,
  toStatement,
} from './statements.ts';

const LOOK_EVERY_MS = 10;
const LOOK_MS = 1_000;
/** For the first answer of a server, which may be far away, or not there. */
const FIRST_MS = 5_000;
const ORDER_MS = 20_000;
/** A commit that waits for a standby has a lock on it. */
const DROP_MS = 3_000;

export class PostgresElsewhere implements Store {
  readonly #setup: StoreSetup;
  readonly #schema: string;
  readonly #sessions: readonly Session[];
  /** The one that has the schema; the others get it from there. */
  #primary: NodeId | undefined;

  constructor(setup: StoreSetup) {
    this.#setup = setup;
    this.#schema = `causeway_${setup.mark}`;
    this.#sessions = endpointsOf(setup.options).map((url) => openSession(url));
  }

  async start({ id }: { readonly id: NodeId }): Promise<undefined> {
    const session = this.#session(id);
    if ((await session.isStandby(FIRST_MS)) || this.#primary !== undefined) return;
    await session.query(createSchema(this.#schema), ORDER_MS);
    this.#primary = id;
    await session.query(beginTerm(this.#schema, 1, id), ORDER_MS);
  }

  ended(): void {}

  linksChanged(): void {}

  choose(request: Request, servers: readonly NodeId[]): NodeId | undefined {
    return isAtOwn(request, this.#setup.options)
      ? servers[0]
      : servers.find((id) => id === this.#primary);
  }

  connect(_client: NodeId, server: NodeId): Connection {
    const session = openSession(endpointsOf(this.#setup.options)[server] ?? '');
    return {
      operate: async (request, timeoutMs) =>
        toAnswer(request, server, await session.ask(toStatement(this.#schema, request), timeoutMs)),
      close: () => session.close(),
    };
  }

  /** No other program writes there, so all servers become equal. */
  async settle(_server: NodeId, withinMs: number): Promise<NodeId[]> {
    const until = this.#setup.now() + withinMs;
    const primary = this.#primary;
    if (primary === undefined) return [];
    for (;;) {
      const ids = [primary, ...this.#setup.members.keys()];
      const positions = await Promise.all(ids.map((id) => this.position(id, LOOK_MS)));
      const isEqual = positions.every((one) => one === positions[0]);
      if ((isEqual && positions[0] !== undefined) || this.#setup.now() > until) return [];
      await this.#setup.sleep(LOOK_EVERY_MS);
    }
  }

  async position(server: NodeId, timeoutMs: number): Promise<string | undefined> {
    return unlessUnanswered(async () =>
      positionOf(await this.#session(server).ask(showState(this.#schema), timeoutMs)),
    );
  }

  async show(server: NodeId, timeoutMs: number): Promise<Shown> {
    return toShown(await this.#session(server).ask(showStore(this.#schema), timeoutMs));
  }

  async inspect(server: NodeId, timeoutMs: number): Promise<Inspection> {
    const { entries } = await this.show(server, timeoutMs);
    return {
      role: server === this.#primary ? 'primary' : 'standby',
      store: entries.map(([key, value, version]) => ({ key, value, version })),
    };
  }

  async command(): Promise<never> {
    throw new CallError('E_NO_METHOD', 'the servers are not of this run');
  }

  async stop(): Promise<void> {
    if (this.#primary !== undefined) {
      const dropped = this.#session(this.#primary).query(dropSchema(this.#schema), DROP_MS);
      await dropped.catch((error: Error) => {
        this.#setup.warn(`the schema ${this.#schema} is left at the servers: ${error.message}`);
      });
    }
    for (const session of this.#sessions) session.close();
  }

  #session(server: NodeId): Session {
    const session = this.#sessions[server];
    if (session === undefined) throw new CallError('ERR_UNREACHABLE', `${server} has no address`);
    return session;
  }
}

function openSession(connectionString: string): Session {
  return new Session(() => ({ connectionString }));
}
