// One life's Lamport clock and message numbers, and the trace events stamped with them: the work
// that the recorder of a real node does. Without a trace, only the clock and the numbers run.
import type { Life, Role } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import { OperationLines } from '../kernel/operationLines.ts';
import type { Intervention, Refused, TraceEvent, TraceSink } from '../kernel/trace.ts';
import type { Ending } from './ending.ts';
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

  /** The id of the message with that number; empty without a trace. */
  nameOf(number: number): string {
    return this.#sink === undefined ? '' : nameOf(this.#life, number);
  }

  /** The id of the next message; empty without a trace. */
  nextName(): string {
    return this.nameOf(this.nextNumber());
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
    this.#write(event, line);
  }

  /**
   * Records what the world does to the node or to one of its links, without a step of the clock.
   */
  see(event: Intervention, line?: number): void {
    this.#write(event, line);
  }

  /** Records the arrival of an order of the master. */
  ordered(method: string, message: string, line?: number): void {
    const lamport = this.tick();
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const event = 'receive';
    this.#emit({ at, node, incarnation, event, from: 'master', message, method, lamport }, line);
  }

  /** Records the answer to an order of the master, which is a message of its own. */
  answered(method: string, answers: string, line?: number): void {
    const message = this.nextName();
    const lamport = this.tick();
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const event = 'send';
    const told = { at, node, incarnation, event, to: 'master', method, message, answers } as const;
    this.#emit({ ...told, lamport }, line);
  }

  /** Records a call of the service, and returns the message's id. */
  askedService(method: string, params: Json): string {
    const message = this.nextName();
    const lamport = this.tick();
    if (this.#sink === undefined) return message;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const event = 'send';
    const told = { at, node, incarnation, event, to: 'master', method, message, params } as const;
    this.#emit({ ...told, lamport });
    return message;
  }

  /** Records the service's answer to the call with that id. */
  answeredByService(method: string, answers: string, isAwaited: boolean): void {
    const lamport = this.tick();
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const told = { at, node, incarnation, event: 'receive', from: 'master', method } as const;
    const message = `service/${answers}`;
    if (isAwaited) this.#emit({ ...told, message, answers, lamport });
    else this.#emit({ ...told, message, answers, late: true, lamport });
  }

  /** To be called after `tick`. */
  sent({ to, method, message, lamport, content }: Envelope): void {
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const told = { at, node, incarnation, event: 'send', to, method, message } as const;
    if ('params' in content) this.#emit({ ...told, params: content.params, lamport });
    else {
      const { answers, ending } = content;
      this.#emit({ ...told, answers: answers.message, ...refusalOf(ending), lamport });
    }
  }

  /** To be called after `hear`. */
  received({ from: { id: from }, method, message, content }: Envelope, isAwaited = true): void {
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const lamport = this.#lamport;
    const told = { at, node, incarnation, event: 'receive', from, method, message } as const;
    if ('params' in content) {
      this.#emit({ ...told, lamport });
      return;
    }
    const answers = content.answers.message;
    if (isAwaited) this.#emit({ ...told, answers, lamport });
    else this.#emit({ ...told, answers, late: true, lamport });
  }

  /** The world observes a drop, so the sender's clock takes no step. */
  dropped({ to, method, message, lamport }: Envelope, why: string): void {
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    this.#emit({ at, node, incarnation, event: 'drop', to, method, message, why, lamport });
  }

  #write(event: Unplaced<TraceEvent>, line?: number): void {
    if (this.#sink === undefined) return;
    const { id: node, incarnation } = this.#life;
    const at = this.#clock.now;
    const lamport = this.#lamport;
    this.#emit({ at, node, incarnation, ...event, lamport } as TraceEvent, line);
  }

  #emit(event: TraceEvent, line?: number): void {
    const cause = this.#operations ? this.#operations.lineOf(event, line) : line;
    this.#sink?.(cause === undefined ? event : { ...event, line: cause });
  }
}

function refusalOf(ending: Ending): Refused {
  if ('result' in ending) return {};
  const { error, detail: why } = ending;
  return why === undefined ? { error } : { error, why };
}
