// The two sets of methods that a node offers: control methods to the master, and to each peer those
// messages of the protocol that the peer's role may send.
import type { JSONRPCRequest, JSONRPCResponse } from 'json-rpc-2.0';
import { CLIENT_CONTROL, SERVER_CONTROL } from '../kernel/control.ts';
import { UnfitMessage } from '../kernel/errors.ts';
import type { Caller, Role } from '../kernel/ids.ts';
import type { MessageTable } from '../kernel/messages.ts';
import type { Node } from '../kernel/node.ts';
import type { LinkOrder, Rank } from './assignment.ts';
import type { Complaints } from './complaints.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import type { Recorder } from './recorder.ts';
import { refusalOf } from './rpcErrors.ts';

export type Peer = LinkOrder['peer'];

export interface Dispatchers {
  readonly fromMaster: Dispatcher<'master'>;
  readonly fromPeers: Dispatcher<Peer>;
  /** The ranks that may call a method; empty for an unknown method. */
  ranksFor(method: string): readonly Rank[];
}

export function createDispatchers(
  role: Role,
  messages: MessageTable,
  nodeOf: () => Node,
  complaints: Complaints,
  onBug: (error: unknown) => void,
): Dispatchers {
  const control = Object.keys(role === 'server' ? SERVER_CONTROL : CLIENT_CONTROL);
  // The master hosts the configuration service, so it may send the messages of the service.
  const fromService = Object.keys(messages).filter((name) => messages[name]?.from === 'service');
  const fromMaster = createDispatcher<'master'>(
    [...control, ...fromService].map((name) => [
      name,
      (params) => nodeOf().handle('master', name, params),
    ]),
    onBug,
  );
  const senders = new Map<string, Rank>();
  for (const [name, spec] of Object.entries(messages)) {
    if (spec.to === role && spec.from !== 'service') senders.set(name, spec.from);
  }
  const fromPeers = createDispatcher<Peer>(
    Array.from(senders.keys(), (name) => [
      name,
      (params, peer) => {
        try {
          return nodeOf().handle(peer, name, params);
        } catch (error) {
          if (error instanceof UnfitMessage) complaints.ofRequest(peer, name, error);
          throw error;
        }
      },
    ]),
    onBug,
  );
  return {
    fromMaster,
    fromPeers,
    ranksFor: (method) => {
      const ranks: Rank[] = fromMaster.has(method) ? ['master'] : [];
      const sender = senders.get(method);
      return sender === undefined ? ranks : [...ranks, sender];
    },
  };
}

/** Answers a request without a Lamport stamp, and records its arrival and its answer. */
export async function answerRecorded<C>(
  recorder: Recorder,
  from: Caller,
  asked: string,
  request: JSONRPCRequest,
  dispatcher: Dispatcher<C>,
  caller: C,
): Promise<JSONRPCResponse | null> {
  const { method } = request;
  recorder.received(from, 0, () => ({ message: asked, method }));
  const response = await dispatcher.answer(request, caller);
  const message = recorder.nextCount();
  recorder.sent(
    from,
    () => ({ message: recorder.nameOf(message), answers: asked, method, ...refusalOf(response) }),
    response?.result,
  );
  return response;
}
