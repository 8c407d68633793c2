import { describe, expect, it } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import { type Gather, type RoundEnv, Rounds, type Spread } from '../../src/replication/rounds.ts';

type Store = readonly string[];

/** Servers that answer at once, or are silent. The store of each begins with its own id. */
class Network {
  readonly silent = new Set<NodeId>();
  /** Messages that arrive twice: `gather`, `spread`. */
  readonly repeated = new Set<string>();
  readonly asked: string[] = [];
  readonly #stores = new Map<NodeId, Set<string>>();
  readonly #rounds = new Map<NodeId, Rounds<Store>>();

  constructor(links: readonly (readonly [NodeId, NodeId])[]) {
    for (const id of new Set(links.flat())) {
      this.#stores.set(id, new Set([`of ${id}`]));
      const peers = links.flatMap(([a, b]) => (a === id ? [b] : b === id ? [a] : []));
      const store = this.#stores.get(id) as Set<string>;
      const member = {
        peers,
        store: () => [...store],
        merge: (other: Store) => {
          for (const entry of other) store.add(entry);
        },
      };
      this.#rounds.set(id, new Rounds(this.#env(id), member));
    }
  }

  at(id: NodeId): Rounds<Store> {
    return this.#rounds.get(id) as Rounds<Store>;
  }

  storeOf(id: NodeId): string {
    return [...(this.#stores.get(id) ?? [])].sort().join(', ');
  }

  async stabilize(root: NodeId, round = 1, avoid: NodeId[] = []) {
    const known = [...this.#rounds.keys()];
    const outcome = await this.at(root).stabilize({ round, avoid, known, budgetMs: 5_000 });
    return { reached: outcome.reached.sort(), missing: outcome.missing.sort() };
  }

  #env(id: NodeId): RoundEnv<Store> {
    const handle = (to: NodeId, method: string, params: unknown): Promise<unknown> => {
      const { gather, spread } = this.at(to).handlers;
      return method === 'gather'
        ? gather(id, params as Gather)
        : spread(id, params as Spread<Store>);
    };
    const call = async (to: NodeId, method: string, params: unknown) => {
      this.asked.push(`${id} ${method} ${to}`);
      if (this.silent.has(to)) throw new CallError('ERR_UNREACHABLE');
      const first = handle(to, method, params);
      return this.repeated.has(method) ? handle(to, method, params) : first;
    };
    return { self: { id, incarnation: 1 }, call: call as RoundEnv<Store>['call'] };
  }
}

const LINE = [
  [0, 1],
  [1, 2],
  [2, 3],
] as const;
const RING = [...LINE, [3, 0]] as const;
const ALL = 'of 0, of 1, of 2, of 3';

describe('a round', () => {
  it.each([
    ['line', LINE, 1],
    ['line, from its end', LINE, 0],
    ['ring', RING, 2],
    ['mesh', [...RING, [0, 2], [1, 3]] as const, 3],
  ])('makes all stores of a %s equal', async (_name, links, root) => {
    const network = new Network(links);
    expect(await network.stabilize(root)).toEqual({ reached: [0, 1, 2, 3], missing: [] });
    for (const id of [0, 1, 2, 3]) expect(network.storeOf(id)).toBe(ALL);
  });

  it('names a silent server, and reaches the others on another way', async () => {
    const network = new Network(RING);
    network.silent.add(1);
    expect(await network.stabilize(0)).toEqual({ reached: [0, 2, 3], missing: [1] });
    expect(network.storeOf(2)).toBe('of 0, of 2, of 3');
  });

  it('does not ask the servers that it has to avoid', async () => {
    const network = new Network(RING);
    expect(await network.stabilize(0, 1, [1])).toEqual({ reached: [0, 2, 3], missing: [] });
    expect(network.asked.filter((asked) => asked.endsWith(' 1'))).toEqual([]);
  });

  it('names a child that falls silent before the result is spread', async () => {
    const network = new Network(LINE);
    const gather = network.at(2).gather.bind(network.at(2));
    network.at(2).gather = (from: NodeId, params: Gather) => {
      network.silent.add(2);
      return gather(from, params);
    };
    expect(await network.stabilize(0)).toEqual({ reached: [0, 1], missing: [2] });
  });

  it.each(['gather', 'spread'])('gives a copy of %s the answer of the first', async (method) => {
    const network = new Network(LINE);
    network.repeated.add(method);
    expect(await network.stabilize(0)).toEqual({ reached: [0, 1, 2, 3], missing: [] });
    expect(network.storeOf(0)).toBe(ALL);
    expect(network.asked).toHaveLength(6);
  });

  it('does not mix with an earlier one', async () => {
    const network = new Network(LINE);
    await network.stabilize(3, 2);
    const budget = { budgetMs: 100, stepMs: 10 };
    const late = { round: 1, avoid: [], ...budget };
    expect(await network.at(1).gather(0, late)).toEqual({ store: null, reached: [], missing: [] });
    const spread = { round: 1, store: ['from nowhere'], ...budget };
    expect(await network.at(1).spread(0, spread)).toEqual({ reached: [], missing: [] });
    expect(network.storeOf(1)).toBe(ALL);
  });

  it('leaves less time to servers that are farther from the root', async () => {
    const network = new Network(LINE);
    const budgets: number[] = [];
    for (const id of [1, 2, 3]) {
      const gather = network.at(id).gather.bind(network.at(id));
      network.at(id).gather = (from: NodeId, params: Gather) => {
        budgets.push(params.budgetMs);
        return gather(from, params);
      };
    }
    await network.stabilize(0);
    expect(budgets).toEqual([2_000, 1_500, 1_000]);
  });
});
