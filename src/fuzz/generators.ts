// The generators of script lines. Each draws a few lines that make sense in the current state.
import type { Operation } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Protocol, ProtocolCommand } from '../kernel/protocol.ts';
import { editsOf } from '../language/loadOrders.ts';
import { CUTS, linksOfAll, REPAIRS } from './drawLinks.ts';
import { createTroubles } from './drawTroubles.ts';
import type { DrawLines, Generator } from './generator.ts';
import { drawInvalidLine } from './invalidLines.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const READER_SHARE = 0.2;
/** How often a client that connects to another server keeps a former link. */
const STAY_SHARE = 0.2;
/** The same for clients that are linked to all servers: with few links they reach few keys. */
const STAY_SHARE_OF_ALL = 0.8;

function operate(model: ScriptModel, random: RandomSource): string[] | undefined {
  const client = random.tryPick(model.clients);
  if (client === undefined) return undefined;
  const scope = random.happens(0.05)
    ? random.tryPick(Object.keys(model.protocol.scopes ?? {}))
    : undefined;
  if (scope !== undefined) {
    const isDelete = !model.isReader(client) && random.happens(0.4);
    return [`${isDelete ? 'delete' : 'get'} ${client} ${scope}`];
  }
  const key = random.pick(model.keys);
  const modified = (kind: Operation['kind'], line: string): string[] => {
    const words = drawModifiers(model, random, kind);
    return [[line, ...words].join(' ')];
  };
  if (model.isReader(client) || random.happens(0.45)) {
    return modified('get', `get ${client} ${key}`);
  }
  if (random.happens(0.25)) return modified('delete', `delete ${client} ${key}`);
  return modified('put', `put ${client} ${key} ${model.newValue()}`);
}

/** Half of the operations of a protocol with modifiers have some. */
function drawModifiers(
  { protocol }: ScriptModel,
  random: RandomSource,
  kind: Operation['kind'],
): string[] {
  const specs = (protocol.modifiers ?? []).filter(({ on }) => on.includes(kind));
  return specs.flatMap(({ samples }) => (random.happens(0.5) ? random.pick(samples) : []));
}

/**
 * A client connects to another server, usually leaves its former ones, and reads or writes there.
 */
function roam(model: ScriptModel, random: RandomSource): string[] | undefined {
  const client = random.tryPick(model.clients);
  const server = random.tryPick(model.servers);
  if (client === undefined || server === undefined) return undefined;
  const lines: string[] = [];
  const stayShare = model.protocol.clientsReachAll ? STAY_SHARE_OF_ALL : STAY_SHARE;
  for (const other of model.serversOf(client)) {
    if (other === server || random.happens(stayShare)) continue;
    model.disconnect(client, other);
    lines.push(`breakConnection ${client} ${other}`);
  }
  model.connect(client, server);
  lines.push(`createConnection ${client} ${server}`);
  const key = random.pick(model.keys);
  const isRead = model.isReader(client) || random.happens(0.6);
  lines.push(isRead ? `get ${client} ${key}` : `put ${client} ${key} ${model.newValue()}`);
  return lines;
}

function kill(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = random.tryPick(model.servers);
  if (server === undefined || model.servers.length < 2) return undefined;
  model.kill(server);
  return [`killServer ${server}`];
}

/** One server joins, or two in a row, so that neither has more state than the other. */
function join(model: ScriptModel, random: RandomSource): string[] | undefined {
  const first = joinOne(model, random);
  const second = random.happens(0.25) ? joinOne(model, random) : undefined;
  return first && [...first, ...(second ?? [])];
}

/** Usually under the id of a dead server; often a client connects to it. */
function joinOne(model: ScriptModel, random: RandomSource): string[] | undefined {
  if (model.servers.length >= 6) return undefined;
  const id = (random.happens(0.8) ? random.tryPick(model.dead) : undefined) ?? model.newId();
  model.addServer(id);
  const client = random.happens(0.5) ? random.tryPick(model.clients) : undefined;
  if (client === undefined) return [`joinServer ${id}`];
  model.connect(client, id);
  return [`joinServer ${id}`, `createConnection ${client} ${id}`];
}

