// Where nodes are drawn: servers on a circle by id, each client outside it, near the server that it
// was linked to first. The places are those of the whole run: nothing moves with the cursor.
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
  /** Around all nodes and their labels. */
  readonly box: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const NODE_RADIUS = 16;
const LEAST_RING = 78;
const MARGIN = 30;
/** The least distance of two neighbours on a circle, in node radii. */
const SPACING = 3.2;
const TOP = -Math.PI / 2;

export function placeNodes(events: readonly TraceEvent[]): Places {
  const servers = serversEver(events);
  const { nodes } = topologyAt(events, events.length);
  const clients = nodes.map(({ id }) => id).filter((id) => !servers.includes(id));
  const ring = servers.length < 2 ? 0 : radiusFor(servers.length, LEAST_RING);
  const angleById = new Map(servers.map((id, place) => [id, angleOf(place, servers.length)]));
  const byId = new Map(servers.map((id) => [id, pointAt(angleById.get(id) ?? TOP, ring)]));
  const outer = radiusFor(clients.length, ring + NODE_RADIUS * 3.4);
  const links = linksEver(events);
  const wanted = clients.map((id) => ({ id, angle: firstAngle(id, links, angleById) }));
  const slots = slotCount(servers.length, outer);
  for (const [id, angle] of spread(wanted, slots)) byId.set(id, pointAt(angle, outer));
  return { byId, nodeRadius: NODE_RADIUS, box: boxAround([...byId.values()]) };
}

/** All ids that a server has had, ascending. */
function serversEver(events: readonly TraceEvent[]): NodeId[] {
  const ids = new Set<NodeId>();
  for (const event of events) {
    if (event.event === 'start' && event.role === 'server') ids.add(event.node);
  }
  return [...ids].sort((a, b) => a - b);
}

function radiusFor(count: number, least: number): number {
  return Math.max(least, (count * NODE_RADIUS * SPACING) / (2 * Math.PI));
}

/** Two servers are beside each other, three and more begin at the top, clockwise. */
function angleOf(place: number, count: number): number {
  const first = count === 2 ? Math.PI : TOP;
  return first + (place * 2 * Math.PI) / Math.max(1, count);
}

function pointAt(angle: number, radius: number): Point {
  return { x: round(radius * Math.cos(angle)), y: round(radius * Math.sin(angle)) };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function firstAngle(
  id: NodeId,
  links: readonly (readonly [NodeId, NodeId])[],
  angleById: ReadonlyMap<NodeId, number>,
): number {
  const first = links.find((ends) => ends.includes(id));
  const server = first?.find((end) => end !== id);
  return (server === undefined ? undefined : angleById.get(server)) ?? TOP;
}

/** A multiple of the servers' number, so that each server has a slot right outside it. */
function slotCount(servers: number, outer: number): number {
  const room = Math.floor((2 * Math.PI * outer) / (NODE_RADIUS * SPACING * 0.8));
  const each = Math.max(1, Math.floor(room / Math.max(1, servers)));
  return Math.max(1, servers) * each;
}

/** Each in the free slot next to the angle that it wants; earlier ones choose first. */
function spread(
  wanted: readonly { readonly id: NodeId; readonly angle: number }[],
  least: number,
): Map<NodeId, number> {
  const slots = Math.max(least, wanted.length);
  const step = (2 * Math.PI) / slots;
  const taken = new Set<number>();
  return new Map(
    wanted.map(({ id, angle }) => {
      const ideal = Math.round((angle - TOP) / step);
      let distance = 0;
      let slot = wrap(ideal, slots);
      while (taken.has(slot)) {
        distance = distance > 0 ? -distance : 1 - distance;
        slot = wrap(ideal + distance, slots);
      }
      taken.add(slot);
      return [id, TOP + slot * step];
    }),
  );
}

function wrap(slot: number, slots: number): number {
  return ((slot % slots) + slots) % slots;
}

function boxAround(points: readonly Point[]): Places['box'] {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(0, ...xs) - MARGIN, Math.min(0, ...ys) - MARGIN];
  const [right, bottom] = [Math.max(0, ...xs) + MARGIN, Math.max(0, ...ys) + MARGIN];
  return { x: left, y: top, w: right - left, h: bottom - top };
}
