// Draws scenes: a few lines each that bring about together what single deeds meet together too
// seldom. They come after the deeds, by a lot of their own, so they change no line before them.
import type { NodeId } from '../kernel/ids.ts';
import type { Cast } from './cast.ts';
import type { DrawLines } from './deed.ts';
import type { Lot } from './lot.ts';

const SCENE_SHARE = 0.6;
const MOST_SCENES = 3;

/** Two clients that are connected to one server each, and to no other; undefined without. */
function takeApart(
  cast: Cast,
  lot: Lot,
  servers: readonly NodeId[],
): { readonly lines: string[]; readonly clients: readonly NodeId[] } {
  const lines: string[] = [];
  const clients = servers.map((server) => {
    const client = cast.newId();
    cast.connect(client, server);
    lines.push(`joinClient ${client} ${server}`);
    return client;
  });
  return { lines: lot.shuffle(lines), clients };
}

/** All links whole and everybody awake, so that a scene begins with servers that serve. */
function calm(cast: Cast): string[] {
  const wakes = cast.paused.map((id) => {
    cast.setPaused(id, false);
    return `resumeServer ${id}`;
  });
  return [...wakes, 'heal', 'sleep 3000ms'];
}

/** While writes of one key are under way, clients at two other servers read it by turns. */
function readAtTwo(cast: Cast, lot: Lot): string[] | undefined {
  const [a, b, c] = lot.shuffle(cast.servers);
  if (a === undefined || b === undefined) return undefined;
  const { lines, clients } = takeApart(cast, lot, [a, b, c ?? a]);
  const [first, second, writer] = clients;
  const key = lot.pick(cast.keys);
  const puts = Array.from({ length: lot.between(1, 4) }, () => {
    return `put ${writer} ${key} ${cast.newValue()}`;
  });
  const gets = Array.from({ length: lot.between(3, 8) }, () => {
    return [`get ${first} ${key}`, `get ${second} ${key}`];
  }).flat();
  return [...calm(cast), ...lines, 'concurrently', ...puts, ...gets, 'end'];
}

/** One server is cut off from the others; keys are written there and read at that server. */
function readCutOff(cast: Cast, lot: Lot): string[] | undefined {
  const [server, other, ...others] = lot.shuffle(cast.servers);
  if (server === undefined || other === undefined) return undefined;
  const { lines, clients } = takeApart(cast, lot, [server, other]);
  const [reader, writer] = clients;
  const write = (key: string): string => `put ${writer} ${key} ${cast.newValue()}`;
  const before = cast.keys.map(write);
  const after = cast.keys.flatMap((key) => [write(key), `get ${reader} ${key}`]);
  const cut = `partition ${server} | ${[other, ...others].join(' ')}`;
  return [...calm(cast), ...lines, ...before, cut, ...after, 'heal'];
}

/** Servers join until there are so many. */
function enlarge(cast: Cast, count: number): string[] {
  const lines: string[] = [];
  while (cast.servers.length < count) {
    const id = cast.newId();
    cast.addServer(id);
    lines.push(`joinServer ${id}`);
  }
  return lines;
}

/**
 * A server that hears no other has a write done, and goes on trying when its client is gone. A
 * second client writes the key again; then all others die and come back, and may hear of the first
 * write once more. Five servers, so that some have nothing to do with a key in most designs.
 */
function retryAcrossReturn(cast: Cast, lot: Lot): string[] | undefined {
  if (!cast.hasLogs || cast.servers.length === 0) return undefined;
  const joins = enlarge(cast, 5);
  const [asked, other, ...rest] = lot.shuffle(cast.servers) as [NodeId, NodeId, ...NodeId[]];
  const others = [other, ...rest];
  const { lines, clients } = takeApart(cast, lot, [asked, other]);
  const [first, second] = clients;
  const key = lot.pick(cast.keys);
  const put = (client: NodeId | undefined): string => `put ${client} ${key} ${cast.newValue()}`;
  const pause = (): string => `sleep ${lot.between(10, 60)}ms`;
  return [
    ...[...calm(cast), ...joins, ...lines, put(first)],
    ...others.map((id) => `breakConnection ${id} ${asked} oneway`),
    ...['concurrently', put(first), pause(), put(second), pause()],
    ...[`breakConnection ${first} ${asked}`, ...others.map((id) => `killServer ${id}`), 'end'],
    ...lot.shuffle(others).map((id) => `joinServer ${id}`),
    ...[`createConnection ${first} ${asked}`, `get ${first} ${key}`],
  ];
}

/** Deletes beside a round that forgets an earlier one. */
function deleteBesideRound(cast: Cast, lot: Lot): string[] | undefined {
  const [server] = lot.shuffle(cast.servers);
  if (server === undefined) return undefined;
  const { lines, clients } = takeApart(cast, lot, [server]);
  const [client] = clients;
  const [first = 'x', second = first] = lot.shuffle(cast.keys);
  const write = (key: string): string => `put ${client} ${key} ${cast.newValue()}`;
  return [
    ...[...calm(cast), ...lines, write(first), write(second)],
    ...[`delete ${client} ${first}`, 'stabilize', 'concurrently', 'stabilize'],
    ...[`sleep ${lot.between(1, 30)}ms`, `delete ${client} ${second}`, 'end', 'stabilize'],
  ];
}

const SCENES: readonly DrawLines[] = [readAtTwo, readCutOff, retryAcrossReturn, deleteBesideRound];

/** What a script ends with: nothing, or a few scenes. */
export function drawScenes(cast: Cast, lot: Lot): string[] {
  if (!lot.happens(SCENE_SHARE)) return [];
  const length = lot.between(1, MOST_SCENES);
  return Array.from({ length }, () => lot.pick(SCENES)(cast, lot) ?? []).flat();
}
