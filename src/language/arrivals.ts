// The lines at the beginning of a script that start nodes and make links, under way together. Lives
// begin and links open at once. But each node is told of its links in the order of the lines, and
// the lines end in their order, so that nothing tells that they ran together.
import type { NodeId } from '../kernel/ids.ts';

/** After it nodes may be told of a link; undefined if they may be told at once. */
export type Told = Promise<unknown> | undefined;

/** How many lines are under way at most: each starts a process. */
const MOST = 16;

export class Arrivals {
  readonly #lastByNode = new Map<NodeId, Promise<unknown>>();
  #lines: (() => Promise<void>)[] = [];

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  get isFull(): boolean {
    return this.#lines.length >= MOST;
  }

  /** Adds a line that has begun. `end` is called when it and all lines before it have ended. */
  add(line: Promise<boolean>, end: (isDone: boolean) => void): void {
    line.catch(() => undefined);
    this.#lines.push(async () => end(await line));
  }

  /** Ends all lines, in their order. Throws the failure of the first that failed. */
  async end(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    for (const line of lines) await line();
  }

  /**
   * Begins what a line does, and tells to these nodes only. It is given the end of all that earlier
   * lines tell to any of them.
   */
  enter(nodes: readonly NodeId[], begin: (told: Told) => Promise<void>): Promise<void> {
    const former = nodes.flatMap((node) => this.#lastByNode.get(node) ?? []);
    const done = begin(former.length === 0 ? undefined : Promise.all(former));
    const ended = done.catch(() => undefined);
    for (const node of nodes) this.#lastByNode.set(node, ended);
    return done;
  }
}

/** Begins what a line does as one of the arrivals, or by itself without them. */
export function arriving(
  arrivals: Arrivals | undefined,
  nodes: readonly NodeId[],
  begin: (told?: Told) => Promise<void>,
): Promise<void> {
  return arrivals === undefined ? begin() : arrivals.enter(nodes, begin);
}
