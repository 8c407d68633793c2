// Faults of single nodes: clocks that run fast or slow or jump, steps that take long, and stops of
// all execution, as a garbage collector or a lack of memory causes them. All but the stops are
// those of a machine, so they are the same for every life of a node.
import type { NodeId } from '../kernel/ids.ts';
import { createRandomStream, type RandomStream } from '../kernel/random.ts';
import { toEighths } from '../kernel/traffic.ts';

/** Probabilities and shares in [0, 1], times in milliseconds. */
export interface NodePlan {
  /** The share of nodes whose clocks run fast or slow, and by which part of the time at most. */
  readonly drifting: number;
  readonly drift: number;
  /** The share of time for which a wall clock is wrong, and by how much at most. */
  readonly jumping: number;
  readonly jumpMs: number;
  /** The share of time for which a node is slow, and how long each of its steps takes then. */
  readonly slow: number;
  readonly stepMs: number;
  /**
   * The probability that a node stops before a step that finds it free, and for how long at most,
   * from SHORTEST_STALL_MS. A step that waited for its turn comes after no stop of its own.
   */
  readonly stall: number;
  readonly stallMs: number;
}

export const HEALTHY_NODES: NodePlan = {
  ...{ drifting: 0, drift: 0, jumping: 0, jumpMs: 0 },
  ...{ slow: 0, stepMs: 0, stall: 0, stallMs: 0 },
};

/** Wall clocks become wrong or right, and nodes slow or fast, at multiples of this time. */
export const STRETCH_MS = 2_500;

/** A shorter stop would be like a late message. */
export const SHORTEST_STALL_MS = 50;

/** A simulation begins with the year 2000. */
const BEGINNING_MS = Date.UTC(2000, 0);

export class NodeFaults {
  plan: NodePlan;
  /** How many clocks drifted, looks at a wall clock were wrong, steps were slow, nodes stopped. */
  readonly troubles = { drifting: 0, jumped: 0, slow: 0, stalled: 0 };
  readonly #seed: number;
  readonly #machines = new Map<NodeId, Machine>();

  constructor(seed: number, plan: NodePlan) {
    this.#seed = seed;
    this.plan = plan;
  }

  /** The faults of one node, whatever its life. */
  of(id: NodeId): Machine {
    let machine = this.#machines.get(id);
    if (machine === undefined) {
      machine = new Machine(id, this.#seed, this);
      this.#machines.set(id, machine);
    }
    return machine;
  }

  /** Sets the faults from now on. The clocks of nodes go on from where they are. */
  change(plan: NodePlan, now: number): void {
    for (const machine of this.#machines.values()) machine.changing(now);
    this.plan = plan;
  }
}

/** One node's machine, which outlives its lives. */
export class Machine {
  readonly #faults: NodeFaults;
  readonly #stalls: RandomStream;
  readonly #jumps: Stretches;
  readonly #slowness: Stretches;
  /** Below the plan's share, the clock drifts; then by this part of the plan's drift. */
  readonly #rank: number;
  readonly #part: number;
  /** The world's time and its own when its rate changed last. */
  #changed = { world: 0, own: 0 };

  constructor(id: NodeId, seed: number, faults: NodeFaults) {
    this.#faults = faults;
    this.#stalls = createRandomStream(seed, `stalls ${id}`);
    this.#jumps = new Stretches((stretch) => createRandomStream(seed, `jump ${id} ${stretch}`));
    this.#slowness = new Stretches((stretch) => createRandomStream(seed, `slow ${id} ${stretch}`));
    const random = createRandomStream(seed, `drift ${id}`);
    this.#rank = random();
    const size = 0.5 + random() / 2;
    this.#part = random() < 0.5 ? -size : size;
    if (this.#rate !== 1) faults.troubles.drifting += 1;
  }

  /** Its own time at a time of the world; never goes back. */
  now(world: number): number {
    return this.#changed.own + (world - this.#changed.world) * this.#rate;
  }

  /** Whole milliseconds since 1970. */
  wallClock(world: number): number {
    return BEGINNING_MS + Math.floor(this.now(world)) + this.#jumpMs(world);
  }

  /** How long its own timer of `ms` takes in the world. The timer is never early. */
  lasting(ms: number): number {
    return this.#rate === 1 ? ms : Math.ceil((ms / this.#rate) * 8) / 8;
  }

  /** How long a step takes that begins at that time of the world. */
  stepMs(world: number): number {
    const { slow, stepMs } = this.#faults.plan;
    if (slow === 0 || this.#slowness.at(world).rank >= slow) return 0;
    this.#faults.troubles.slow += 1;
    return stepMs;
  }

  /** To be called before each step that finds the node free: for how long it stops, or 0. */
  stallMs(): number {
    const { stall, stallMs } = this.#faults.plan;
    if (stall === 0 || this.#stalls() >= stall) return 0;
    this.#faults.troubles.stalled += 1;
    return toEighths(SHORTEST_STALL_MS + this.#stalls() * (stallMs - SHORTEST_STALL_MS));
  }

  /** Its clock goes on from here at another rate. */
  changing(world: number): void {
    this.#changed = { world, own: this.now(world) };
  }

  #jumpMs(world: number): number {
    const { jumping, jumpMs } = this.#faults.plan;
    if (jumping === 0) return 0;
    const { rank, place } = this.#jumps.at(world);
    if (rank >= jumping) return 0;
    this.#faults.troubles.jumped += 1;
    return Math.round((2 * place - 1) * jumpMs);
  }

  get #rate(): number {
    const { drifting, drift } = this.#faults.plan;
    return this.#rank < drifting ? 1 + this.#part * drift : 1;
  }
}

/** Two random numbers for each stretch of time. */
class Stretches {
  readonly #randomOf: (stretch: number) => RandomStream;
  #latest = { stretch: -1, rank: 1, place: 0 };

  constructor(randomOf: (stretch: number) => RandomStream) {
    this.#randomOf = randomOf;
  }

  at(world: number): { readonly rank: number; readonly place: number } {
    const stretch = Math.floor(world / STRETCH_MS);
    if (this.#latest.stretch !== stretch) {
      const random = this.#randomOf(stretch);
      this.#latest = { stretch, rank: random(), place: random() };
    }
    return this.#latest;
  }
}
