// Servers of a protocol in this process, which talk as they do over links: in JSON-RPC frames,
// whose bytes are counted. No network and no disorder, so that stores of a million keys can be
// compared.
import type { Env } from '../src/kernel/env.ts';
import { CallError } from '../src/kernel/errors.ts';
import type { NodeId } from '../src/kernel/ids.ts';
import type { Json } from '../src/kernel/json.ts';
import { createServerNode, type Node } from '../src/kernel/node.ts';
import { completeOptions, type Options, type Protocol } from '../src/kernel/protocol.ts';
import { createServiceNode, type ServiceNode } from '../src/kernel/serviceNode.ts';
import { MEMORY_STORAGE } from '../src/kernel/storage.ts';

export class Wire {
  /** Sent since it was last set to 0: the frames' own bytes, without what WebSocket puts around. */
  bytes = 0;
  messages = 0;
  readonly #protocol: Protocol;
  readonly #options: Options;
  readonly #service: ServiceNode | undefined;
  readonly #after: Env['after'];
  readonly #nodes = new Map<NodeId, Node>();
  #count = 0;

  /** Without timers, only what is to be done at once is done: nothing is lost here. */
  constructor(protocol: Protocol, given: Options, { hasTimers = false } = {}) {
    this.#after = hasTimers ? startInTime : startAtOnce;
    this.#protocol = protocol;
    this.#options = completeOptions(protocol, given);
    const env = {
      ...{ earlier: [], generation: 0, now: () => performance.now(), random: () => 0.5 },
      after: this.#after,
      tell: async (id: NodeId, method: string, params: Json) =>
        (await this.ask(id, method, params)) as never,
      warn: () => undefined,
      note: () => undefined,
    };
    this.#service = createServiceNode(protocol, env, this.#options);
  }

  join(id: NodeId): Node {
    const protocol = this.#protocol;
    const self = { id, incarnation: 1 };
    const env: Env = {
      self,
      now: () => performance.now(),
      random: () => 0.5,
      after: this.#after,
      call: (peer, method, params) => this.#call(id, peer, method, params as Json) as never,
      wallClock: () => 0,
      callService: async (method, params) => {
        if (this.#service === undefined) throw new CallError('E_NO_METHOD', 'no service here');
        return this.#service.handle({ ...self, role: 'server' }, method, params) as never;
      },
      storage: MEMORY_STORAGE,
      note: () => undefined,
    };
    const node = createServerNode({ env, protocol, options: this.#options });
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

  /** Lets the configuration service run one of the protocol's commands. */
  async order(name: string, args: readonly string[]): Promise<readonly string[]> {
    if (this.#service === undefined) throw new CallError('E_NO_METHOD', 'no service here');
    return this.#service.command(name, args);
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

/** The process may end before. */
function startInTime(ms: number, task: () => void): () => void {
  if (ms === 0) return startAtOnce(ms, task);
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
}

/** Nothing is lost here, so no call ever waits for its timeout. */
function startAtOnce(ms: number, task: () => void): () => void {
  if (ms === 0) setImmediate(task);
  return () => undefined;
}
