// What is set for links, as the orders that the processes get.
import type { NodeId } from '../kernel/ids.ts';
import { type LinkChange, LinkSettings } from '../kernel/linkSettings.ts';
import type { LinkOrder, SetOrder } from '../rpc/assignment.ts';
import { type LiveNode, peerOf } from './liveNode.ts';

export class SetOrders {
  readonly #settings = new LinkSettings();

  /** Returns the orders for the links that exist. Those made later get theirs by `toOpen`. */
  change(change: LinkChange, nodes: Iterable<LiveNode>): [LiveNode, SetOrder][] {
    this.#settings.change(change);
    const { direction } = change;
    return [...nodes].flatMap((node) => {
      const from = node.spec.id;
      return [...node.peers]
        .filter((to) => direction === 'all' || (direction[0] === from && direction[1] === to))
        .map((peer): [LiveNode, SetOrder] => [node, { peer, ...this.#settingOf(from, peer) }]);
    });
  }

  /** The order that opens the node's end of a link. */
  toOpen({ spec }: LiveNode, peer: LiveNode, number: number): LinkOrder {
    return { peer: peerOf(peer), number, ...this.#settingOf(spec.id, peer.spec.id) };
  }

  #settingOf(from: NodeId, to: NodeId): Pick<LinkOrder, 'setting'> {
    const setting = this.#settings.of(from, to);
    return setting === undefined ? {} : { setting };
  }
}
