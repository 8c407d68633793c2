// The address at which the other members reach one member. etcd's members know each other by one
// address each, so it is the requests that say who sends them, and which way raft's messages go:
//
//   GET /raft/stream/...   the answer goes on for ever: messages from this member to the sender
//   POST /raft, /raft/...  messages from the sender to this member
//
// Other requests, for versions and lists of members, carry nothing of the store: they always pass.

import type { ServerResponse } from 'node:http';
import { Agent, createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import type { NodeId } from '../../kernel/ids.ts';
import { LateCarriage } from '../tcp/lateCarriage.ts';
import { findPort, LOOPBACK } from '../tcp/ports.ts';
import type { SlowLinks } from '../tcp/slowLinks.ts';

export interface PeerProxySetup {
  /** The member to which it leads. */
  readonly id: NodeId;
  readonly links: Pick<SlowLinks, 'obstacle' | 'delayMs'>;
  /** The server that has this id of a member, in hexadecimal digits. */
  serverOf(member: string): NodeId | undefined;
  /** Where the member listens now; undefined while it does not run. */
  target(): number | undefined;
}

interface Exchange {
  readonly from: NodeId;
  readonly to: NodeId;
  end(): void;
}

export class PeerProxy {
  readonly port: number;
  readonly #setup: PeerProxySetup;
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #exchanges = new Set<Exchange>();

  private constructor(setup: PeerProxySetup, port: number) {
    this.#setup = setup;
    this.port = port;
    // A stream of raft's messages is one answer that never ends.
    this.#server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000, noDelay: true });
    this.#server.on('request', (asked, answer) => this.#pass(asked, answer));
    this.#server.on('error', () => undefined);
  }

  static async open(setup: PeerProxySetup): Promise<PeerProxy> {
    const proxy = new PeerProxy(setup, await findPort());
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(proxy.port, LOOPBACK, resolve);
    });
    return proxy;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}`;
  }

  /** Ends the exchanges that may not carry anything any more. */
  linksChanged(): void {
    for (const { from, to, end } of [...this.#exchanges]) {
      if (this.#setup.links.obstacle(from, to) !== undefined) end();
    }
  }

  /** Ends every exchange: the member has ended. */
  drop(): void {
    for (const { end } of [...this.#exchanges]) end();
    this.#agent.destroy();
  }

  close(): void {
    this.drop();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { id, links } = this.#setup;
    const port = this.#setup.target();
    const peer = this.#setup.serverOf(String(asked.headers['x-server-from'] ?? ''));
    const isStream = asked.method === 'GET';
    const [from, to] = isStream ? [id, peer] : [peer, id];
    const isCut = from !== undefined && to !== undefined && links.obstacle(from, to) !== undefined;
    if (port === undefined || isCut) {
      asked.socket.destroy();
      return;
    }
    const { method, url: path, headers } = asked;
    const passed = request({ host: LOOPBACK, port, method, path, headers, agent: this.#agent });
    const end = (): void => {
      passed.destroy();
      asked.socket.destroy();
    };
    if (from !== undefined && to !== undefined) {
      const exchange: Exchange = { from, to, end };
      this.#exchanges.add(exchange);
      answer.once('close', () => this.#exchanges.delete(exchange));
    }
    passed.once('error', () => asked.socket.destroy());
    answer.once('close', () => passed.destroy());
    const delayMs = (a?: NodeId, b?: NodeId): number =>
      a === undefined || b === undefined ? 0 : links.delayMs(a, b);
    passed.once('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      answer.flushHeaders();
      response.once('error', end);
      pipeLate(response, answer, () => delayMs(id, peer));
    });
    pipeLate(asked, passed, () => delayMs(peer, id));
  }
}

/** Each part arrives so much later, in order. */
function pipeLate(from: Readable, to: Writable, delayMs: () => number): void {
  const carriage = new LateCarriage(from, to, delayMs);
  from.once('end', () => carriage.finish(delayMs(), () => to.end()));
}
