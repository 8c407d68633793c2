// All outputs that the assignment permits for a small script about one key, by trying every order
// of the puts, every choice of server, and every moment at which a write may arrive. Too slow for
// real scripts, and too simple to be wrong where the oracle is.

import type { AssignmentScript, Get, Parts, Put, Step } from '../../src/grading/oracle/steps.ts';
import type { NodeId } from '../../src/kernel/ids.ts';

/** The number of a put, or this. */
const NONE = -1;

interface State {
  /** By server. */
  readonly current: ReadonlyMap<NodeId, number>;
  /** What may have arrived at a server. */
  readonly arrived: ReadonlyMap<NodeId, ReadonlySet<number>>;
  /** What a server has certainly received. */
  readonly received: ReadonlyMap<NodeId, ReadonlySet<number>>;
  readonly depends: ReadonlyMap<NodeId, number>;
  readonly parts: Parts;
}

export function listOutputs({ steps }: AssignmentScript): Set<string> {
  const puts = steps.filter((step): step is Put => step.kind === 'put');
  const outputs = new Set<string>();
  for (const order of permutations(puts.map((_, index) => index))) {
    const rank = (write: number): number => order.indexOf(write);
    new Exhaustion(steps, puts, rank, outputs).run();
  }
  return outputs;
}

class Exhaustion {
  readonly #steps: readonly Step[];
  readonly #puts: readonly Put[];
  readonly #rank: (write: number) => number;
  readonly #outputs: Set<string>;

  constructor(
    steps: readonly Step[],
    puts: readonly Put[],
    rank: (write: number) => number,
    outputs: Set<string>,
  ) {
    this.#steps = steps;
    this.#puts = puts;
    this.#rank = rank;
    this.#outputs = outputs;
  }

  run(): void {
    const maps = { current: new Map(), arrived: new Map(), received: new Map() };
    const state = { ...maps, depends: new Map(), parts: [] };
    this.#go(0, state, '');
  }

  #go(at: number, state: State, output: string): void {
    const step = this.#steps[at];
    if (step === undefined) {
      this.#outputs.add(output);
      return;
    }
    for (const [next, line] of this.#after(step, state)) this.#go(at + 1, next, output + line);
  }

  *#after(step: Step, state: State): Generator<readonly [State, string]> {
    const { arrived } = state;
    switch (step.kind) {
      case 'join':
        yield [{ ...state, ...this.#adopt(state, step.server, NONE) }, ''];
        return;
      case 'end':
        yield [{ ...state, received: set(state.received, step.server, new Set()) }, ''];
        return;
      case 'parts': {
        const next = new Map(arrived);
        for (const part of step.parts) {
          const all = part.flatMap((id) => [...(arrived.get(id) ?? [])]);
          for (const id of part) next.set(id, new Set(all));
        }
        yield [{ ...state, arrived: next, parts: step.parts }, ''];
        return;
      }
      case 'stabilize':
        for (const next of this.#merged(step.parts, state)) yield [next, ''];
        return;
      case 'put':
        for (const server of step.servers) yield* this.#put(step, server, state);
        return;
      case 'get':
        for (const server of step.servers) yield* this.#get(step, server, state);
        return;
      case 'show':
        throw new Error('no printStore here');
    }
  }

  #adopt({ current, received }: State, server: NodeId, write: number) {
    const all = new Set([...(received.get(server) ?? []), write]);
    return { current: set(current, server, write), received: set(received, server, all) };
  }

  *#merged([part, ...others]: Parts, state: State): Generator<State> {
    if (part === undefined) {
      yield state;
      return;
    }
    const held = part.map((id) => state.current.get(id) ?? NONE);
    const last = held.reduce((a, b) => (this.#rank(b) > this.#rank(a) ? b : a), NONE);
    const all = part.flatMap((id) => [...(state.arrived.get(id) ?? [])]);
    const later = all.filter((write) => this.#rank(write) > this.#rank(last));
    const received = new Map(state.received);
    const known = part.flatMap((id) => [...(received.get(id) ?? [])]);
    for (const winner of new Set([last, ...later])) {
      const current = new Map(state.current);
      const arrived = new Map(state.arrived);
      for (const id of part) {
        current.set(id, winner);
        arrived.set(id, new Set(winner === NONE ? [] : [winner]));
        received.set(id, new Set([...known, winner]));
      }
      yield* this.#merged(others, { ...state, current, arrived, received });
    }
  }

  *#put(step: Put, server: NodeId, state: State): Generator<readonly [State, string]> {
    const write = this.#puts.indexOf(step);
    const { current, arrived, depends, parts } = state;
    const before = [current.get(server) ?? NONE, depends.get(step.client) ?? NONE];
    if (before.some((one) => this.#rank(one) > this.#rank(write))) return;
    const next = new Map(arrived);
    for (const id of parts.find((part) => part.includes(server)) ?? []) {
      next.set(id, new Set([...(arrived.get(id) ?? []), write]));
    }
    const own = {
      ...this.#adopt(state, server, write),
      depends: set(depends, step.client, write),
    };
    yield [{ ...state, ...own, arrived: next }, ''];
  }

  *#get(step: Get, server: NodeId, state: State): Generator<readonly [State, string]> {
    const { key, client } = step;
    const held = state.current.get(server) ?? NONE;
    const arrived = [...(state.arrived.get(server) ?? [])];
    const later = arrived.filter((write) => this.#rank(write) > this.#rank(held));
    const depends = state.depends.get(client) ?? NONE;
    for (const write of new Set([held, ...later])) {
      const next = { ...state, ...this.#adopt(state, server, write) };
      const hasDependency = next.received.get(server)?.has(depends) ?? false;
      if (depends !== NONE && !hasDependency) yield [next, `${key}:ERR_DEP\n`];
      if (write === NONE) yield [next, `${key}:ERR_KEY\n`];
      if (write !== NONE && this.#rank(write) >= this.#rank(depends)) {
        const { value } = this.#puts[write] as Put;
        yield [{ ...next, depends: set(state.depends, client, write) }, `${key}:${value}\n`];
      }
    }
  }
}

function set<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map([...map, [key, value]]);
}

function* permutations(items: readonly number[]): Generator<readonly number[]> {
  if (items.length === 0) yield [];
  for (const first of items) {
    for (const rest of permutations(items.filter((item) => item !== first))) yield [first, ...rest];
  }
}
