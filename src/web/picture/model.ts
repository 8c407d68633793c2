// The events of a run as columns: typed arrays with one entry for each event, so that a million of
// them stay quick. It knows nothing of where things are drawn.
import type { Recorded } from '../../kernel/history.ts';
import type { NodeId, Role } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import type { RunView } from '../view.ts';
import { findOperations, type OperationEnds } from './operations.ts';

export const KINDS = [
  'start',
  'crash',
  'link',
  'cut',
  'mute',
  'pause',
  'resume',
  'send',
  'receive',
  'drop',
  'note',
] as const satisfies readonly TraceEvent['event'][];

type Kind = (typeof KINDS)[number];

/** The number of each kind in the column `kind`. */
export const KIND = Object.fromEntries(KINDS.map((kind, number) => [kind, number])) as {
  readonly [kind in Kind]: number;
};

/** No event, no lane, no method, no line. */
export const NONE = -1;

/** One horizontal line of the diagram: a node through all its lives. */
export interface Lane {
  readonly node: NodeId | 'master';
  readonly role: Role | 'service';
}

/** Events are named by their index in `events`. */
export interface Model {
  readonly events: readonly TraceEvent[];
  readonly history: readonly Recorded[];
  /** Servers, clients, then the configuration service if it has notes; each by number. */
  readonly lanes: readonly Lane[];
  readonly laneByNode: ReadonlyMap<NodeId | 'master', number>;
  readonly lane: Int32Array;
  readonly kind: Uint8Array;
  /** Milliseconds; never less than those of the event before. */
  readonly at: Float64Array;
  /** 1 for a message from or to the master. */
  readonly isControl: Uint8Array;
  /** Index in `methods`. */
  readonly method: Int32Array;
  readonly methods: readonly string[];
  readonly line: Int32Array;
  /** Neighbours within the life, external events left out. */
  readonly previous: Int32Array;
  readonly next: Int32Array;
  /** Of a receipt or a loss: where the message was sent. */
  readonly sendOf: Int32Array;
  /** Of a send: the first receipt or loss; of a receipt or loss: the next of the same message. */
  readonly arrival: Int32Array;
  /** Of a reply's send: where the request was received; of a request's, `NONE`. */
  readonly requestOf: Int32Array;
  /** The events of each operation of the history. */
  readonly operations: OperationEnds;
  /** 1 for the operations of the witness. */
  readonly isWitness: Uint8Array;
}

export type Columns = Pick<
  Model,
  | 'lane'
  | 'kind'
  | 'at'
  | 'isControl'
  | 'method'
  | 'line'
  | 'previous'
  | 'next'
  | 'sendOf'
  | 'arrival'
  | 'requestOf'
>;

export function buildModel({
  events,
  history,
  verdict,
}: Pick<RunView, 'events' | 'history' | 'verdict'>): Model {
  const reader = new Reader(events.length);
  // A plain loop: of a million events each pass over the objects is felt.
  for (let index = 0; index < events.length; index += 1) {
    reader.take(index, events[index] as TraceEvent);
  }
  const { columns, methods } = reader;
  reader.joinEarlyArrivals(events);
  const lanes = reader.sortLanes();
  const isWitness = new Uint8Array(history.length);
  for (const operation of verdict.witness?.operations ?? []) isWitness[operation] = 1;
  return {
    ...{ events, history, lanes, ...columns, methods: methods.texts, isWitness },
    laneByNode: new Map(lanes.map(({ node }, lane) => [node, lane])),
    operations: findOperations(columns, events, history),
  };
}

const ROLES = ['server', 'client', 'service'] as const;

function createColumns(length: number): Columns {
  const indices = () => new Int32Array(length).fill(NONE);
  return {
    ...{ lane: indices(), kind: new Uint8Array(length), at: new Float64Array(length) },
    ...{ isControl: new Uint8Array(length), method: indices(), line: indices() },
    ...{ previous: indices(), next: indices(), sendOf: indices(), arrival: indices() },
    requestOf: indices(),
  };
}

/** True for an event that takes a step of its node's clock. */
function isStep({ event }: TraceEvent): boolean {
  return (
    event === 'send' ||
    event === 'receive' ||
    event === 'note' ||
    event === 'start' ||
    event === 'crash'
  );
}