function killAndRejoin(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = random.tryPick(model.servers);
  if (server === undefined || model.servers.length < 2) return undefined;
  model.kill(server);
  model.addServer(server);
  return [`killServer ${server}`, `joinServer ${server}`];
}

/** A new client, sometimes under the id of a dead server. */
export function joinClient(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = random.tryPick(model.servers);
  if (server === undefined || model.clients.length >= 6) return undefined;
  const id = (random.happens(0.1) ? random.tryPick(model.dead) : undefined) ?? model.newId();
  const words = Object.keys(model.protocol.guarantees);
  const asked = random.happens(0.5) ? random.some(words, 1 / Math.max(1, words.length)) : [];
  model.connect(id, server);
  if (random.happens(READER_SHARE)) model.makeReader(id);
  const lines = [['joinClient', id, server, ...asked].join(' ')];
  const second = random.happens(0.25) ? random.pick(model.servers) : server;
  if (second === server) return lines;
  model.connect(id, second);
  return [...lines, `joinClient ${id} ${second}`];
}

/** Pauses some servers, sometimes all that are awake; then a server that joins is alone. */
function pause(model: ScriptModel, random: RandomSource): string[] | undefined {
  const servers = random.happens(0.15)
    ? model.awake
    : random.some(model.awake, 1 / model.awake.length);
  for (const server of servers) model.setPaused(server, true);
  return servers.map((server) => `pauseServer ${server}`);
}

function resume(model: ScriptModel, random: RandomSource): string[] | undefined {
  const server = random.tryPick(model.paused);
  if (server === undefined) return undefined;
  model.setPaused(server, false);
  return [`resumeServer ${server}`];
}

/** Two rounds in a row test what a protocol does after a round that changed nothing. */
function stabilize(_model: ScriptModel, random: RandomSource): string[] {
  return random.happens(0.2) ? ['stabilize', 'stabilize'] : ['stabilize'];
}

function onServer(command: string): DrawLines {
  return (model, random) => {
    const server = random.tryPick(model.servers);
    return server === undefined ? undefined : [`${command} ${server}`];
  };
}

/** A workload of all clients or of some, so that two in a block can have separate clients. */
function work(model: ScriptModel, random: RandomSource): string[] | undefined {
  const all = model.clients.sort((a, b) => a - b);
  if (all.length === 0) return undefined;
  const from = random.happens(0.3) ? random.between(0, all.length - 1) : 0;
  const count = random.happens(0.3) ? random.between(1, all.length - from) : all.length - from;
  const clients = all.slice(from, from + count);
  const doAllWrite = clients.every((id) => !model.isReader(id));
  const settings = [
    ...(from > 0 ? [`from=${clients[0]}`] : []),
    ...(from + count < all.length ? [`clients=${count}`] : []),
    `ops=${random.pick([5, 10, 20])}`,
    `keys=${random.between(1, 3)}`,
    `reads=${random.pick(doAllWrite ? [0, 0.2, 0.5, 0.8, 1] : [1])}`,
    `inflight=${random.happens(0.3) ? 'all' : random.between(1, Math.min(count, 4))}`,
  ];
  const isMostlyRead = settings.includes('reads=0.8') || settings.includes('reads=1');
  if (!isMostlyRead) settings.push(...drawEditShares(model, random));
  return [`workload ${settings.join(' ')}`];
}

/** Shares of the operations that only some protocols have: half at most together. */
function drawEditShares(model: ScriptModel, random: RandomSource): string[] {
  const shares = { append: [0.1, 0.3], pop: [0.1, 0.2] };
  return (['append', 'pop'] as const).flatMap((kind) => {
    if (editsOf(model, kind).length === 0 || random.happens(0.3)) return [];
    return [`${kind}s=${random.pick(shares[kind])}`];
  });
}

/** A command that only this protocol has, if samples for its arguments are known. */
function commandOfItsOwn(model: ScriptModel, random: RandomSource): string[] | undefined {
  return drawCommand(model, random, model.protocol.commands.filter(isDrawable));
}

