// The trace of one life on a process: the events that the process reports, and those that the world
// causes. A process does not know the lines of the script; this adds the line that caused an event.
import type { NodeSpec } from '../kernel/cluster.ts';
import { OperationLines } from '../kernel/operationLines.ts';
import {
  type Caused,
  causedBy,
  type Intervention,
  type TraceEvent,
  type TraceSink,
} from '../kernel/trace.ts';
import { nameMasterCall } from '../rpc/recorder.ts';

export class LifeTrace {
  readonly #life: NodeSpec;
  readonly #now: () => number;
  readonly #sink: TraceSink;
  readonly #lineByCall = new Map<string, number>();
  /** Undefined for a server. */
  readonly #operations: OperationLines | undefined;
  /** The Lamport time of the last event that the process has reported. */
  #lamport = 0;

  constructor(life: NodeSpec, now: () => number, sink: TraceSink) {
    this.#life = life;
    this.#operations = life.role === 'client' ? new OperationLines() : undefined;
    this.#now = now;
    this.#sink = sink;
  }

  /** The master makes the call with this number because of this line. */
  called(number: number, line: number): void {
    this.#lineByCall.set(nameMasterCall(number), line);
  }

  /** Records the events that the process reports. */
  told(events: readonly TraceEvent[]): void {
    for (const event of events) {
      this.#lamport = event.lamport;
      this.#sink({ ...event, ...this.#causeOf(event) });
    }
  }

  /** Records an intervention of the world on the node, or on one of its links. */
  see(event: Intervention, line?: number): void {
    this.#sink({ ...this.#stamp(this.#lamport), ...event, ...causedBy(line) });
  }

  /** Records the end of the life. */
  end(line?: number): void {
    this.#sink({ ...this.#stamp(this.#lamport + 1), event: 'crash', ...causedBy(line) });
  }

  #stamp(lamport: number) {
    const { id: node, incarnation } = this.#life;
    return { at: this.#now(), node, incarnation, lamport };
  }

  #causeOf(event: TraceEvent): Caused {
    if (event.event === 'start') return causedBy(this.#life.line);
    const call = callOf(event);
    const line = call === undefined ? undefined : this.#lineByCall.get(call);
    if (call !== undefined && event.event === 'send') this.#lineByCall.delete(call);
    return causedBy(this.#operations ? this.#operations.lineOf(event, line) : line);
  }
}

/** The call of the master that the event receives or answers; undefined for other events. */
function callOf(event: TraceEvent): string | undefined {
  if (event.event === 'receive' && event.from === 'master') return event.message;
  return event.event === 'send' && event.to === 'master' ? event.answers : undefined;
}
