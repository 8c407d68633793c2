// What a drawn script may do next: each deed is a few lines that make sense where they stand.
import type { NodeId } from '../kernel/ids.ts';
import type { ProtocolCommand } from '../kernel/protocol.ts';
import type { Cast } from './cast.ts';
import type { Deed, DrawLines } from './deed.ts';
import { CUTS, REPAIRS } from './drawLinks.ts';
import { createTroubles } from './drawTroubles.ts';
import type { Lot } from './lot.ts';
import { drawMistake } from './mistakes.ts';

const READER_SHARE = 0.2;

function operate(cast: Cast, lot: Lot): string[] | undefined {
  const client = lot.tryPick(cast.clients);
  if (client === undefined) return undefined;
  const scope = lot.happens(0.05)
    ? lot.tryPick(Object.keys(cast.protocol.scopes ?? {}))
    : undefined;
  if (scope !== undefined) {
    const isDelete = !cast.isReader(client) && lot.happens(0.4);
    return [`${isDelete ? 'delete' : 'get'} ${client} ${scope}`];
  }
  const key = lot.pick(cast.keys);
  if (cast.isReader(client) || lot.happens(0.45)) return [`get ${client} ${key}`];
  if (lot.happens(0.25)) return [`delete ${client} ${key}`];
  return [`put ${client} ${key} ${cast.newValue()}`];
}

/** A client goes to another server, mostly leaves those it had, and reads or writes there. */
function roam(cast: Cast, lot: Lot): string[] | undefined {
  const client = lot.tryPick(cast.clients);
  const server = lot.tryPick(cast.servers);
  if (client === undefined || server === undefined) return undefined;
  const lines: string[] = [];
  for (const other of cast.serversOf(client)) {
    if (other === server || lot.happens(0.2)) continue;
    cast.disconnect(client, other);
    lines.push(`breakConnection ${client} ${other}`);
  }
  cast.connect(client, server);
  lines.push(`createConnection ${client} ${server}`);
  const key = lot.pick(cast.keys);
  const isRead = cast.isReader(client) || lot.happens(0.6);
  lines.push(isRead ? `get ${client} ${key}` : `put ${client} ${key} ${cast.newValue()}`);
  return lines;
}

function kill(cast: Cast, lot: Lot): string[] | undefined {
  const server = lot.tryPick(cast.servers);
  if (server === undefined || cast.servers.length < 2) return undefined;
  cast.kill(server);
  return [`killServer ${server}`];
}

/** One, or two in a row, of which neither knows more than the other. */
function join(cast: Cast, lot: Lot): string[] | undefined {
  const first = joinOne(cast, lot);
  const second = lot.happens(0.25) ? joinOne(cast, lot) : undefined;
  return first && [...first, ...(second ?? [])];
}

/** Under its old id mostly, and a client that was connected to it often comes back. */
function joinOne(cast: Cast, lot: Lot): string[] | undefined {
  if (cast.servers.length >= 6) return undefined;
  const id = (lot.happens(0.8) ? lot.tryPick(cast.dead) : undefined) ?? cast.newId();
  cast.addServer(id);
  const client = lot.happens(0.5) ? lot.tryPick(cast.clients) : undefined;
  if (client === undefined) return [`joinServer ${id}`];
  cast.connect(client, id);
  return [`joinServer ${id}`, `createConnection ${client} ${id}`];
}

function killAndRejoin(cast: Cast, lot: Lot): string[] | undefined {
  const server = lot.tryPick(cast.servers);
  if (server === undefined || cast.servers.length < 2) return undefined;
  cast.kill(server);
  cast.addServer(server);
  return [`killServer ${server}`, `joinServer ${server}`];
}

/** A new client, now and then under the id of a dead server. */
export function joinClient(cast: Cast, lot: Lot): string[] | undefined {
  const server = lot.tryPick(cast.servers);
  if (server === undefined || cast.clients.length >= 6) return undefined;
  const id = (lot.happens(0.1) ? lot.tryPick(cast.dead) : undefined) ?? cast.newId();
  const words = Object.keys(cast.protocol.guarantees);
  const asked = lot.happens(0.5) ? lot.some(words, 1 / Math.max(1, words.length)) : [];
  cast.connect(id, server);
  if (lot.happens(READER_SHARE)) cast.makeReader(id);
  const lines = [['joinClient', id, server, ...asked].join(' ')];
  const second = lot.happens(0.25) ? lot.pick(cast.servers) : server;
  if (second === server) return lines;
  cast.connect(id, second);
  return [...lines, `joinClient ${id} ${second}`];
}