/** One that the checkers judge: with many commands, each of them would be too seldom. */
function judgedCommand(model: ScriptModel, random: RandomSource): string[] | undefined {
  return drawCommand(model, random, model.protocol.commands.filter(isJudged));
}

function isJudged(command: ProtocolCommand): boolean {
  return command.meaning !== undefined && isDrawable(command);
}

function drawCommand(
  model: ScriptModel,
  random: RandomSource,
  commands: readonly ProtocolCommand[],
): string[] | undefined {
  const command = random.tryPick(commands);
  if (command === undefined) return undefined;
  const isAlone = command.on === 'service' || command.on === 'servers';
  const isWrite = command.args.includes('value') || command.meaning !== undefined;
  const clients = isWrite ? model.writers : model.clients;
  const nodes: readonly NodeId[] = command.on === 'client' ? clients : model.servers;
  const node = random.tryPick(nodes);
  if (node === undefined) return undefined;
  const args = command.args.flatMap((kind) => {
    if (kind === 'key') return random.pick(model.keys);
    if (kind === 'word?') return [];
    return kind === 'value' ? model.newValue() : random.pick(command.samples ?? []);
  });
  return [[command.name, ...(isAlone ? [] : [node]), ...args].join(' ')];
}

/** Whether lines of this command can be drawn. */
export function isDrawable({ args, samples = [] }: ProtocolCommand): boolean {
  return !args.includes('text') && (samples.length > 0 || !args.includes('word'));
}

const inside = { mayOverlap: true } as const;
const outside = { mayOverlap: false } as const;

export const GENERATORS: ReadonlyMap<string, Generator> = new Map<string, Generator>([
  ['operate', { draw: operate, weight: 30, ...inside, isCore: true }],
  ['roam', { draw: roam, weight: 8, ...inside }],
  ['command of its own', { draw: commandOfItsOwn, weight: 10, ...inside }],
  ['workload', { draw: work, weight: 1, ...inside }],
  ['kill', { draw: kill, weight: 2, ...inside }],
  ['join', { draw: join, weight: 3, ...outside }],
  ['kill and rejoin', { draw: killAndRejoin, weight: 2, ...outside }],
  ['join client', { draw: joinClient, weight: 2, ...outside }],
  ['pause', { draw: pause, weight: 2, ...inside }],
  ['resume', { draw: resume, weight: 3, ...inside }],
  ...CUTS,
  ...REPAIRS,
  ...createTroubles(operate, [kill, pause, ...CUTS.map(([, { draw }]) => draw)]),
  ['stabilize', { draw: stabilize, weight: 5, ...inside }],
  [
    'sleep',
    { draw: (_, random) => [`sleep ${random.pick([5, 50, 300])}ms`], weight: 3, ...inside },
  ],
  ['printStore', { draw: onServer('printStore'), weight: 1, ...inside }],
  ['inspect', { draw: onServer('inspect'), weight: 0.5, ...inside }],
  ['check', { draw: () => ['check'], weight: 0.3, ...outside }],
  ['invalid line', { draw: drawInvalidLine, weight: 1.5, ...outside }],
]);

/** Those for a protocol: a change of what only some protocols have changes no script of others. */
export function generatorsFor(protocol: Protocol): ReadonlyMap<string, Generator> {
  const judged = { draw: judgedCommand, weight: 15, ...inside };
  return new Map<string, Generator>([
    ...GENERATORS,
    ...(protocol.clientsReachAll ? linksOfAll(protocol) : []),
    ...(protocol.commands.some(isJudged) ? [['judged command', judged] as const] : []),
  ]);
}

/** The lines of two to eight of the named generators, for a script in which something is wrong. */
export function drawBeside(
  names: readonly string[],
  model: ScriptModel,
  random: RandomSource,
): string[] {
  return Array.from({ length: random.between(2, 8) }, () => {
    return GENERATORS.get(random.pick(names))?.draw(model, random) ?? [];
  }).flat();
}
