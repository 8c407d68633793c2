// Draws what becomes of links: the shape that a network begins with, cuts and repairs.
import type { NodeId } from '../kernel/ids.ts';
import type { Cast } from './cast.ts';
import type { Deed, DrawLines } from './deed.ts';
import type { Lot } from './lot.ts';

/** Where a server stands among the first ones, and how many there are. */
type IsLinked = (a: number, b: number, count: number, lot: Lot) => boolean;

/** By shape: whether the servers at two places, `a` before `b`, stay linked. */
const SHAPES: readonly IsLinked[] = [
  // Mesh, line, star, ring, and one with links left out by lot.
  () => true,
  (a, b) => b === a + 1,
  (a) => a === 0,
  (a, b, count) => b === a + 1 || b - a === count - 1,
  (_a, _b, _count, lot) => lot.happens(0.6),
];

/** Servers that join are linked to each other; this cuts the links that a shape does not have. */
export function drawShape(servers: readonly NodeId[], lot: Lot): string[] {
  const isLinked = lot.pick(SHAPES);
  const place = (id: NodeId): number => servers.indexOf(id);
  return pairsOf(servers)
    .filter(([a, b]) => !isLinked(place(a), place(b), servers.length, lot))
    .map(([a, b]) => `breakConnection ${a} ${b}`);
}

function pairsOf(servers: readonly NodeId[]): [NodeId, NodeId][] {
  return servers.flatMap((a, index) =>
    servers.slice(index + 1).map((b): [NodeId, NodeId] => [a, b]),
  );
}

function pickPair(cast: Cast, lot: Lot): [NodeId, NodeId] | undefined {
  const pair = lot.tryPick(pairsOf(cast.servers));
  return pair !== undefined && lot.happens(0.5) ? [pair[1], pair[0]] : pair;
}

function betweenTwo(draw: (a: NodeId, b: NodeId) => string): DrawLines {
  return (cast, lot) => {
    const pair = pickPair(cast, lot);
    return pair === undefined ? undefined : [draw(...pair)];
  };
}

/** A client loses a server without getting another, or one of the two does not hear the other. */
function cutClient(cast: Cast, lot: Lot): string[] | undefined {
  const client = lot.tryPick(cast.clients);
  if (client === undefined) return undefined;
  const server = lot.tryPick(cast.serversOf(client));
  if (server === undefined) return undefined;
  if (lot.happens(0.4)) return [`breakConnection ${client} ${server} oneway`];
  if (lot.happens(0.4)) return [`breakConnection ${server} ${client} oneway`];
  cast.disconnect(client, server);
  return [`breakConnection ${client} ${server}`];
}

/** Two or three groups; a group may be one server. */
function drawPartition(cast: Cast, lot: Lot): string[] | undefined {
  const groups: NodeId[][] = Array.from({ length: lot.between(2, 3) }, () => []);
  for (const server of cast.servers) lot.pick(groups).push(server);
  const named = groups.filter((group) => group.length > 0);
  if (named.length < 2) return undefined;
  return [`partition ${named.map((group) => group.join(' ')).join(' | ')}`];
}

const inside = { mayOverlap: true } as const;

export const CUTS: readonly (readonly [name: string, deed: Deed])[] = [
  ['cut', { draw: betweenTwo((a, b) => `breakConnection ${a} ${b}`), weight: 4, ...inside }],
  [
    'cut one way',
    { draw: betweenTwo((a, b) => `breakConnection ${a} ${b} oneway`), weight: 2, ...inside },
  ],
  ['cut client', { draw: cutClient, weight: 1.5, ...inside }],
  ['partition', { draw: drawPartition, weight: 2, ...inside }],
];

export const REPAIRS: typeof CUTS = [
  ['mend', { draw: betweenTwo((a, b) => `createConnection ${a} ${b}`), weight: 4, ...inside }],
  ['heal', { draw: () => ['heal'], weight: 2, ...inside }],
];
