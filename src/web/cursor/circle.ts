// Where nodes are drawn: servers on an ellipse by id, each client outside it, near the server that
// it was linked to first. The places are those of the whole run: nothing moves with the cursor.
import type { NodeId } from '../../kernel/ids.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import { linksEver, topologyAt } from './topology.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Places {
  readonly byId: ReadonlyMap<NodeId, Point>;
  /** Of a server; a client is drawn in the same size. */
  readonly nodeRadius: number;
  /** Around all nodes and their labels, in the shape of the room. */
  readonly box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

/** The room for a picture, in its units; a unit is a pixel unless there are too many nodes. */
export interface Room {
  readonly w: number;
  readonly h: number;
}

const NODE_RADIUS = 16;
/** From the edge of the room to the centre of a node: for its label, and what stands above it. */
const MARGIN = { x: 26, y: 31 };
/** The labels stand below the nodes. */
const RAISED = 5;
/** From the servers to the clients outside them. */
const GAP = { x: 54, y: 46 };
/** Wider or higher than this much, a picture is stretched out too far to be read. */
const MOST_STRETCHED = 1.8;
/** The least distance of two nodes, in node radii. Between servers a link has to be seen. */
const SPACING = { servers: 3, others: 2.5, slots: 2.8 };
/** A room that is too small is made larger by this much, until all nodes fit. */
const GROWTH = 1.15;
/** An ellipse is measured in so many straight lines. */
const STEPS = 180;

/**
 * Places the nodes so that they fill the room. If there are too many for it, the box is larger than
 * the room, in the same shape: then the picture has to be drawn smaller.
 */
export function placeNodes(events: readonly TraceEvent[], room: Room): Places {
  const servers = serversEver(events);
  const { nodes } = topologyAt(events, events.length);
  const clients = nodes.map(({ id }) => id).filter((id) => !servers.includes(id));
  const links = linksEver(events);
  let { w, h } = room;
  for (;;) {
    const byId = placeIn({ w, h }, { servers, clients, links });
    if (isRoomy(byId, new Set(servers))) {
      return { byId, nodeRadius: NODE_RADIUS, box: { x: -w / 2, y: RAISED - h / 2, w, h } };
    }
    [w, h] = [w * GROWTH, h * GROWTH];
  }
}

interface Members {
  readonly servers: readonly NodeId[];
  readonly clients: readonly NodeId[];
  readonly links: readonly (readonly [NodeId, NodeId])[];
}

function placeIn({ w, h }: Room, { servers, clients, links }: Members): Map<NodeId, Point> {
  const outer = new Ellipse(
    Math.min(w, h * MOST_STRETCHED) / 2 - MARGIN.x,
    Math.min(h, w * MOST_STRETCHED) / 2 - MARGIN.y,
  );
  const inner = new Ellipse(outer.a - GAP.x, outer.b - GAP.y);
  const ring = clients.length === 0 ? outer : inner;
  const shareById = new Map(servers.map((id, place) => [id, shareOf(place, servers.length)]));
  const at = (share: number): Point => (servers.length < 2 ? { x: 0, y: 0 } : ring.at(share));
  const byId = new Map([...shareById].map(([id, share]) => [id, at(share)]));
  const wanted = clients.map((id) => ({ id, share: firstShare(id, links, shareById) }));
  const slots = slotCount(servers.length, outer.length);
  for (const [id, share] of spread(wanted, slots)) byId.set(id, outer.at(share));
  return byId;
}

/** Around the origin. A share is a part of its length, clockwise from the top: from 0 to 1. */
class Ellipse {
  /** Half its width, and half its height. */
  readonly a: number;
  readonly b: number;
  /** From the top to each of the steps around it. */
  readonly #lengths: readonly number[];

  constructor(a: number, b: number) {
    this.a = Math.max(0, a);
    this.b = Math.max(0, b);
    const lengths = [0];
    for (let step = 1; step <= STEPS; step += 1) {
      const [from, to] = [this.#atStep(step - 1), this.#atStep(step)];
      lengths.push((lengths.at(-1) ?? 0) + Math.hypot(to.x - from.x, to.y - from.y));
    }
    this.#lengths = lengths;
  }

  get length(): number {
    return this.#lengths[STEPS] ?? 0;
  }

  at(share: number): Point {
    const wanted = (share - Math.floor(share)) * this.length;
    const next = Math.max(
      1,
      this.#lengths.findIndex((length) => length >= wanted),
    );
    const [before = 0, after = 0] = [this.#lengths[next - 1], this.#lengths[next]];
    const { x, y } = this.#atStep(next - (after - wanted) / (after - before || 1));
    return { x: round(x), y: round(y) };
  }

  #atStep(step: number): Point {
    const angle = (step / STEPS) * 2 * Math.PI;
    return { x: this.a * Math.sin(angle), y: -this.b * Math.cos(angle) };
  }
}

function isRoomy(byId: ReadonlyMap<NodeId, Point>, servers: ReadonlySet<NodeId>): boolean {
  const placed = [...byId];
  return placed.every(([id, { x, y }], index) =>
    placed.slice(0, index).every(([otherId, other]) => {
      const areServers = servers.has(id) && servers.has(otherId);
      const least = NODE_RADIUS * (areServers ? SPACING.servers : SPACING.others);
      return Math.hypot(x - other.x, y - other.y) >= least;
    }),
  );
}

/** All ids that a server has had, ascending. */
function serversEver(events: readonly TraceEvent[]): NodeId[] {
  const ids = new Set<NodeId>();
  for (const event of events) {
    if (event.event === 'start' && event.role === 'server') ids.add(event.node);
  }
  return [...ids].sort((a, b) => a - b);
}

/** Two servers are beside each other, three and more begin at the top. */
function shareOf(place: number, count: number): number {
  const first = count === 2 ? 0.75 : 0;
  return first + place / Math.max(1, count);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function firstShare(
  id: NodeId,
  links: readonly (readonly [NodeId, NodeId])[],
  shareById: ReadonlyMap<NodeId, number>,
): number {
  const first = links.find((ends) => ends.includes(id));
  const server = first?.find((end) => end !== id);
  return (server === undefined ? undefined : shareById.get(server)) ?? 0;
}

/** A multiple of the servers' number, so that each server has a slot right outside it. */
function slotCount(servers: number, length: number): number {
  const room = Math.floor(length / (NODE_RADIUS * SPACING.slots));
  // Two servers are beside each other, a quarter of the way from the top.
  const of = servers === 2 ? 4 : Math.max(1, servers);
  return of * Math.max(1, Math.floor(room / of));
}

/** Each in the free slot next to the share that it wants; earlier ones choose first. */
function spread(
  wanted: readonly { readonly id: NodeId; readonly share: number }[],
  least: number,
): Map<NodeId, number> {
  const slots = Math.max(least, wanted.length);
  const taken = new Set<number>();
  return new Map(
    wanted.map(({ id, share }) => {
      const ideal = Math.round(share * slots);
      let distance = 0;
      let slot = wrap(ideal, slots);
      while (taken.has(slot)) {
        distance = distance > 0 ? -distance : 1 - distance;
        slot = wrap(ideal + distance, slots);
      }
      taken.add(slot);
      return [id, slot / slots];
    }),
  );
}

function wrap(slot: number, slots: number): number {
  return ((slot % slots) + slots) % slots;
}
