// One end of a link: the calls to one peer and the answers to it, over one WebSocket. The end that
// first needs the socket opens it. If both dial at once there are two sockets, and both are used.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import { CallError, type CallErrorCode } from '../kernel/errors.ts';
import type { Life } from '../kernel/ids.ts';
import { findUnsafeJson, type Json } from '../kernel/json.ts';
import { lateness } from '../kernel/trace.ts';
import { createTraffic } from '../kernel/traffic.ts';
import type { LinkOrder } from './assignment.ts';
import { dial } from './dial.ts';
import { type Dispatcher, findInvalidRequest, invalidRequest } from './dispatcher.ts';
import type { RpcLimits } from './limits.ts';
import type { LinkSocket } from './linkSocket.ts';
import { Outgoing } from './outgoing.ts';
import { PendingCalls } from './pendingCalls.ts';
import { type MessageMark, nameMessage, type Recorder } from './recorder.ts';
import { refusalOf, toRpcError } from './rpcErrors.ts';
import { type createSettler, isQuestion, type PassedQuestion } from './settling.ts';

/** The sockets of one link: one dialed by this end, one by the peer. */
const MAX_SOCKETS = 2;

const TOO_LONG = 'longer than a message may be';

/**
 * Whether the text of a frame must be searched by `findUnsafeJson`. The message tables, which know
 * every field, would reject all of these except the names that every object inherits, also if
 * escaped.
 */
const SUSPICIOUS = /__proto__|constructor|prototype|\\u/;

/** What all links of a node share. */
export interface LinkContext {
  readonly self: Life;
  /** The seed of the run. */
  readonly seed: number;
  readonly token: string;
  readonly limits: RpcLimits;
  readonly recorder: Recorder;
  /** Answers the calls of peers. */
  readonly dispatcher: Dispatcher<LinkOrder['peer']>;
  /** The question that goes along with requests. */
  readonly passed: PassedQuestion;
  /** Only at a server: answers questions that came with requests. */
  readonly settler?: ReturnType<typeof createSettler> | undefined;
}

/**
 * A message is a JSON-RPC 2.0 object with a few more members. `lamport` is the sender's Lamport
 * time after sending. The `id` of a request is its sender's message number, so it names the message
 * (`3.1#17` for number 17 of life 3.1). An answer has its own number in `message`. A request may
 * carry a question in `settle`; then `settled` in its answer says whether that is answered
 * (settling.ts).
 */
type Message = Partial<JSONRPCRequest & JSONRPCResponse> & {
  lamport?: unknown;
  message?: unknown;
  settle?: unknown;
  settled?: unknown;
};

export class Link {
  readonly order: LinkOrder;
  readonly #context: LinkContext;
  readonly #calls: PendingCalls;
  readonly #sockets: LinkSocket[] = [];
  /** By call number: the method called, for the trace of the answer. */
  readonly #methods = new Map<number, string>();
  /** Messages to send after the dial succeeds, and their length in code units. */
  #waiting: string[] = [];
  #waitingLength = 0;
  #dialing: Promise<void> | undefined;
  #cancelDial: () => void = () => undefined;
  #isClosed = false;
  /** Whether outgoing messages are dropped. */
  isMuted = false;
  readonly outgoing: Outgoing;

  constructor(order: LinkOrder, context: LinkContext) {
    this.order = order;
    this.#context = context;
    this.#calls = new PendingCalls((request) => this.#sendRequest(request));
    const { self, seed } = context;
    const traffic = createTraffic(seed, order.number, self.id, order.peer.id);
    this.outgoing = new Outgoing(traffic, order.setting);
  }

  /** Settles once: with the peer's answer, or with a CallError. */
  call(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const { recorder } = this.#context;
    const id = recorder.nextCount();
    if (recorder.isRead) this.#methods.set(id, method);
    return this.#calls.call(id, method, params, timeoutMs);
  }

  /** Adopts a socket that the peer has opened. */
  accept(socket: LinkSocket): void {
    if (this.#isClosed || this.#sockets.length >= MAX_SOCKETS) socket.terminate();
    else this.#add(socket);
  }

  /** Stops all messages; the open calls fail now. */
  close(): void {
    this.#isClosed = true;
    this.#cancelDial();
    this.#takeWaiting();
    this.outgoing.clear();
    for (const socket of this.#sockets.splice(0)) socket.terminate();
    this.#calls.failAll('the link was cut');
  }

  #sendRequest(request: JSONRPCRequest): void {
    const { recorder, passed } = this.#context;
    const id = request.id as number;
    const mark = () => ({ message: recorder.nameOf(id), method: request.method });
    const { jsonrpc, method, params } = request;
    const lamport = recorder.sent(this.order.peer.id, mark, params as Json);
    const settle = passed.question;
    const text = JSON.stringify({ jsonrpc, id, method, params, lamport, settle });
    if (this.#isTooLong(text)) this.#calls.receive(failure(id, 'E_TOO_LARGE', TOO_LONG));
    else this.#pass(() => this.#send(text), mark);
  }

  /** Sends a message by `send`, unless it is dropped. */
  #pass(send: () => void, mark: () => MessageMark): void {
    const { recorder } = this.#context;
    if (this.isMuted) recorder.dropped(this.order.peer.id, 'one-way cut', mark);
    else if (!this.outgoing.pass(send)) recorder.dropped(this.order.peer.id, 'lost', mark);
  }

  #send(text: string): void {
    const [socket] = this.#sockets;
    if (socket !== undefined) {
      socket.send(text);
      return;
    }
    if (this.#waitingLength > this.#context.limits.bufferedBytes) return;
    this.#waiting.push(text);
    this.#waitingLength += text.length;
    void this.dial();
  }

  /** Opens a socket unless there is one. Resolves when it is open, has failed, or is not needed. */
  dial(): Promise<void> {
    if (this.#isClosed || this.#sockets.length > 0) return Promise.resolve();
    this.#dialing ??= new Promise((resolve) => {
      const end = (): void => {
        this.#dialing = undefined;
        resolve();
      };
      const cancel = dial(
        { ...this.#context, order: this.order },
        (opened) => {
          end();
          this.#add(opened);
        },
        (why) => {
          end();
          this.#takeWaiting();
          this.#calls.failAll(why);
        },
      );
      this.#cancelDial = () => {
        end();
        cancel();
      };
    });
    return this.#dialing;
  }

