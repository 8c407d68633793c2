// The way from one member of a store to another one, where the connections are bytes that cannot be
// told apart. What a one-way cut loses leaves a gap, so the connection ends when the cut does.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { NodeId } from '../../kernel/ids.ts';
import { LateCarriage } from './lateCarriage.ts';
import { findPort, LOOPBACK } from './ports.ts';
import type { SlowLinks } from './slowLinks.ts';

export interface TcpProxySetup {
  /** The member that opens connections. */
  readonly from: NodeId;
  readonly to: NodeId;
  readonly links: Pick<SlowLinks, 'obstacle' | 'delayMs'>;
  /** Where the target listens now; undefined while it does not run. */
  target(): number | undefined;
}

interface Pair {
  readonly ends: readonly [Socket, Socket];
  hasGap: boolean;
}

export class TcpProxy {
  readonly port: number;
  readonly #setup: TcpProxySetup;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();

  private constructor(setup: TcpProxySetup, port: number) {
    this.#setup = setup;
    this.port = port;
    this.#server = createServer({ noDelay: true }, (socket) => this.#pass(socket));
    this.#server.on('error', () => undefined);
  }

  static async open(setup: TcpProxySetup): Promise<TcpProxy> {
    const proxy = new TcpProxy(setup, await findPort());
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(proxy.port, LOOPBACK, resolve);
    });
    return proxy;
  }

  /** Ends the connections that may not carry anything any more, and those with a gap. */
  linksChanged(): void {
    for (const pair of [...this.#pairs]) {
      if (this.#isCut() || (pair.hasGap && !this.#isOneWay())) end(pair);
    }
  }

  close(): void {
    for (const pair of [...this.#pairs]) end(pair);
    this.#server.close();
  }

  #obstacles(): (string | undefined)[] {
    const { from, to, links } = this.#setup;
    return [links.obstacle(from, to), links.obstacle(to, from)];
  }

  #isCut(): boolean {
    return this.#obstacles().some((one) => one !== undefined && one !== 'one-way cut');
  }

  #isOneWay(): boolean {
    return this.#obstacles().includes('one-way cut');
  }

  #pass(near: Socket): void {
    const { from, to, target } = this.#setup;
    const port = target();
    if (port === undefined || this.#isCut()) {
      near.destroy();
      return;
    }
    const far = connect({ port, host: LOOPBACK, noDelay: true });
    const pair: Pair = { ends: [near, far], hasGap: this.#isOneWay() };
    this.#pairs.add(pair);
    this.#carry(pair, [from, to], near, far);
    this.#carry(pair, [to, from], far, near);
  }

  /** All that one end says arrives at the other one, and then that it has closed. */
  #carry(pair: Pair, [a, b]: readonly [NodeId, NodeId], out: Socket, into: Socket): void {
    const { links } = this.#setup;
    out.on('error', () => undefined);
    const carriage = new LateCarriage(out, into, () => {
      if (links.obstacle(a, b) === undefined) return links.delayMs(a, b);
      pair.hasGap = true;
      return undefined;
    });
    // The other end closes too when it has heard all. Without a reader of what it still says it
    // would be told of an error, and lose what it has not heard yet.
    out.once('close', () => carriage.finish(links.delayMs(a, b), () => into.end()));
    out.once('close', () => {
      if (into.destroyed) this.#pairs.delete(pair);
    });
  }
}

function end({ ends }: Pair): void {
  for (const socket of ends) socket.destroy();
}
