// Draws links: the initial topology of the network, cuts and repairs.
import type { NodeId } from '../kernel/ids.ts';
import type { Protocol } from '../kernel/protocol.ts';
import { MASTER } from '../language/arguments.ts';
import type { DrawLines, Generator } from './generator.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

/**
 * Decides a link by the positions of two servers in the initial list, and the number of servers.
 */
type IsLinked = (a: number, b: number, count: number, random: RandomSource) => boolean;

/** By topology: whether the servers at positions `a` < `b` stay linked. */
const SHAPES: readonly IsLinked[] = [
  // Mesh, line, star, ring, and one with random links removed.
  () => true,
  (a, b) => b === a + 1,
  (a) => a === 0,
  (a, b, count) => b === a + 1 || b - a === count - 1,
  (_a, _b, _count, random) => random.happens(0.6),
];

/**
 * Servers that join are linked to all others; this cuts the links that the topology does not have.
 */
export function drawShape(servers: readonly NodeId[], random: RandomSource): string[] {
  const isLinked = random.pick(SHAPES);
  const place = (id: NodeId): number => servers.indexOf(id);
  return pairsOf(servers)
    .filter(([a, b]) => !isLinked(place(a), place(b), servers.length, random))
    .map(([a, b]) => `breakConnection ${a} ${b}`);
}

function pairsOf(servers: readonly NodeId[]): [NodeId, NodeId][] {
  return servers.flatMap((a, index) =>
    servers.slice(index + 1).map((b): [NodeId, NodeId] => [a, b]),
  );
}

function pickPair(model: ScriptModel, random: RandomSource): [NodeId, NodeId] | undefined {
  const pair = random.tryPick(pairsOf(model.servers));
  return pair !== undefined && random.happens(0.5) ? [pair[1], pair[0]] : pair;
}

function betweenTwo(draw: (a: NodeId, b: NodeId) => string): DrawLines {
  return (model, random) => {
    const pair = pickPair(model, random);
    return pair === undefined ? undefined : [draw(...pair)];
  };
}

/** Cuts a client off from a server, in both directions or in one. */
function cutClient(model: ScriptModel, random: RandomSource): string[] | undefined {
  const client = random.tryPick(model.clients);
  if (client === undefined) return undefined;
  const server = random.tryPick(model.serversOf(client));
  if (server === undefined) return undefined;
  if (random.happens(0.4)) return [`breakConnection ${client} ${server} oneway`];
  if (random.happens(0.4)) return [`breakConnection ${server} ${client} oneway`];
  model.disconnect(client, server);
  return [`breakConnection ${client} ${server}`];
}

/** Restores a link of a client that is linked to all servers. */
function mendClient(model: ScriptModel, random: RandomSource): string[] | undefined {
  const client = random.tryPick(model.clients);
  const server = random.tryPick(model.servers);
  if (client === undefined || server === undefined) return undefined;
  model.connect(client, server);
  return [`createConnection ${client} ${server}`];
}

/** A line about a node's way to the configuration service. */
function withService(command: string): DrawLines {
  return (model, random) => {
    const node = random.tryPick(random.happens(0.5) ? model.servers : model.clients);
    if (node === undefined) return undefined;
    return [[command, ...random.shuffle([node, MASTER])].join(' ')];
  };
}

/** Two or three groups; a group may be one server. */
function drawPartition(model: ScriptModel, random: RandomSource): string[] | undefined {
  const groups: NodeId[][] = Array.from({ length: random.between(2, 3) }, () => []);
  for (const server of model.servers) random.pick(groups).push(server);
  const named = groups.filter((group) => group.length > 0);
  if (named.length < 2) return undefined;
  return [`partition ${named.map((group) => group.join(' ')).join(' | ')}`];
}

const inside = { mayOverlap: true } as const;

export const CUTS: readonly (readonly [name: string, generator: Generator])[] = [
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

const LINKS_OF_CLIENTS: typeof CUTS = [['mend client', { draw: mendClient, weight: 3, ...inside }]];

const WAYS_TO_SERVICE: typeof CUTS = [
  ['cut from the service', { draw: withService('breakConnection'), weight: 2, ...inside }],
  ['mend to the service', { draw: withService('createConnection'), weight: 2, ...inside }],
];

/** What only protocols have whose clients are linked to all servers. */
export function linksOfAll({ createService }: Protocol): typeof CUTS {
  return createService === undefined ? LINKS_OF_CLIENTS : [...LINKS_OF_CLIENTS, ...WAYS_TO_SERVICE];
}
