// The trace of one life whose messages pass through the master: it sees them on both sides, so it
// keeps the node's Lamport clock too.
import type { Caller, Life, NodeId, Role } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { causedBy, type Intervention, lateness, type TraceSink } from '../../kernel/trace.ts';

export interface MessageEvent {
  readonly message: string;
  readonly method: string;
  /** Of a reply: the name of the message that it answers. */
  readonly answers?: string | undefined;
  readonly line?: number | undefined;
}

export class LifeEvents {
  readonly #life: Life;
  readonly #now: () => number;
  /** Undefined if nobody reads the trace: then nothing is recorded. */
  readonly #sink: TraceSink | undefined;
  #lamport = 0;
  #count = 0;

  constructor({ id, incarnation }: Life, now: () => number, sink: TraceSink | undefined) {
    this.#life = { id, incarnation };
    this.#now = now;
    this.#sink = sink;
  }

  get isRead(): boolean {
    return this.#sink !== undefined;
  }

  /** A name for the next message of this life: `3.1#17`. */
  nextName(): string {
    this.#count += 1;
    return `${this.#life.id}.${this.#life.incarnation}#${this.#count}`;
  }

  started(role: Role, line: number | undefined): void {
    this.#sink?.({ ...this.#step(), event: 'start', role, ...causedBy(line) });
  }

  ended(line: number | undefined): void {
    this.#sink?.({ ...this.#step(), event: 'crash', ...causedBy(line) });
  }

  intervened(event: Intervention, line: number | undefined): void {
    this.#sink?.({ ...this.#stamp(), ...event, ...causedBy(line) });
  }

  /** Returns the Lamport time that the message carries. */
  sent(to: Caller, { line, ...message }: MessageEvent, params?: Json): number {
    this.#sink?.({
      ...this.#step(),
      event: 'send',
      to,
      ...named(message),
      ...(params !== undefined && { params }),
      ...causedBy(line),
    });
    return this.#lamport;
  }

  received(
    from: Caller,
    lamport: number,
    { line, ...message }: MessageEvent,
    isAwaited = true,
  ): void {
    this.#lamport = Math.max(this.#lamport, lamport);
    const late = lateness(isAwaited);
    this.#sink?.({
      ...{ ...this.#step(), event: 'receive', from, ...named(message), ...late },
      ...causedBy(line),
    });
  }

  dropped(to: NodeId, why: string, { line, ...message }: MessageEvent): void {
    const drop = { event: 'drop', to, why } as const;
    this.#sink?.({ ...this.#stamp(), ...drop, ...named(message), ...causedBy(line) });
  }

  noted(label: string, detail: Json, line: number | undefined): void {
    this.#sink?.({ ...this.#step(), event: 'note', label, detail, ...causedBy(line) });
  }

  #step() {
    this.#lamport += 1;
    return this.#stamp();
  }

  #stamp() {
    return { at: this.#now(), ...lifeOf(this.#life), lamport: this.#lamport };
  }
}

function lifeOf({ id: node, incarnation }: Life) {
  return { node, incarnation };
}

function named({ message, method, answers }: MessageEvent) {
  return { message, method, ...(answers !== undefined && { answers }) };
}