/** One, now and then all that are awake: then whoever joins is alone. */
function pause(cast: Cast, lot: Lot): string[] | undefined {
  const servers = lot.happens(0.15) ? cast.awake : lot.some(cast.awake, 1 / cast.awake.length);
  for (const server of servers) cast.setPaused(server, true);
  return servers.map((server) => `pauseServer ${server}`);
}

function resume(cast: Cast, lot: Lot): string[] | undefined {
  const server = lot.tryPick(cast.paused);
  if (server === undefined) return undefined;
  cast.setPaused(server, false);
  return [`resumeServer ${server}`];
}

/** What a protocol does behind a round that found nothing, it does in the second of two. */
function stabilize(_cast: Cast, lot: Lot): string[] {
  return lot.happens(0.2) ? ['stabilize', 'stabilize'] : ['stabilize'];
}

function onServer(command: string): DrawLines {
  return (cast, lot) => {
    const server = lot.tryPick(cast.servers);
    return server === undefined ? undefined : [`${command} ${server}`];
  };
}

/** Of all clients or of some, so that two in a block may have clients of their own. */
function work(cast: Cast, lot: Lot): string[] | undefined {
  const all = cast.clients.sort((a, b) => a - b);
  if (all.length === 0) return undefined;
  const from = lot.happens(0.3) ? lot.between(0, all.length - 1) : 0;
  const count = lot.happens(0.3) ? lot.between(1, all.length - from) : all.length - from;
  const clients = all.slice(from, from + count);
  const doAllWrite = clients.every((id) => !cast.isReader(id));
  const settings = [
    ...(from > 0 ? [`from=${clients[0]}`] : []),
    ...(from + count < all.length ? [`clients=${count}`] : []),
    `ops=${lot.pick([5, 10, 20])}`,
    `keys=${lot.between(1, 3)}`,
    `reads=${lot.pick(doAllWrite ? [0, 0.2, 0.5, 0.8, 1] : [1])}`,
    `inflight=${lot.happens(0.3) ? 'all' : lot.between(1, Math.min(count, 4))}`,
  ];
  return [`workload ${settings.join(' ')}`];
}

/** One of the commands that only this protocol has, where words for its arguments are known. */
function commandOfItsOwn(cast: Cast, lot: Lot): string[] | undefined {
  const drawable = cast.protocol.commands.filter(isDrawable);
  const command = lot.tryPick(drawable);
  if (command === undefined) return undefined;
  const isAlone = command.on === 'service' || command.on === 'servers';
  const clients = command.args.includes('value') ? cast.writers : cast.clients;
  const nodes: readonly NodeId[] = command.on === 'client' ? clients : cast.servers;
  const node = lot.tryPick(nodes);
  if (node === undefined) return undefined;
  const args = command.args.map((kind) => {
    if (kind === 'key') return lot.pick(cast.keys);
    return kind === 'value' ? cast.newValue() : lot.pick(command.samples ?? []);
  });
  return [[command.name, ...(isAlone ? [] : [node]), ...args].join(' ')];
}

/** Whether lines of this command can be drawn. */
export function isDrawable({ args, samples = [] }: ProtocolCommand): boolean {
  return samples.length > 0 || !args.includes('word');
}

const inside = { mayOverlap: true } as const;
const outside = { mayOverlap: false } as const;

export const DEEDS: ReadonlyMap<string, Deed> = new Map<string, Deed>([
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
  ['sleep', { draw: (_, lot) => [`sleep ${lot.pick([5, 50, 300])}ms`], weight: 3, ...inside }],
  ['printStore', { draw: onServer('printStore'), weight: 1, ...inside }],
  ['inspect', { draw: onServer('inspect'), weight: 0.5, ...inside }],
  ['check', { draw: () => ['check'], weight: 0.3, ...outside }],
  ['mistake', { draw: drawMistake, weight: 1.5, ...outside }],
]);
