// One life's Lamport clock and message numbers, and the trace events stamped with them: the work
// that the recorder of a real node does. Without a trace, only the clock and the numbers run.
import type { Life, Role } from '../kernel/ids.ts';
import { OperationLines } from '../kernel/operationLines.ts';
import {
  causedBy,
  type Intervention,
  lateness,
  type TraceEvent,
  type TraceSink,
} from '../kernel/trace.ts';
import { type Envelope, nameOf } from './envelope.ts';

/** Distributes over the union, so that each kind of event keeps its own fields. */
type Unplaced<E> = E extends TraceEvent
  ? Omit<E, 'at' | 'node' | 'incarnation' | 'lamport' | 'line'>
  : never;

export class SimRecorder {
  readonly #life: Life;
  readonly #clock: { readonly now: number };
  readonly #sink: TraceSink | undefined;
  /** Undefined for a server. */
  readonly #operations: OperationLines | undefined;
  #lamport = 0;
  #messages = 0;

  constructor(
    life: Life & { readonly role: Role },
    clock: { readonly now: number },
    sink: TraceSink | undefined,
  ) {
    this.#life = life;
    this.#operations = life.role === 'client' ? new OperationLines() : undefined;
    this.#clock = clock;
    this.#sink = sink;
  }

  /** The number of the next message: unique in this life. */
  nextNumber(): number {
    this.#messages += 1;
    return this.#messages;
  }

  /** The id of the next message; empty without a trace. */
  nextName(): string {
    const number = this.nextNumber();
    return this.#sink === undefined ? '' : nameOf({ from: this.#life, number });
  }

  /** Takes a step of the clock, and returns its time. */
  tick(): number {
    this.#lamport += 1;
    return this.#lamport;
  }

  /** Takes the step of an effect whose cause had that time. */
  hear(lamport: number): void {
    this.#lamport = Math.max(this.#lamport, lamport) + 1;
  }

  /** Records an event that takes a step of the clock. */
  note(event: Unplaced<TraceEvent>, line?: number): void {
    this.#lamport += 1;
    this.#write(event, this.#lamport, line);
  }

  /**
   * Records what the world does to the node or to one of its links, without a step of the clock.
   */
  see(event: Intervention, line?: number): void {
    this.#write(event, this.#lamport, line);
  }

  /** Records the answer to a call of the master, which is a message of its own. */
  answered(method: string, answers: string, line?: number): void {
    const message = this.nextName();
    this.note({ event: 'send', to: 'master', method, message, answers }, line);
  }

  /** To be called after `tick`. */
  sent(envelope: Envelope): void {
    if (this.#sink === undefined) return;
    const { to, method, content } = envelope;
    const message = nameOf(envelope);
    const rest =
      'params' in content ? { params: content.params } : { answers: nameOf(content.answers) };
    this.#write({ event: 'send', to, method, message, ...rest });
  }

  /** To be called after `hear`. */
  received(envelope: Envelope, isAwaited = true): void {
    if (this.#sink === undefined) return;
    const { from, method, content } = envelope;
    const answers = 'answers' in content ? { answers: nameOf(content.answers) } : {};
    const rest = { message: nameOf(envelope), ...answers, ...lateness(isAwaited) };
    this.#write({ event: 'receive', from: from.id, method, ...rest });
  }

  /** The world observes a drop, so the sender's clock takes no step. */
  dropped(envelope: Envelope, why: string): void {
    if (this.#sink === undefined) return;
    const { to, method, lamport } = envelope;
    this.#write({ event: 'drop', to, method, message: nameOf(envelope), why }, lamport);
  }

  #write(event: Unplaced<TraceEvent>, lamport = this.#lamport, line?: number): void {
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const placed = { at: this.#clock.now, node, incarnation, ...event, lamport };
    const cause = this.#operations ? this.#operations.lineOf(event, line) : line;
    this.#sink({ ...placed, ...causedBy(cause) } as TraceEvent);
  }
}
