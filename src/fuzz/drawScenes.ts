// Draws scenes: a few lines each that bring about together what single generators meet together too
// seldom. They come after the lines of the generators, from a random stream of their own, so they
// change no line before them.
import type { NodeId } from '../kernel/ids.ts';
import type { DrawLines } from './generator.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SCENE_SHARE = 0.6;
const MOST_SCENES = 3;

/**
 * New clients that are connected to one server each, and to no other unless the protocol links
 * clients to all.
 */
export function takeApart(
  model: ScriptModel,
  random: RandomSource,
  servers: readonly NodeId[],
): { readonly lines: string[]; readonly clients: readonly NodeId[] } {
  const lines: string[] = [];
  const clients = servers.map((server) => {
    const client = model.newId();
    model.connect(client, server);
    lines.push(`joinClient ${client} ${server}`);
    return client;
  });
  return { lines: random.shuffle(lines), clients };
}

/** Heals all links and resumes all servers, so that a scene begins with servers that serve. */
export function calm(model: ScriptModel): string[] {
  const wakes = model.paused.map((id) => {
    model.setPaused(id, false);
    return `resumeServer ${id}`;
  });
  return [...wakes, 'heal', 'sleep 3000ms'];
}

/** While writes of one key are under way, clients at two other servers read it by turns. */
function readAtTwo(model: ScriptModel, random: RandomSource): string[] | undefined {
  const [a, b, c] = random.shuffle(model.servers);
  if (a === undefined || b === undefined) return undefined;
  const { lines, clients } = takeApart(model, random, [a, b, c ?? a]);
  const [first, second, writer] = clients;
  const key = random.pick(model.keys);
  const puts = Array.from({ length: random.between(1, 4) }, () => {
    return `put ${writer} ${key} ${model.newValue()}`;
  });
  const gets = Array.from({ length: random.between(3, 8) }, () => {
    return [`get ${first} ${key}`, `get ${second} ${key}`];
  }).flat();
  return [...calm(model), ...lines, 'concurrently', ...puts, ...gets, 'end'];
}

/** One server is cut off from the others; keys are written there and read at that server. */
function readCutOff(model: ScriptModel, random: RandomSource): string[] | undefined {
  const [server, other, ...others] = random.shuffle(model.servers);
  if (server === undefined || other === undefined) return undefined;
  const { lines, clients } = takeApart(model, random, [server, other]);
  const [reader, writer] = clients;
  const write = (key: string): string => `put ${writer} ${key} ${model.newValue()}`;
  const before = model.keys.map(write);
  const after = model.keys.flatMap((key) => [write(key), `get ${reader} ${key}`]);
  const cut = `partition ${server} | ${[other, ...others].join(' ')}`;
  return [...calm(model), ...lines, ...before, cut, ...after, 'heal'];
}

/** Servers join until there are so many. */
function enlarge(model: ScriptModel, count: number): string[] {
  const lines: string[] = [];
  while (model.servers.length < count) {
    const id = model.newId();
    model.addServer(id);
    lines.push(`joinServer ${id}`);
  }
  return lines;
}

/**
 * A server that hears no other has a write done, and goes on trying when its client is gone. A
 * second client writes the key again; then all others die and come back, and may hear of the first
 * write once more. Five servers, so that some have nothing to do with a key in most designs.
 */
function retryAcrossReturn(model: ScriptModel, random: RandomSource): string[] | undefined {
  if (!model.hasLogs || model.servers.length === 0) return undefined;
  const joins = enlarge(model, 5);
  const [asked, other, ...rest] = random.shuffle(model.servers) as [NodeId, NodeId, ...NodeId[]];
  const others = [other, ...rest];
  const { lines, clients } = takeApart(model, random, [asked, other]);
  const [first, second] = clients;
  const key = random.pick(model.keys);
  const put = (client: NodeId | undefined): string => `put ${client} ${key} ${model.newValue()}`;
  const pause = (): string => `sleep ${random.between(10, 60)}ms`;
  return [
    ...[...calm(model), ...joins, ...lines, put(first)],
    ...others.map((id) => `breakConnection ${id} ${asked} oneway`),
    ...['concurrently', put(first), pause(), put(second), pause()],
    ...[`breakConnection ${first} ${asked}`, ...others.map((id) => `killServer ${id}`), 'end'],
    ...random.shuffle(others).map((id) => `joinServer ${id}`),
    ...[`createConnection ${first} ${asked}`, `get ${first} ${key}`],
  ];
}

/** Deletes beside a round that forgets an earlier one. */
function deleteBesideRound(model: ScriptModel, random: RandomSource): string[] | undefined {
  const [server] = random.shuffle(model.servers);
  if (server === undefined) return undefined;
  const { lines, clients } = takeApart(model, random, [server]);
  const [client] = clients;
  const [first = 'x', second = first] = random.shuffle(model.keys);
  const write = (key: string): string => `put ${client} ${key} ${model.newValue()}`;
  return [
    ...[...calm(model), ...lines, write(first), write(second)],
    ...[`delete ${client} ${first}`, 'stabilize', 'concurrently', 'stabilize'],
    ...[`sleep ${random.between(1, 30)}ms`, `delete ${client} ${second}`, 'end', 'stabilize'],
  ];
}

const SCENES: readonly DrawLines[] = [readAtTwo, readCutOff, retryAcrossReturn, deleteBesideRound];

/** What a script ends with: nothing, or a few scenes. */
export function drawScenes(model: ScriptModel, random: RandomSource): string[] {
  if (!random.happens(SCENE_SHARE)) return [];
  const length = random.between(1, MOST_SCENES);
  return Array.from({ length }, () => random.pick(SCENES)(model, random) ?? []).flat();
}