  #add(socket: LinkSocket): void {
    this.#sockets.push(socket);
    socket.listen(
      (text) => this.#receive(text, socket),
      () => this.#lose(socket),
    );
    for (const text of this.#takeWaiting()) socket.send(text);
  }

  #takeWaiting(): string[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingLength = 0;
    return waiting;
  }

  /** Fails the open calls: those sent over the lost socket get no answer, and are not known. */
  #lose(socket: LinkSocket): void {
    const index = this.#sockets.indexOf(socket);
    if (index >= 0) this.#sockets.splice(index, 1);
    if (!this.#isClosed) this.#calls.failAll('the connection was lost');
  }

  #receive(text: string, socket: LinkSocket): void {
    if (this.#isClosed) return;
    const messages = parseFrame(text);
    const isSuspicious = SUSPICIOUS.test(text);
    if (messages === undefined) socket.terminate();
    else for (const message of messages) this.#take(message, isSuspicious, socket);
  }

  #take(message: Message, isSuspicious: boolean, socket: LinkSocket): void {
    const { jsonDepth } = this.#context.limits;
    const unsafe = isSuspicious ? findUnsafeJson(message, jsonDepth) : undefined;
    if (message.method !== undefined) void this.#answer(message, unsafe, socket);
    else if (unsafe === undefined) this.#resolve(message);
    else this.#calls.receive(failure(message.id ?? null, 'ERR_UNREACHABLE', unsafe));
  }

  #resolve(message: Message): void {
    const { recorder, self, passed } = this.#context;
    const id = message.id as number;
    const { peer } = this.order;
    const isAwaited = this.#calls.receive(message as JSONRPCResponse);
    const { settled } = message;
    if (isAwaited && typeof settled === 'boolean') passed.heard(peer.id, settled);
    recorder.received(peer.id, timeOf(message.lamport), () => ({
      message: nameMessage(peer, Number(message.message)),
      answers: nameMessage(self, id),
      method: this.#methods.get(id) ?? '',
      ...lateness(isAwaited),
    }));
    this.#methods.delete(id);
  }

  async #answer(asked: Message, unsafe: string | undefined, socket: LinkSocket): Promise<void> {
    const invalid = findInvalidRequest(asked);
    if (invalid !== undefined) {
      socket.send(JSON.stringify(invalidRequest(asked, invalid)));
      return;
    }
    const { recorder, dispatcher, settler } = this.#context;
    const { peer } = this.order;
    const request = asked as JSONRPCRequest;
    const { method } = request;
    const id = request.id as number;
    const name = () => nameMessage(peer, id);
    recorder.received(peer.id, timeOf(asked.lamport), () => ({ message: name(), method }));
    const response =
      unsafe === undefined
        ? await dispatcher.answer(request, peer)
        : failure(id, 'E_BAD_REQUEST', unsafe);
    if (response === null) return;
    const { settle } = asked;
    const settled = settler && isQuestion(settle) ? await settler(settle) : undefined;
    const message = recorder.nextCount();
    const mark = () => ({ message: recorder.nameOf(message), answers: name(), method });
    const told = () => ({ ...mark(), ...refusalOf(response) });
    const lamport = recorder.sent(peer.id, told, response.result);
    const text = this.#write(response, { lamport, message, settled });
    if (this.#isClosed) recorder.dropped(peer.id, 'no link', mark);
    else this.#pass(() => socket.send(text), mark);
  }

  #write({ jsonrpc, id, result, error }: JSONRPCResponse, more: Message): string {
    const { lamport, message, settled } = more;
    const text = JSON.stringify({ jsonrpc, id, result, error, lamport, message, settled });
    if (!this.#isTooLong(text)) return text;
    return JSON.stringify({ ...failure(id, 'ERR_UNREACHABLE', TOO_LONG), lamport, message });
  }

  #isTooLong(text: string): boolean {
    const most = this.#context.limits.messageBytes;
    // A code unit takes at most three bytes in UTF-8.
    return text.length * 3 > most && Buffer.byteLength(text) > most;
  }
}

/** The messages of a frame, one or several; undefined if it is invalid. */
function parseFrame(text: string): Message[] | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    const messages: unknown[] = Array.isArray(frame) ? frame : [frame];
    return messages.every(isMessage) ? messages : undefined;
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function failure(id: JSONRPCResponse['id'], code: CallErrorCode, why: string): JSONRPCResponse {
  return { jsonrpc: '2.0', id, error: toRpcError(new CallError(code, why)) };
}

function timeOf(lamport: unknown): number {
  return Number.isSafeInteger(lamport) ? (lamport as number) : 0;
}
