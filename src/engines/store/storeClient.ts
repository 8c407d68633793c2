// One life of a client, which lives in the master: it asks one of its servers, once, over a
// connection of its own.
import type { NodeSpec } from '../../kernel/cluster.ts';
import type { Answer } from '../../kernel/control.ts';
import { CallError, meaningOf } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../../kernel/random.ts';
import { unanswered } from '../../replication/attempts.ts';
import { ServerChoice } from '../../replication/serverChoice.ts';
import { startTimer } from '../../rpc/monotonic.ts';
import type { SlowLinks } from '../tcp/slowLinks.ts';
import type { LifeEvents, MessageEvent } from '../world/lifeEvents.ts';
import type { Connection, Request } from './store.ts';

export interface StoreClientSetup {
  readonly spec: NodeSpec;
  readonly seed: number;
  readonly events: LifeEvents;
  readonly links: Pick<SlowLinks, 'obstacle' | 'delayMs'>;
  /** How long an operation waits for its answer. */
  readonly timeoutMs: number;
  connect(server: NodeId): Connection;
  /** Whether the server of a request is chosen at random; otherwise `choose` does it (store.ts). */
  readonly isRandom: boolean;
  choose(request: Request, servers: readonly NodeId[]): NodeId | undefined;
  /** The trace of a server's life; undefined for one that does not run. */
  eventsOf(server: NodeId): LifeEvents | undefined;
}

/** An operation that reached no server. */
const NOT_SENT: Answer = unanswered({ outcome: 'fail' });
/** An operation without an answer in time. */
const NO_REPLY: Answer = unanswered({ outcome: 'unknown' });

interface OpenConnection {
  readonly connection: Connection;
  /** Resolves at its end. */
  readonly closed: Promise<void>;
  close(): void;
}

export class StoreClient {
  readonly spec: NodeSpec;
  readonly events: LifeEvents;
  readonly #setup: StoreClientSetup;
  readonly #servers = new ServerChoice();
  /** As `#servers`, in the order in which they were connected. */
  readonly #connected = new Set<NodeId>();
  readonly #random: RandomStream;
  readonly #connections = new Map<NodeId, OpenConnection>();

  constructor(setup: StoreClientSetup) {
    const { spec, seed, events } = setup;
    this.#setup = setup;
    this.spec = spec;
    this.events = events;
    this.#random = createRandomStream(seed, `client ${spec.id}.${spec.incarnation}`);
  }

  connected(server: NodeId): void {
    this.#servers.connected(server);
    this.#connected.add(server);
  }

  /** Open operations at the server get no answer any more. */
  disconnected(server: NodeId): void {
    this.#servers.disconnected(server);
    this.#connected.delete(server);
    this.gaveUp(server);
  }

  /** As `disconnected`, but the server may be asked again. */
  gaveUp(server: NodeId): void {
    this.#connections.get(server)?.close();
  }

  /** Ends its life: open operations get no answer that counts. */
  end(): void {
    for (const { close } of [...this.#connections.values()]) close();
  }

  /** Settles once, by the time that an operation has. */
  async operate(request: Request, line?: number): Promise<Answer> {
    const server = this.#choose(request, line);
    if (server === undefined) return NOT_SENT;
    const { closed, connection } = this.#open(server);
    return new Promise((resolve) => {
      const cancel = startTimer(this.#setup.timeoutMs, () => resolve(NO_REPLY));
      const settle = (answer: Answer): void => {
        cancel();
        resolve(answer);
      };
      void closed.then(() => settle(NO_REPLY));
      void this.#exchange(server, connection, request, line).then(settle);
    });
  }

  /** Never settles if the request or the answer is lost on its way. */
  async #exchange(
    server: NodeId,
    connection: Connection,
    request: Request,
    line: number | undefined,
  ): Promise<Answer> {
    const { links, timeoutMs, eventsOf } = this.#setup;
    const { id } = this.spec;
    const { kind: method, ...params } = request;
    const asked: MessageEvent = { message: this.events.nextName(), method, line };
    const sentAt = this.events.sent(server, asked, { ...params, modifiers: [...params.modifiers] });
    const obstacle = links.obstacle(id, server);
    if (obstacle !== undefined) {
      this.events.dropped(server, obstacle, asked);
      return obstacle === 'one-way cut' ? lost() : NOT_SENT;
    }
    await delay(links.delayMs(id, server));
    // The link was cut meanwhile.
    if (this.#connections.get(server)?.connection !== connection) return lost();
    const events = eventsOf(server);
    events?.received(id, sentAt, asked);
    const answer = await connection.operate(request, timeoutMs).catch(toAnswer);
    if (!isTold(answer)) return answer;
    const told: MessageEvent = {
      ...{ message: events?.nextName() ?? '', method, answers: asked.message, line },
    };
    const toldAt = events?.sent(id, told) ?? 0;
    const wayBack = links.obstacle(server, id);
    if (wayBack !== undefined) {
      events?.dropped(id, wayBack, told);
      return lost();
    }
    await delay(links.delayMs(server, id));
    if (events !== undefined) this.events.received(server, toldAt, told);
    return answer;
  }

  #choose(request: Request, line: number | undefined): NodeId | undefined {
    if (!this.#setup.isRandom) return this.#setup.choose(request, [...this.#connected]);
    const choice = this.#servers.choose([], this.#random);
    if (choice === undefined) return undefined;
    const { server, of } = choice;
    if (of.length > 1) this.events.noted('choose', { server, of: [...of] }, line);
    return server;
  }

  #open(server: NodeId): OpenConnection {
    const existing = this.#connections.get(server);
    if (existing !== undefined) return existing;
    const connection = this.#setup.connect(server);
    let end: () => void = () => undefined;
    const closed = new Promise<void>((resolve) => {
      end = resolve;
    });
    const close = (): void => {
      this.#connections.delete(server);
      end();
      connection.close();
    };
    const open = { connection, closed, close };
    this.#connections.set(server, open);
    return open;
  }
}

/** Whether the server has said so, be it a refusal: then it comes over the link. */
function isTold({ server, error }: Answer): boolean {
  return server !== null || (error !== undefined && meaningOf(error).isAnswer === true);
}

function toAnswer(error: unknown): Answer {
  if (!(error instanceof CallError)) throw error;
  const { code, data, definite } = error;
  const outcome = definite ? 'fail' : 'unknown';
  return unanswered({ outcome, error: code, ...(data !== undefined && { data }) });
}

async function delay(ms: number): Promise<void> {
  if (ms > 0) await new Promise<void>((resolve) => startTimer(ms, resolve));
}

function lost(): Promise<never> {
  return new Promise(() => undefined);
}
