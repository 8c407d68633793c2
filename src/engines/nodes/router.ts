// Brings each message to its receiver: to a server or a client over their link, or to a service.
import type { NodeId } from '../../kernel/ids.ts';
import type { MessageEvent } from '../lifeEvents.ts';
import type { ClientNode } from './client.ts';
import { CODE } from './errors.ts';
import type { Network } from './network.ts';
import type { ServerNode } from './node.ts';
import { createServices, type Service } from './services.ts';
import { type Body, idOf, type Message, nameOfServer, writeMessage } from './wire.ts';

export interface RouterSetup {
  readonly seed: number;
  readonly network: Network;
  /** Those that live now. */
  readonly servers: ReadonlyMap<NodeId, ServerNode>;
  readonly clients: ReadonlyMap<NodeId, ClientNode>;
  /** The ids of all servers that may join. */
  readonly known: ReadonlySet<NodeId>;
}

export class Router {
  readonly #setup: RouterSetup;
  readonly #services: ReadonlyMap<string, Service>;

  constructor(setup: RouterSetup) {
    this.#setup = setup;
    this.#services = createServices(setup.seed);
  }

  /** A message that a server has written. */
  route(from: ServerNode, message: Message): void {
    const { dest } = message;
    const server = idOf(dest, 'n');
    const client = idOf(dest, 'c');
    const service = this.#services.get(dest);
    if (server !== undefined && this.#setup.known.has(server))
      this.#toServer(from, server, message);
    else if (client !== undefined) this.#toClient(from, client, message);
    else if (service !== undefined) this.#toService(from, service, message);
    else {
      from.counts.dropped += 1;
      from.complaints.add('noReceiver', dest);
    }
  }

  /** A request of a client; false if it certainly does not arrive. */
  request(client: ClientNode, to: NodeId, body: Body, name: string, line?: number): boolean {
    const { network, servers } = this.#setup;
    const server = servers.get(to);
    const { id } = client.spec;
    const event: MessageEvent = { message: name, method: String(body.type), line };
    const lamport = client.events.sent(to, event, body);
    const text = writeMessage(client.name, nameOfServer(to), body);
    const loss = network.send(id, to, {
      wait: () => undefined,
      deliver: () => {
        if (server === undefined) return;
        server.requests.remember(client.name, body.msg_id, event);
        server.events.received(id, lamport, event);
        this.#give(server, text);
      },
    });
    if (loss !== undefined) client.events.dropped(to, loss, event);
    return loss === undefined || loss === 'lost' || loss === 'one-way cut';
  }

  /** A server, and those that messages of it reach and that reach it, without those to avoid. */
  reachedFrom(root: NodeId, avoid: readonly NodeId[]): NodeId[] {
    const { network, servers } = this.#setup;
    const reached = new Set([root]);
    for (const id of reached) {
      for (const peer of network.peersOf(id)) {
        if (servers.has(peer) && !avoid.includes(peer)) reached.add(peer);
      }
    }
    return [...reached].sort((a, b) => a - b);
  }

  #toServer(from: ServerNode, to: NodeId, message: Message): void {
    const { id } = from.spec;
    const event = eventOf(from, message);
    const lamport = from.events.sent(to, event, message.body);
    const server = this.#setup.servers.get(to);
    if (server === undefined) {
      this.#drop(from, to, 'not running', event);
      return;
    }
    const deliver = (): void => {
      server.requests.remember(from.name, message.body.msg_id, event);
      server.events.received(id, lamport, event);
      this.#give(server, `${message.text}\n`);
    };
    if (to === id) deliver();
    else this.#pass(from, to, { deliver, event, bytes: message.text.length });
  }

  #toClient(from: ServerNode, to: NodeId, message: Message): void {
    const { body } = message;
    const client = this.#setup.clients.get(to);
    if (client === undefined || !client.hasAsked(body)) {
      from.counts.dropped += 1;
      if (client === undefined) from.complaints.add('noReceiver', message.dest);
      else from.complaints.add('notAsked', String(to));
      return;
    }
    const asked = client.find(from.spec.id, body);
    const event = { ...eventOf(from, message), line: asked?.line };
    const lamport = from.events.sent(to, event, body);
    const deliver = (): void => {
      const isAwaited = client.find(from.spec.id, body) !== undefined;
      client.events.received(from.spec.id, lamport, event, isAwaited);
      if (!client.receive(from.spec.id, body)) from.counts.late += 1;
    };
    this.#pass(from, to, { deliver, event, bytes: message.text.length });
  }

  #toService(from: ServerNode, service: Service, message: Message): void {
    const { body, dest } = message;
    const event = eventOf(from, message);
    from.events.sent('master', event, body);
    if (this.#setup.network.hasFailed(from.spec.id)) return;
    const answer = service(from.name, body) ?? {
      ...{ type: 'error', code: CODE.notSupported, text: `${dest} has no such request` },
    };
    const reply = { ...answer, in_reply_to: body.msg_id ?? null };
    const method = String(answer.type);
    from.events.received('master', 0, {
      message: from.events.nextName(),
      method,
      answers: event.message,
    });
    this.#give(from, writeMessage(dest, from.name, reply));
  }

  #pass(
    from: ServerNode,
    to: NodeId,
    passed: { deliver(): void; event: MessageEvent; bytes: number },
  ): void {
    const { deliver, event, bytes } = passed;
    const wait = (change: 1 | -1): void => from.delay(change * bytes);
    const loss = this.#setup.network.send(from.spec.id, to, { deliver, wait });
    if (loss !== undefined) this.#drop(from, to, loss, event);
  }

  #drop(from: ServerNode, to: NodeId, why: string, event: MessageEvent): void {
    from.counts.dropped += 1;
    from.events.dropped(to, why, event);
  }

  #give(server: ServerNode, line: string): void {
    if (!server.deliver(line)) server.complaints.add('overflow', line.slice(0, 80).trimEnd());
  }
}

/** How the trace names a message of a server. */
function eventOf({ events, requests }: ServerNode, { dest, body }: Message): MessageEvent {
  if (!events.isRead) return { message: '', method: '' };
  return {
    message: events.nextName(),
    method: typeof body.type === 'string' ? body.type : 'message',
    answers: requests.find(dest, body.in_reply_to),
  };
}
