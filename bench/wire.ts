// Nodes of the protocol in this process, which talk as they do over links: in JSON-RPC frames,
// whose bytes are counted. No network and no disorder, so that stores of a million keys can be
// compared.
import type { Env } from '../src/kernel/env.ts';
import { CallError } from '../src/kernel/errors.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import type { Json } from '../src/kernel/json.ts';
import { createServerNode, type Node } from '../src/kernel/node.ts';
import { completeOptions } from '../src/kernel/protocol.ts';
import { MEMORY_STORAGE } from '../src/kernel/storage.ts';
import { findProtocol } from './testbed.ts';

export class Wire {
  /** Sent since it was last set to 0: the frames' own bytes, without what WebSocket puts around. */
  bytes = 0;
  messages = 0;
  readonly #nodes = new Map<NodeId, Node>();
  #count = 0;

  /** Starts a server that does not gossip. */
  join(id: NodeId): Node {
    const protocol = findProtocol();
    const env: Env = {
      self: { id, incarnation: 1 },
      now: () => performance.now(),
      random: () => 0.5,
      // Nothing is lost here, so no call ever waits for its timeout.
      after: () => () => undefined,
      call: (peer, method, params) => this.#call(id, peer, method, params as Json) as never,
      callService: () => {
        throw new CallError('E_NO_METHOD', 'no service here');
      },
      storage: MEMORY_STORAGE,
      note: () => undefined,
    };
    const options = completeOptions(protocol, { gossip: 'off' });
    const node = createServerNode({ env, protocol, options });
    this.#nodes.set(id, node);
    return node;
  }

  async link(a: NodeId, b: NodeId): Promise<void> {
    await this.ask(a, 'connect', { peer: b, role: 'server' });
    await this.ask(b, 'connect', { peer: a, role: 'server' });
  }

  /** What the master asks is not counted. */
  async ask(id: NodeId, method: string, params: Json): Promise<Json> {
    return this.#find(id).handle('master', method, params);
  }

  /** A client's call, not counted either. */
  tell(from: NodeId, to: NodeId, method: string, params: Json): Json | Promise<Json> {
    return this.#find(to).handle({ id: from, role: 'client' }, method, params);
  }

  async #call(from: NodeId, to: NodeId, method: string, params: Json): Promise<unknown> {
    this.#count += 1;
    const id = this.#count;
    const request = this.#send({ jsonrpc: '2.0', id, method, params, lamport: id });
    const caller = { id: from, role: 'server' } as const;
    const result = await this.#find(to).handle(caller, method, request.params);
    return this.#send({ jsonrpc: '2.0', id, result, lamport: id, message: id }).result;
  }

  /** Gives the frame as the other end reads it. */
  #send<F extends { readonly [field: string]: Json }>(frame: F): F {
    const text = JSON.stringify(frame);
    this.bytes += Buffer.byteLength(text);
    this.messages += 1;
    return JSON.parse(text) as F;
  }

  #find(id: NodeId): Node {
    const node = this.#nodes.get(id);
    if (node === undefined) throw new CallError('ERR_UNREACHABLE', `no server ${id}`);
    return node;
  }
}
