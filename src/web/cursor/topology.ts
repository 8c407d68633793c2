// The nodes and links after a number of events, as the trace tells them.
import type { NodeId, Role } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';

export interface TopologyNode {
  readonly id: NodeId;
  readonly role: Role;
  /** Of the last life that has begun. */
  readonly incarnation: number;
  readonly isAlive: boolean;
  readonly isPaused: boolean;
  /** By the command `fail`: it runs, but its calls and those to it fail. */
  readonly isFailed: boolean;
  /** It is cut off from the configuration service. */
  readonly isCutOff: boolean;
}

export interface TopologyLink {
  /** The smaller id is the first. */
  readonly ends: readonly [NodeId, NodeId];
  /** Cut in both directions. */
  readonly isCut: boolean;
  /** Those of its ends whose messages do not arrive at the other. */
  readonly muted: readonly NodeId[];
}

export interface Topology {
  /** By id: all that have ever begun. */
  readonly nodes: readonly TopologyNode[];
  /** Of live nodes, by their ends. */
  readonly links: readonly TopologyLink[];
}

/** What the master tells a node to do below the protocol. */
const ORDERS: ReadonlyMap<string, Partial<TopologyNode>> = new Map([
  ['fail', { isFailed: true }],
  ['recover', { isFailed: false }],
  ['disconnectService', { isCutOff: true }],
  ['connectService', { isCutOff: false }],
]);

const CHANGES: ReadonlySet<TraceEvent['event']> = new Set([
  'start',
  'crash',
  'link',
  'cut',
  'mute',
  'pause',
  'resume',
]);

/** By trace: the indices of the events that change the topology. */
const changesByTrace = new WeakMap<readonly TraceEvent[], readonly number[]>();

export function topologyAt(events: readonly TraceEvent[], cursor: number): Topology {
  const draft = new Draft();
  for (const index of changesOf(events)) {
    if (index >= cursor) break;
    draft.apply(events[index] as TraceEvent);
  }
  return draft.topology();
}

/** The links of the whole run in the order in which they were made, each as often as it was. */
export function linksEver(events: readonly TraceEvent[]): (readonly [NodeId, NodeId])[] {
  return changesOf(events).flatMap((index): (readonly [NodeId, NodeId])[] => {
    const event = events[index] as TraceEvent;
    return event.event === 'link' ? [[event.node, event.peer]] : [];
  });
}

export function findLink(
  { links }: Topology,
  [a, b]: readonly [NodeId, NodeId],
): TopologyLink | undefined {
  const [first, second] = [Math.min(a, b), Math.max(a, b)];
  return links.find(({ ends }) => ends[0] === first && ends[1] === second);
}

function changesOf(events: readonly TraceEvent[]): readonly number[] {
  let changes = changesByTrace.get(events);
  if (changes === undefined) {
    changes = events.flatMap((event, index) => (isChange(event) ? [index] : []));
    changesByTrace.set(events, changes);
  }
  return changes;
}

function isChange(event: TraceEvent): boolean {
  if (event.event !== 'receive') return CHANGES.has(event.event);
  return event.from === 'master' && ORDERS.has(event.method);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Draft {
  readonly #nodes = new Map<NodeId, TopologyNode>();
  readonly #links = new Map<string, Mutable<TopologyLink>>();

  apply(event: TraceEvent): void {
    if (event.node === 'master') return;
    const { node: id } = event;
    if (event.event === 'start') this.#start(id, event.role, event.incarnation);
    else if (event.event === 'crash') this.#end(id);
    else if (event.event === 'pause') this.#change(id, { isPaused: true });
    else if (event.event === 'resume') this.#change(id, { isPaused: false });
    else if (event.event === 'receive') this.#change(id, ORDERS.get(event.method) ?? {});
    else if ('peer' in event) this.#setLink(event.event, id, event.peer);
  }

  topology(): Topology {
    const byEnds = (a: TopologyLink, b: TopologyLink): number =>
      a.ends[0] - b.ends[0] || a.ends[1] - b.ends[1];
    return {
      nodes: [...this.#nodes.values()].sort((a, b) => a.id - b.id),
      links: [...this.#links.values()].sort(byEnds),
    };
  }

  #start(id: NodeId, role: Role, incarnation: number): void {
    this.#end(id);
    const well = { isPaused: false, isFailed: false, isCutOff: false };
    this.#nodes.set(id, { id, role, incarnation, isAlive: true, ...well });
  }

  #end(id: NodeId): void {
    this.#change(id, { isAlive: false, isPaused: false, isFailed: false, isCutOff: false });
    for (const [name, { ends }] of this.#links) if (ends.includes(id)) this.#links.delete(name);
  }

  #change(id: NodeId, change: Partial<TopologyNode>): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) this.#nodes.set(id, { ...node, ...change });
  }

  #setLink(change: 'link' | 'cut' | 'mute', a: NodeId, b: NodeId): void {
    const ends = [Math.min(a, b), Math.max(a, b)] as const;
    const name = ends.join(' ');
    const former = this.#links.get(name)?.muted ?? [];
    const muted = change === 'mute' ? [...new Set([...former, a])] : [];
    this.#links.set(name, { ends, isCut: change === 'cut', muted });
  }
}
