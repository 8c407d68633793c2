// All links of one node, by peer. A link exists from the master's order to open it until its order
// to close it, or until the next life of the peer.
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { LinkSetting } from '../kernel/linkSettings.ts';
import type { LinkOrder } from './assignment.ts';
import type { Handshake } from './dial.ts';
import { Link, type LinkContext } from './link.ts';

export class Links {
  readonly #context: LinkContext;
  readonly #links = new Map<NodeId, Link>();

  constructor(context: LinkContext) {
    this.#context = context;
  }

  open(order: LinkOrder): void {
    const former = this.#links.get(order.peer.id);
    if (former?.order.number === order.number) return;
    former?.close();
    this.#links.set(order.peer.id, new Link(order, this.#context));
  }

  close(peer: NodeId): void {
    this.#links.get(peer)?.close();
    this.#links.delete(peer);
  }

  closeAll(): void {
    for (const peer of [...this.#links.keys()]) this.close(peer);
  }

  /** Resolves when every link has a socket, or has failed to open one. */
  async dialAll(): Promise<void> {
    await Promise.all(Array.from(this.#links.values(), (link) => link.dial()));
  }

  mute(peer: NodeId, isMuted: boolean): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.isMuted = isMuted;
  }

  /** Changes what happens to later messages to the peer; undefined: they are sent at once. */
  set(peer: NodeId, setting: LinkSetting | undefined): void {
    const link = this.#links.get(peer);
    if (link !== undefined) link.outgoing.setting = setting;
  }

  peerOf(id: NodeId): LinkOrder['peer'] | undefined {
    return this.#links.get(id)?.order.peer;
  }

  async call(peer: NodeId, method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const link = this.#links.get(peer);
    if (link === undefined) throw new CallError('ERR_NOT_CONNECTED');
    return link.call(method, params, timeoutMs);
  }

  /** The link that a peer's handshake is for, if it is open and both lives match. */
  match({ from, to, number }: Handshake): Link | undefined {
    const { self } = this.#context;
    if (to.id !== self.id || to.incarnation !== self.incarnation) return undefined;
    const link = this.#links.get(from.id);
    if (link?.order.number !== number) return undefined;
    return link.order.peer.incarnation === from.incarnation ? link : undefined;
  }
}
