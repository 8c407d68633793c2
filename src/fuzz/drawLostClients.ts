// Draws clients that are killed, also while they wait for an answer: what they asked for may still
// happen. The lines come after all others, from a random stream of their own, so they change no
// line before them.
import type { NodeId } from '../kernel/ids.ts';
import { drawBeside } from './generators.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.2;
const BESIDE = ['operate', 'roam', 'stabilize', 'sleep', 'cut', 'kill and rejoin'] as const;

/** In some scripts: one or two clients are killed, and usually their ids are used again. */
export function drawLostClients(model: ScriptModel, random: RandomSource): string[] {
  if (!random.happens(SHARE)) return [];
  const lost = random.shuffle(model.writers).slice(0, random.between(1, 2));
  const ends = lost.flatMap((client) => drawEnd(model, random, client));
  const beside = drawBeside(BESIDE, model, random);
  const returns = lost.flatMap((client) => drawReturn(model, random, client));
  return [...ends, ...beside, ...returns];
}

/** The client dies during its own put, or between two lines. */
function drawEnd(model: ScriptModel, random: RandomSource, client: NodeId): string[] {
  const end = `killClient ${client}`;
  const isBusy = random.happens(0.6);
  model.killClient(client);
  if (!isBusy) return [end];
  const put = `put ${client} ${random.pick(model.keys)} ${model.newValue()}`;
  const wait = random.happens(0.5) ? [`sleep ${random.between(1, 20)}ms`] : [];
  return ['concurrently', put, ...wait, end, 'end'];
}

/** A new client under the id of the former one, which reads what that one put. */
function drawReturn(model: ScriptModel, random: RandomSource, client: NodeId): string[] {
  const server = random.tryPick(model.servers);
  if (server === undefined || !random.happens(0.7)) return [];
  model.connect(client, server);
  return [`joinClient ${client} ${server}`, ...model.keys.map((key) => `get ${client} ${key}`)];
}
