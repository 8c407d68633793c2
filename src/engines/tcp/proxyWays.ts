// The ways of one member to the others, each through a proxy of its own, for as long as it exists.
import type { NodeId } from '../../kernel/ids.ts';
import { TcpProxy, type TcpProxySetup } from './tcpProxy.ts';

export class ProxyWays {
  readonly #setup: Pick<TcpProxySetup, 'from' | 'links'>;
  readonly #proxies = new Set<TcpProxy>();
  /** By target. Several orders may need the same one at the same time. */
  readonly #ways = new Map<NodeId, Promise<TcpProxy>>();

  constructor(setup: Pick<TcpProxySetup, 'from' | 'links'>) {
    this.#setup = setup;
  }

  /** The port of the way there, which is opened once. `target` is as for a TcpProxy. */
  async portTo(to: NodeId, target: TcpProxySetup['target']): Promise<number> {
    const way = this.#ways.get(to) ?? this.#open(to, target);
    this.#ways.set(to, way);
    return (await way).port;
  }

  linksChanged(): void {
    for (const proxy of this.#proxies) proxy.linksChanged();
  }

  close(): void {
    for (const proxy of this.#proxies) proxy.close();
  }

  async #open(to: NodeId, target: TcpProxySetup['target']): Promise<TcpProxy> {
    try {
      const proxy = await TcpProxy.open({ ...this.#setup, to, target });
      this.#proxies.add(proxy);
      return proxy;
    } catch (error) {
      this.#ways.delete(to);
      throw error;
    }
  }
}
