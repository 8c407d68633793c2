// Draws settings of links, and operations beside them. The lines come after all others, from a
// random stream of their own, so they change no line before them.
import type { NodeId } from '../kernel/ids.ts';
import { drawBeside } from './generators.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.3;
/** How often the settings are left until the ending of the script. */
const LEFT_SHARE = 0.5;
const BESIDE = ['operate', 'roam', 'stabilize', 'sleep', 'mend', 'kill and rejoin'] as const;
const EACH = 0.4;

/** By name: what is drawn for it. */
const SAMPLES = {
  delay: ['20ms', '0..100ms', '0..300ms', 'normal(50ms,50ms)'],
  loss: ['0.05', '0.3', '1'],
  duplication: ['0.2', '1'],
  reorder: ['off', 'on'],
} as const;

/** In some scripts: messages are slow, lost, repeated or in order, on some links or on all. */
export function drawSlowLinks(model: ScriptModel, random: RandomSource): string[] {
  if (!random.happens(SHARE)) return [];
  const changed = Array.from({ length: random.between(1, 3) }, () => drawChange(model, random));
  const isLeft = random.happens(LEFT_SHARE);
  return [
    ...changed.flat(),
    ...drawBeside(BESIDE, model, random),
    ...(isLeft ? [] : ['link all reset', ...drawBeside(BESIDE, model, random)]),
  ];
}

function drawChange(model: ScriptModel, random: RandomSource): string[] {
  const ends = random.happens(0.3) ? 'all' : drawEnds(model, random)?.join(' ');
  if (ends === undefined) return [];
  const settings = Object.entries(SAMPLES).flatMap(([name, samples]) => {
    // A link that loses everything is a one-way cut; on all links there would be nothing else.
    const usable = samples.filter((text) => ends !== 'all' || name !== 'loss' || text !== '1');
    return random.happens(EACH) ? [`${name}=${random.pick<string>(usable)}`] : [];
  });
  return [`link ${ends} ${settings.join(' ') || 'reset'}`];
}

/** Two servers, or a client and a server, in either order. */
function drawEnds(model: ScriptModel, random: RandomSource): NodeId[] | undefined {
  const [server, other] = random.shuffle(model.servers);
  const peer = random.happens(0.3) ? random.tryPick(model.clients) : other;
  if (server === undefined || peer === undefined) return undefined;
  return random.shuffle([server, peer]);
}
