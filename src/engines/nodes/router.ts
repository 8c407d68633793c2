// Brings each message to its receiver: to a server or a client over their link, or to a service.
import type { NodeId } from '../../kernel/ids.ts';
import type { MessageEvent } from '../world/lifeEvents.ts';
import type { ClientNode } from './client.ts';
import { CODE } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { Network } from './network.ts';
import type { ServerNode } from './node.ts';
import { createServices, type Service } from './services.ts';
import { type Body, idOf, type Message, nameOfServer, replyNumber, writeMessage } from './wire.ts';

export interface RouterSetup {
  readonly seed: number;
  readonly network: Network;
  /** Those that live now. */
  readonly servers: ReadonlyMap<NodeId, ServerNode>;
  readonly clients: ReadonlyMap<NodeId, ClientNode>;
  readonly ledger: Ledger;
  /** The ids of all servers that may join. */
  readonly known: ReadonlySet<NodeId>;
}

/** An answer on its way to a client, and its name in the trace. */
interface Reply {
  readonly from: ServerNode;
  readonly message: Message;
  readonly event: MessageEvent;
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
    const { src, dest } = message;
    const server = idOf(dest, 'n');
    const client = idOf(dest, 'c');
    const service = this.#services.get(dest);
    if (src !== from.name && !this.#isPassedOn(message)) from.complaints.add('wrongSender', src);
    else if (server !== undefined && this.#setup.known.has(server))
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
      isOnce: true,
      wait: () => undefined,
      lose: (why) => client.events.dropped(to, why, event),
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

  /**
   * Whether a message in the name of another is a client's request that a server passes on to
   * another server, as some solutions for Maelstrom do.
   */
  #isPassedOn({ src, dest, body }: Message): boolean {
    const client = idOf(src, 'c');
    if (client === undefined || idOf(dest, 'n') === undefined) return false;
    return this.#setup.ledger.hasAsked(client, body.msg_id);
  }

  /** A server, and those that messages of it reach and that reach it, without those to avoid. */
  reachedFrom(root: NodeId, avoid: readonly NodeId[]): NodeId[] {
    const { network, servers } = this.#setup;
    return network.reachedFrom(root, (id) => servers.has(id) && !avoid.includes(id));
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
      server.requests.remember(message.src, message.body.msg_id, event);
      server.events.received(id, lamport, event);
      this.#give(server, `${message.text}\n`);
    };
    if (to === id) deliver();
    else {
      const isOnce = message.src !== from.name;
      this.#pass(from, to, { deliver, event, bytes: message.text.length, isOnce });
    }
  }

  /**
   * A client that the server has no link to is reached through the server that the client asked:
   * that one has passed the request on.
   */
  #toClient(from: ServerNode, to: NodeId, message: Message): void {
    const { body } = message;
    const { ledger, clients } = this.#setup;
    const client = clients.get(to);
    if (!ledger.hasAsked(to, replyNumber(body))) {
      from.counts.dropped += 1;
      const isClient = client !== undefined || ledger.knows(to);
      if (isClient) from.complaints.add('notAsked', String(to));
      else from.complaints.add('noReceiver', message.dest);
      return;
    }
    if (client === undefined) {
      this.#tooLate(from, to, message);
      return;
    }
    const asked = client.find(body);
    const event = { ...eventOf(from, message), line: asked?.line };
    const via = this.#setup.servers.get(asked?.server ?? -1);
    const isDirect = this.#setup.network.hasLink(from.spec.id, to);
    if (isDirect || via === undefined) this.#answer(from, client, { from, message, event });
    else this.#answerThrough(via, client, { from, message, event });
  }

  /** No server is to blame for a reply to a client that has ended. */
  #tooLate(from: ServerNode, to: NodeId, message: Message): void {
    const event = eventOf(from, message);
    from.events.sent(to, event, message.body);
    from.events.dropped(to, 'not running', event);
    from.counts.late += 1;
  }

  #answerThrough(via: ServerNode, client: ClientNode, { from, message, event }: Reply): void {
    const { id } = via.spec;
    const lamport = from.events.sent(id, event, message.body);
    const deliver = (): void => {
      via.events.received(from.spec.id, lamport, event);
      const onward = { ...event, message: via.events.nextName() };
      this.#answer(via, client, { from, message, event: onward });
    };
    this.#pass(from, id, { deliver, event, bytes: message.text.length, isOnce: true });
  }

  /** Over the link from `last` to the client; `reply.from` has answered. */
  #answer(last: ServerNode, client: ClientNode, { from, message, event }: Reply): void {
    const { body, text } = message;
    const lamport = last.events.sent(client.spec.id, event, body);
    const deliver = (): void => {
      const isAwaited = client.find(body) !== undefined;
      client.events.received(last.spec.id, lamport, event, isAwaited);
      if (client.receive(from.spec.id, body)) return;
      from.counts.late += 1;
      const { id } = client.spec;
      if (this.#setup.ledger.isContradicted(id, from.spec.id, body)) {
        from.complaints.add('contradiction', String(id));
      }
    };
    this.#pass(last, client.spec.id, { deliver, event, bytes: text.length, isOnce: true });
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
    passed: { deliver(): void; event: MessageEvent; bytes: number; isOnce: boolean },
  ): void {
    const { deliver, event, bytes, isOnce } = passed;
    const wait = (change: 1 | -1): void => from.delay(change * bytes);
    const lose = (why: string): void => this.#drop(from, to, why, event);
    const loss = this.#setup.network.send(from.spec.id, to, { isOnce, deliver, lose, wait });
    if (loss !== undefined) this.#drop(from, to, loss, event);
  }

  #drop(from: ServerNode, to: NodeId, why: string, event: MessageEvent): void {
    from.counts.dropped += 1;
    from.events.dropped(to, why, event);
  }

  #give(server: ServerNode, line: string): void {
    if (!server.deliver(line)) server.complaints.add('overflow', () => line.slice(0, 80).trimEnd());
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
