// Calls a protocol's invariants after every event of a world.
import { lifeKey } from '../kernel/ids.ts';
import type { Invariants, Witnessed } from '../kernel/invariants.ts';
import type { Json } from '../kernel/json.ts';
import type { RoundOutcome } from '../kernel/round.ts';
import type { SimNode } from './simNode.ts';

export interface WatchedWorld {
  living(): Witnessed[];
  witness(node: SimNode): Witnessed;
}

export class InvariantWatch {
  /** The node that the current event concerns. */
  touched: SimNode | undefined;
  readonly #invariants: Invariants | undefined;
  readonly #world: WatchedWorld;

  /** Without invariants nothing is checked. */
  constructor(invariants: Invariants | undefined, world: WatchedWorld) {
    this.#invariants = invariants;
    this.#world = world;
  }

  checkTouched(): void {
    const node = this.touched;
    this.touched = undefined;
    if (node === undefined) return;
    const facts = node.takeFacts();
    if (node.isAlive && node.hasBegun) {
      this.#invariants?.changed(this.#world.witness(node), facts);
    }
  }

  ended({ env }: SimNode): void {
    this.#invariants?.ended?.(env.self);
  }

  /**
   * The invariants see a round when its root begins it, which may be after a pause: the states at
   * that moment, of the live servers that were alive already when the round was asked for. The
   * round knows no others.
   */
  expectRound(root: SimNode, params: Json): void {
    const { round } = params as { round: number };
    const known = new Set(this.#world.living().map(({ life }) => lifeKey(life)));
    root.run('master', () => {
      const servers = this.#world.living().filter(({ role }) => role === 'server');
      const before = servers.filter(({ life }) => known.has(lifeKey(life)));
      this.#invariants?.stabilizing(round, before);
    });
  }

  stabilized(params: Json, result: Json): void {
    const { round } = params as { round: number };
    const { reached } = result as unknown as RoundOutcome;
    const isReached = ({ life }: Witnessed): boolean => reached.includes(life.id);
    this.#invariants?.stabilized(round, this.#world.living().filter(isReached));
  }
}
