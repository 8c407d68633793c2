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
  const lanes = findLanes(events);
  const laneByNode = new Map(lanes.map(({ node }, lane) => [node, lane]));
  const columns = createColumns(events.length);
  const methods = new Numbering();
  fillColumns(columns, events, { laneByNode, methods });
  chainLives(columns, events);
  joinMessages(columns, events);
  const isWitness = new Uint8Array(history.length);
  for (const operation of verdict.witness?.operations ?? []) isWitness[operation] = 1;
  return {
    ...{ events, history, lanes, laneByNode, ...columns, methods: methods.texts, isWitness },
    operations: findOperations(events, history),
  };
}

const ROLES = ['server', 'client', 'service'] as const;

function findLanes(events: readonly TraceEvent[]): Lane[] {
  const roles = new Map<NodeId | 'master', Lane['role']>();
  for (const event of events) {
    if (event.event === 'start') roles.set(event.node, event.role);
    else if (!roles.has(event.node)) {
      roles.set(event.node, event.node === 'master' ? 'service' : 'server');
    }
  }
  const lanes = Array.from(roles, ([node, role]) => ({ node, role }));
  return lanes.sort(
    (a, b) =>
      ROLES.indexOf(a.role) - ROLES.indexOf(b.role) ||
      (a.node === 'master' ? 1 : b.node === 'master' ? -1 : a.node - b.node),
  );
}

function createColumns(length: number): Columns {
  const indices = () => new Int32Array(length).fill(NONE);
  return {
    ...{ lane: indices(), kind: new Uint8Array(length), at: new Float64Array(length) },
    ...{ isControl: new Uint8Array(length), method: indices(), line: indices() },
    ...{ previous: indices(), next: indices(), sendOf: indices(), arrival: indices() },
    requestOf: indices(),
  };
}

interface Names {
  readonly laneByNode: ReadonlyMap<NodeId | 'master', number>;
  readonly methods: Numbering;
}

function fillColumns(
  { lane, kind, at, isControl, method, line }: Columns,
  events: readonly TraceEvent[],
  { laneByNode, methods }: Names,
): void {
  let now = 0;
  for (const [index, event] of events.entries()) {
    now = Math.max(now, event.at);
    at[index] = now;
    lane[index] = laneByNode.get(event.node) ?? NONE;
    kind[index] = KIND[event.event];
    line[index] = event.line ?? NONE;
    if (!('method' in event)) continue;
    method[index] = methods.numberOf(event.method);
    const other = event.event === 'receive' ? event.from : event.to;
    if (other === 'master') isControl[index] = 1;
  }
}

/** True for an event that takes a step of its node's clock. */
function isStep(kind: number | undefined): boolean {
  return (
    kind === KIND.start ||
    kind === KIND.crash ||
    kind === KIND.send ||
    kind === KIND.receive ||
    kind === KIND.note
  );
}

function chainLives({ lane, kind, previous, next }: Columns, events: readonly TraceEvent[]): void {
  const lastByLane = new Map<number, { incarnation: number; index: number }>();
  for (const [index, { incarnation }] of events.entries()) {
    if (!isStep(kind[index])) continue;
    const last = lastByLane.get(lane[index] as number);
    if (last?.incarnation === incarnation) {
      previous[index] = last.index;
      next[last.index] = index;
    }
    lastByLane.set(lane[index] as number, { incarnation, index });
  }
}

function joinMessages(columns: Columns, events: readonly TraceEvent[]): void {
  const { sendOf, arrival, requestOf } = columns;
  const sends = new Map<string, number>();
  /** Where a request was received, by its name. */
  const receipts = new Map<string, number>();
  for (const [index, event] of events.entries()) {
    if (event.event === 'send') sends.set(event.message, index);
    if (event.event === 'receive' && event.answers === undefined) {
      receipts.set(event.message, index);
    }
  }
  for (const [index, event] of events.entries()) {
    if (event.event === 'send' && event.answers !== undefined) {
      requestOf[index] = receipts.get(event.answers) ?? NONE;
    }
    if (event.event !== 'receive' && event.event !== 'drop') continue;
    const send = sends.get(event.message);
    if (send === undefined) continue;
    sendOf[index] = send;
    let last = send;
    while (arrival[last] !== NONE) last = arrival[last] as number;
    arrival[last] = index;
  }
}

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
