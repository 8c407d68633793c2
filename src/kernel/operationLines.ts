// Attributes the messages of a client to the line of the script whose operation it carries out.
import type { TraceEvent } from './trace.ts';

type Kept = 'event' | 'from' | 'to' | 'message' | 'answers' | 'method';
type Attributed<E> = E extends TraceEvent ? Pick<E, Extract<keyof E, Kept>> : never;

/** Orders of the master that tell a client of links, and are no operations. */
const OF_LINKS: ReadonlySet<string> = new Set(['connect', 'disconnect']);

/**
 * The operations that one client has under way, by the trace events of its life, in their order. A
 * client has at most one under way unless lines run at once; then its messages have no line.
 */
export class OperationLines {
  readonly #lineByOrder = new Map<string, number>();
  /** Of the requests since the client was last idle. */
  readonly #lineByRequest = new Map<string, number>();

  /** The line of an event; `line` is that of the order which the event receives or answers. */
  lineOf(event: Attributed<TraceEvent>, line?: number): number | undefined {
    switch (event.event) {
      case 'send':
        if (event.to === 'master' && event.answers !== undefined) {
          this.#lineByOrder.delete(event.answers);
          return line;
        }
        return this.#requested(event.message);
      case 'receive':
        if (event.answers !== undefined) return this.#lineByRequest.get(event.answers);
        if (event.from === 'master') this.#ordered(event, line);
        return line;
      case 'drop':
        return this.#lineByRequest.get(event.message);
      default:
        return line;
    }
  }

  #ordered(order: { readonly message: string; readonly method: string }, line?: number): void {
    if (line === undefined || OF_LINKS.has(order.method)) return;
    if (this.#lineByOrder.size === 0) this.#lineByRequest.clear();
    this.#lineByOrder.set(order.message, line);
  }

  #requested(message: string): number | undefined {
    const lines = new Set(this.#lineByOrder.values());
    const [line] = lines;
    if (line === undefined || lines.size > 1) return undefined;
    this.#lineByRequest.set(message, line);
    return line;
  }
}
