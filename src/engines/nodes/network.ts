// What happens to each message on a link between nodes. It does not know what a message says.
import type { Cancel } from '../../kernel/env.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { Departures } from '../../rpc/departures.ts';
import { LinkTable, type LinkTableSetup, type Obstacle } from '../world/linkTable.ts';

export interface NetworkSetup extends LinkTableSetup {
  after(ms: number, task: () => void): Cancel;
}

/** A message, as the network sees it. */
export interface Passing {
  /** It arrives once at most, whatever is set for its link. */
  readonly isOnce: boolean;
  /** Called for each copy that arrives, at once or later. */
  deliver(): void;
  /** Called for each copy that was on its way when something cut it off. */
  lose(why: Obstacle): void;
  /** A copy waits on its way (1), or not any more (-1), whether it then arrives or not. */
  wait(change: 1 | -1): void;
}

/** Why a message does not arrive, for the trace. */
export type Loss = Obstacle | 'lost';

interface Copy {
  readonly message: Passing;
}

/** One direction of the links between two nodes. */
interface Way {
  readonly from: NodeId;
  readonly to: NodeId;
  /** One queue, so that equal times keep the order of sending. */
  readonly departures: Departures;
  /** One element for each copy, in the order of sending. */
  readonly copies: Set<Copy>;
}

export class Network extends LinkTable {
  readonly #setup: NetworkSetup;
  readonly #ways = new Map<string, Way>();
  #lastAt = -Infinity;

  constructor(setup: NetworkSetup) {
    super(setup);
    this.#setup = setup;
  }

  /** How long ago a message was sent or delivered last, in milliseconds. */
  get quietMs(): number {
    for (const { copies } of this.#ways.values()) if (copies.size > 0) return 0;
    return this.#setup.now() - this.#lastAt;
  }

  /**
   * Lets a message pass. Returns why no copy will arrive; one that is on its way is lost if its
   * link is cut, also in this direction only, or one of its ends fails.
   */
  send(from: NodeId, to: NodeId, message: Passing): Loss | undefined {
    const obstacle = this.obstacle(from, to);
    if (obstacle !== undefined) return obstacle;
    const now = this.#setup.now();
    this.#lastAt = now;
    const delays = this.delays(from, to, message.isOnce ? { duplication: 0 } : {}, now);
    for (const ms of delays) this.#arrange(this.#way(from, to), now + ms, message);
    return delays.length === 0 ? 'lost' : undefined;
  }

  override unlink(a: NodeId, b: NodeId): boolean {
    const isDone = super.unlink(a, b);
    this.#loseObstructed();
    return isDone;
  }

  override mute(from: NodeId, to: NodeId): boolean {
    const isDone = super.mute(from, to);
    this.#loseObstructed();
    return isDone;
  }

  override setFailed(id: NodeId, isFailed: boolean): void {
    super.setFailed(id, isFailed);
    this.#loseObstructed();
  }

  stop(): void {
    for (const { departures, copies } of this.#ways.values()) {
      departures.clear();
      copies.clear();
    }
  }

  #way(from: NodeId, to: NodeId): Way {
    const name = `${from} ${to}`;
    const known = this.#ways.get(name);
    if (known !== undefined) return known;
    const way = { from, to, departures: new Departures(this.#setup), copies: new Set<Copy>() };
    this.#ways.set(name, way);
    return way;
  }

  #arrange({ departures, copies }: Way, dueMs: number, message: Passing): void {
    if (copies.size === 0 && dueMs <= this.#setup.now()) {
      message.deliver();
      return;
    }
    const copy: Copy = { message };
    copies.add(copy);
    message.wait(1);
    departures.add(dueMs, () => {
      copies.delete(copy);
      this.#lastAt = this.#setup.now();
      message.wait(-1);
      message.deliver();
    });
  }

  /** At once, so that nothing of it arrives after a repair. */
  #loseObstructed(): void {
    for (const { from, to, departures, copies } of this.#ways.values()) {
      const obstacle = copies.size > 0 ? this.obstacle(from, to) : undefined;
      if (obstacle === undefined) continue;
      departures.clear();
      const lost = [...copies];
      copies.clear();
      for (const { message } of lost) {
        message.wait(-1);
        message.lose(obstacle);
      }
    }
  }
}
