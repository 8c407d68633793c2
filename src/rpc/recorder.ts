// The Lamport clock and message numbers of one life, and the trace events that they stamp. Events
// are sent in batches; without a reader, only the clock runs.
import type { Caller, Life, NodeId, Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Lateness, Refused, TraceEvent } from '../kernel/trace.ts';
import { countStep } from './compilation.ts';

/** Describes a message: its name in the run, and which call or answer it is. */
export interface MessageMark {
  readonly message: string;
  readonly answers?: string;
  readonly method: string;
}

type Unstamped<E> = E extends TraceEvent
  ? Omit<E, 'at' | 'node' | 'incarnation' | 'lamport'>
  : never;

export class Recorder {
  readonly #life: Life;
  readonly #now: () => number;
  readonly #emit: ((events: TraceEvent[]) => void) | undefined;
  #batch: TraceEvent[] = [];
  #lamport = 0;
  #count = 0;

  /** `emit` gets the events of each turn in one list, at the end of the turn. */
  constructor(life: Life, now: () => number, emit?: (events: TraceEvent[]) => void) {
    this.#life = life;
    this.#now = now;
    this.#emit = emit;
  }

  /** Whether the events have a reader; if not, callers need not compute details. */
  get isRead(): boolean {
    return this.#emit !== undefined;
  }

  /** The number of the next message: unique in this life. */
  nextCount(): number {
    this.#count += 1;
    countStep();
    return this.#count;
  }

  nameOf(count: number): string {
    return nameMessage(this.#life, count);
  }

  started(role: Role): void {
    this.#step({ event: 'start', role });
  }

  /** Returns the Lamport time that the message carries. */
  sent(to: Caller, mark: () => MessageMark & Refused, params?: Json): number {
    if (!this.isRead) return this.#tick();
    return this.#step({
      event: 'send',
      to,
      ...mark(),
      ...(params === undefined ? {} : { params }),
    });
  }

  /** `lamport` is the time in the message; 0 for a caller without a clock. */
  received(from: Caller, lamport: number, mark: () => MessageMark & Lateness): void {
    if (lamport > this.#lamport) this.#lamport = lamport;
    if (this.isRead) this.#step({ event: 'receive', from, ...mark() });
    else this.#tick();
  }

  /** A loss is observed from outside the nodes, so it does not advance the clock. */
  dropped(to: NodeId, why: string, mark: () => MessageMark): void {
    if (this.isRead) this.#add({ event: 'drop', to, why, ...mark() });
  }

  noted(label: string, detail: Json): void {
    this.#step({ event: 'note', label, detail });
  }

  /** Emits the waiting events now. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const events = this.#batch;
    this.#batch = [];
    this.#emit?.(events);
  }

  #tick(): number {
    this.#lamport += 1;
    return this.#lamport;
  }

  #step(event: Unstamped<TraceEvent>): number {
    this.#tick();
    if (this.isRead) this.#add(event);
    return this.#lamport;
  }

  #add(event: Unstamped<TraceEvent>): void {
    if (this.#batch.length === 0) setImmediate(() => this.flush());
    const { id: node, incarnation } = this.#life;
    const stamp = { at: this.#now(), node, incarnation, lamport: this.#lamport };
    this.#batch.push({ ...stamp, ...event } as TraceEvent);
  }
}

/** Names a call of the master to one node. The master counts its calls to each node separately. */
export function nameMasterCall(count: number): string {
  return `master#${count}`;
}

/** `3.1#17` */
export function nameMessage(life: Life, count: number): string {
  return `${life.id}.${life.incarnation}#${count}`;
}
