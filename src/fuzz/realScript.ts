// Draws a short random script for an engine. It runs in real time, so it has few lines, and none
// that only a simulation can do.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream } from '../kernel/random.ts';
import { RandomSource } from './randomSource.ts';

export interface RealOrder {
  /** The line that chooses the engine. */
  readonly choice: string;
  /** The ids that servers may have. */
  readonly ids: readonly NodeId[];
  /** Whether servers are killed and come back. */
  readonly hasKills: boolean;
  readonly hasCas: boolean;
}

const STEPS = [6, 18] as const;
const KEYS = ['x', 'y'];
/** Clients have ids above those of servers. */
const FIRST_CLIENT = 1_001;

/** The same order and seed always give the same lines. */
export function drawRealScript(order: RealOrder, seed: number): string[] {
  return new Drawing(order, new RandomSource(createRandomStream(seed, 'real script'))).lines();
}

class Drawing {
  readonly #order: RealOrder;
  readonly #random: RandomSource;
  readonly #servers: readonly NodeId[];
  readonly #clients: readonly NodeId[];
  #values = 0;

  constructor(order: RealOrder, random: RandomSource) {
    this.#order = order;
    this.#random = random;
    this.#servers = order.ids.slice(0, random.between(2, 5));
    this.#clients = Array.from({ length: random.between(2, 3) }, (_, at) => FIRST_CLIENT + at);
  }

  lines(): string[] {
    const random = this.#random;
    const joins = [
      this.#order.choice,
      ...this.#servers.map((id) => `joinServer ${id}`),
      ...this.#clients.map((id, at) => {
        return `joinClient ${id} ${this.#servers[at % this.#servers.length]}`;
      }),
    ];
    const steps = Array.from({ length: random.between(...STEPS) }, () => this.#step()).flat();
    // Reads come before the servers have become equal.
    return [...joins, ...steps, 'heal', ...this.#readAll(), 'stabilize'];
  }

  #step(): string[] {
    const random = this.#random;
    if (random.happens(0.35)) return [this.#operation()];
    if (random.happens(0.35)) return this.#block();
    return this.#trouble();
  }

  /** Every client reads each key once, when all links work. */
  #readAll(): string[] {
    return this.#clients.flatMap((client) => KEYS.map((key) => `get ${client} ${key}`));
  }

  #operation(): string {
    const random = this.#random;
    const client = random.pick(this.#clients);
    const key = random.pick(KEYS);
    if (random.happens(0.5)) return `get ${client} ${key}`;
    this.#values += 1;
    const value = `v${this.#values}`;
    const isCas = this.#order.hasCas && this.#values > 1 && random.happens(0.25);
    if (!isCas) return `put ${client} ${key} ${value}`;
    return `cas ${client} ${key} v${random.between(1, this.#values - 1)} ${value}`;
  }

  /** Operations at the same time, with a trouble among them. */
  #block(): string[] {
    const random = this.#random;
    const operations = Array.from({ length: random.between(2, 6) }, () => this.#operation());
    const trouble = random.happens(0.4) ? ['sleep 2ms', ...this.#cut()] : [];
    return ['concurrently', ...operations, ...trouble, 'end'];
  }

  #trouble(): string[] {
    const random = this.#random;
    if (random.happens(0.3)) return this.#cut();
    if (random.happens(0.3)) return ['heal'];
    const server = random.pick(this.#servers);
    if (random.happens(0.3)) {
      const most = random.pick([5, 50, 300]);
      return [`link all delay=0..${most}ms`, this.#operation(), 'link all reset'];
    }
    if (random.happens(0.4)) {
      return [`pauseServer ${server}`, ...this.#someOperations(), `resumeServer ${server}`];
    }
    if (this.#order.hasKills && random.happens(0.6)) {
      return [`killServer ${server}`, ...this.#someOperations(), `joinServer ${server}`];
    }
    const client = random.pick(this.#clients);
    return [`createConnection ${client} ${server}`, this.#operation()];
  }

  #someOperations(): string[] {
    return Array.from({ length: this.#random.between(1, 3) }, () => this.#operation());
  }

  #cut(): string[] {
    const random = this.#random;
    const [first, ...others] = random.shuffle(this.#servers);
    const [second] = others;
    if (second === undefined) return ['heal'];
    if (random.happens(0.3)) return [`breakConnection ${first} ${second} oneway`];
    return [`partition ${first} | ${others.join(' ')}`];
  }
}
