// Finds a short cycle in a directed graph. The cycle is the proof that an order does not exist; a
// short proof is easier to read.
import { at } from './historyTable.ts';

/** Edges by number. An explanation of a cycle mentions each heavy edge, and no light one. */
export interface Edges {
  readonly from: number[];
  readonly to: number[];
  readonly isHeavy: boolean[];
}

/** How many edges may be visited to find a shorter cycle. */
const SHORTENING_BUDGET = 4_000_000;
const MOST_STARTS = 256;

export function createEdges(): Edges {
  return { from: [], to: [], isHeavy: [] };
}

export function addEdge(edges: Edges, from: number, to: number, isHeavy: boolean): number {
  edges.from.push(from);
  edges.to.push(to);
  return edges.isHeavy.push(isHeavy) - 1;
}

/** The edge numbers of a cycle, in order, with few heavy ones; undefined if there is none. */
export function findCycle(size: number, edges: Edges): number[] | undefined {
  const graph = new Graph(size, edges);
  const left = graph.peel();
  return left === undefined ? undefined : graph.shorten(left, graph.anyCycle(left));
}

/** Returns the edges of a path with the fewest heavy edges; undefined if there is no path. */
export function findPath(
  size: number,
  edges: Edges,
  start: number,
  end: number,
): number[] | undefined {
  const graph = new Graph(size, edges);
  return graph.lightestPath(new Uint8Array(size).fill(1), start, end);
}

class Graph {
  readonly #size: number;
  readonly #edges: Edges;
  /** The edges that leave a node are in `#sorted` from `#starts[node]` on. */
  readonly #starts: Int32Array;
  readonly #sorted: Int32Array;
  #looked = 0;

  constructor(size: number, edges: Edges) {
    this.#size = size;
    this.#edges = edges;
    const starts = new Int32Array(size + 1);
    for (const node of edges.from) starts[node + 1] = at(starts, node + 1) + 1;
    for (let node = 0; node < size; node += 1)
      starts[node + 1] = at(starts, node + 1) + at(starts, node);
    const next = starts.slice();
    this.#sorted = new Int32Array(edges.from.length);
    for (let edge = 0; edge < edges.from.length; edge += 1) {
      const node = edges.from[edge] as number;
      const place = at(next, node);
      this.#sorted[place] = edge;
      next[node] = place + 1;
    }
    this.#starts = starts;
  }

  /**
   * Removes nodes without incoming edges until none is left. Returns marks of the remaining nodes;
   * undefined if none remains.
   */
  peel(): Uint8Array | undefined {
    const size = this.#size;
    const { to } = this.#edges;
    const incoming = new Int32Array(size);
    for (const node of to) incoming[node] = at(incoming, node) + 1;
    const free: number[] = [];
    for (let node = 0; node < size; node += 1) if (at(incoming, node) === 0) free.push(node);
    const isLeft = new Uint8Array(size).fill(1);
    let count = size;
    for (let node = free.pop(); node !== undefined; node = free.pop()) {
      isLeft[node] = 0;
      count -= 1;
      for (let place = at(this.#starts, node); place < at(this.#starts, node + 1); place += 1) {
        const target = to[at(this.#sorted, place)] as number;
        const remaining = at(incoming, target) - 1;
        incoming[target] = remaining;
        if (remaining === 0) free.push(target);
      }
    }
    return count === 0 ? undefined : isLeft;
  }

  /** Every remaining node has a remaining predecessor, so a backward walk ends in a cycle. */
  anyCycle(isLeft: Uint8Array): number[] {
    const { from, to } = this.#edges;
    const incomingEdge = new Int32Array(this.#size).fill(-1);
    for (let edge = 0; edge < to.length; edge += 1) {
      const target = to[edge] as number;
      if (at(isLeft, from[edge] as number) === 1) incomingEdge[target] = edge;
    }
    const seenAt = new Map<number, number>();
    const walked: number[] = [];
    let node = isLeft.indexOf(1);
    while (!seenAt.has(node)) {
      seenAt.set(node, walked.length);
      const edge = at(incomingEdge, node);
      walked.push(edge);
      node = from[edge] as number;
    }
    return walked.slice(seenAt.get(node)).reverse();
  }

  shorten(isLeft: Uint8Array, cycle: number[]): number[] {
    const { from, to, isHeavy } = this.#edges;
    const starts = cycle.filter((edge) => isHeavy[edge]);
    for (let edge = 0; edge < to.length && starts.length < MOST_STARTS; edge += 1) {
      const isInside =
        at(isLeft, from[edge] as number) === 1 && at(isLeft, to[edge] as number) === 1;
      if (isInside && isHeavy[edge]) starts.push(edge);
    }
    let best = cycle;
    for (const edge of starts) {
      if (this.#looked > SHORTENING_BUDGET) break;
      const path = this.lightestPath(isLeft, to[edge] as number, from[edge] as number);
      if (path === undefined) continue;
      const found = [edge, ...path];
      if (this.#cost(found) < this.#cost(best)) best = found;
    }
    return best;
  }

  /** Breadth-first search that follows light edges before heavy ones. */
  lightestPath(isLeft: Uint8Array, start: number, end: number): number[] | undefined {
    const { from, to, isHeavy } = this.#edges;
    const reachedBy = new Int32Array(this.#size).fill(-2);
    reachedBy[start] = -1;
    let layer = [start];
    while (layer.length > 0 && at(reachedBy, end) === -2) {
      const heavy: number[] = [];
      for (let index = 0; index < layer.length; index += 1) {
        const node = layer[index] as number;
        for (let place = at(this.#starts, node); place < at(this.#starts, node + 1); place += 1) {
          this.#looked += 1;
          const edge = at(this.#sorted, place);
          const target = to[edge] as number;
          if (at(reachedBy, target) !== -2 || at(isLeft, target) === 0) continue;
          if (isHeavy[edge]) heavy.push(edge);
          else {
            reachedBy[target] = edge;
            layer.push(target);
          }
        }
      }
      layer = [];
      for (const edge of heavy) {
        const target = to[edge] as number;
        if (at(reachedBy, target) !== -2) continue;
        reachedBy[target] = edge;
        layer.push(target);
      }
    }
    if (at(reachedBy, end) === -2) return undefined;
    const path: number[] = [];
    for (let node = end; node !== start; node = from[path.at(-1) as number] as number) {
      path.push(at(reachedBy, node));
    }
    return path.reverse();
  }

  #cost(cycle: readonly number[]): number {
    const heavy = cycle.filter((edge) => this.#edges.isHeavy[edge]).length;
    return heavy * this.#size + cycle.length;
  }
}
