// What happens to each message on a link between nodes. It does not know what a message says.
import type { Cancel } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { type Link, LinkTable, type LinkTableSetup, type Obstacle } from '../linkTable.ts';

export interface NetworkSetup extends LinkTableSetup {
  after(ms: number, task: () => void): Cancel;
}

/** A message, as the network sees it. */
export interface Passing {
  /** Called for each copy that arrives, at once or later. */
  deliver(): void;
  /** A copy waits on its way (1), or not any more (-1), whether it then arrives or not. */
  wait(change: 1 | -1): void;
}

/** Why a message does not arrive, for the trace. */
export type Loss = Obstacle | 'lost';

export class Network extends LinkTable {
  readonly #setup: NetworkSetup;
  readonly #timers = new Set<Cancel>();
  #lastAt = -Infinity;

  constructor(setup: NetworkSetup) {
    super(setup);
    this.#setup = setup;
  }

  /** How long ago a message was sent or delivered last, in milliseconds. */
  get quietMs(): number {
    return this.#timers.size > 0 ? 0 : this.#setup.now() - this.#lastAt;
  }

  /**
   * Lets a message pass. Returns why no copy will arrive; one that is on its way is lost if its
   * link is cut.
   */
  send(from: NodeId, to: NodeId, message: Passing): Loss | undefined {
    const obstacle = this.obstacle(from, to);
    const link = this.find(from, to);
    if (obstacle !== undefined || link === undefined) return obstacle;
    const delays = this.delays(from, to);
    for (const ms of delays) this.#arrange(ms, link, message);
    return delays.length === 0 ? 'lost' : undefined;
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
  }

  #arrange(ms: number, link: Link, message: Passing): void {
    this.#lastAt = this.#setup.now();
    if (ms <= 0) {
      message.deliver();
      return;
    }
    message.wait(1);
    const cancel = this.#setup.after(ms, () => {
      this.#timers.delete(cancel);
      this.#lastAt = this.#setup.now();
      message.wait(-1);
      if (!link.isCut) message.deliver();
    });
    this.#timers.add(cancel);
  }
}