interface OpenLane {
  readonly node: NodeId | 'master';
  readonly number: number;
  role: Lane['role'];
  incarnation: number;
  /** The last step of that life. */
  last: number;
}

/** Fills the columns in one pass over the events. */
class Reader {
  readonly columns: Columns;
  readonly methods = new Numbering();
  readonly #lanes = new Map<NodeId | 'master', OpenLane>();
  readonly #sends = new Map<string, number>();
  /** Receipts and losses whose send has not come yet. */
  readonly #early: number[] = [];
  #now = 0;

  constructor(length: number) {
    this.columns = createColumns(length);
  }

  take(index: number, event: TraceEvent): void {
    const { at, kind, line, lane } = this.columns;
    this.#now = Math.max(this.#now, event.at);
    at[index] = this.#now;
    kind[index] = KIND[event.event];
    if (event.line !== undefined) line[index] = event.line;
    const own = this.#laneOf(event.node);
    lane[index] = own.number;
    if (event.event === 'start') own.role = event.role;
    if (isStep(event)) this.#chain(index, event.incarnation, own);
    switch (event.event) {
      case 'send':
        this.#send(index, event);
        break;
      case 'receive':
      case 'drop':
        this.#arrive(index, event);
        break;
    }
  }

  #laneOf(node: NodeId | 'master'): OpenLane {
    let lane = this.#lanes.get(node);
    if (lane === undefined) {
      const role = node === 'master' ? 'service' : 'server';
      lane = { node, number: this.#lanes.size, role, incarnation: 0, last: NONE };
      this.#lanes.set(node, lane);
    }
    return lane;
  }

  #chain(index: number, incarnation: number, lane: OpenLane): void {
    if (lane.last !== NONE && lane.incarnation === incarnation) {
      this.columns.previous[index] = lane.last;
      this.columns.next[lane.last] = index;
    }
    lane.incarnation = incarnation;
    lane.last = index;
  }

  #send(index: number, { message, answers, method, to }: Sent): void {
    const { columns } = this;
    columns.method[index] = this.methods.numberOf(method);
    if (to === 'master') columns.isControl[index] = 1;
    this.#sends.set(message, index);
    if (answers === undefined) return;
    const request = this.#sends.get(answers);
    if (request !== undefined) columns.requestOf[index] = columns.arrival[request] as number;
  }

  #arrive(index: number, event: Arrived): void {
    const { columns } = this;
    columns.method[index] = this.methods.numberOf(event.method);
    if (event.event === 'receive' && event.from === 'master') {
      columns.isControl[index] = 1;
      return;
    }
    const send = this.#sends.get(event.message);
    if (send === undefined) this.#early.push(index);
    else this.#join(send, index);
  }

  #join(send: number, index: number): void {
    const { sendOf, arrival } = this.columns;
    sendOf[index] = send;
    let last = send;
    while (arrival[last] !== NONE) last = arrival[last] as number;
    arrival[last] = index;
  }

  /** Traces of real processes are put together from several: an arrival may be read before. */
  joinEarlyArrivals(events: readonly TraceEvent[]): void {
    for (const index of this.#early) {
      const send = this.#sends.get((events[index] as Arrived).message);
      if (send !== undefined) this.#join(send, index);
    }
  }

  /** Numbers the lanes from top to bottom. */
  sortLanes(): Lane[] {
    const lanes = [...this.#lanes.values()].sort(
      (a, b) =>
        ROLES.indexOf(a.role) - ROLES.indexOf(b.role) ||
        (a.node === 'master' ? 1 : b.node === 'master' ? -1 : a.node - b.node),
    );
    const places = new Int32Array(lanes.length);
    for (const [at, { number }] of lanes.entries()) places[number] = at;
    const { lane } = this.columns;
    for (let index = 0; index < lane.length; index += 1) {
      lane[index] = places[lane[index] as number] as number;
    }
    return lanes.map(({ node, role }) => ({ node, role }));
  }
}

type Sent = Extract<TraceEvent, { readonly event: 'send' }>;
type Arrived = Extract<TraceEvent, { readonly event: 'receive' | 'drop' }>;

/** Gives each text a number, from 0. */
class Numbering {
  readonly texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  numberOf(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.texts.length;
      this.texts.push(text);
      this.#numbers.set(text, number);
    }
    return number;
  }
}
