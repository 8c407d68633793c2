// Draws partitions in one direction: a group no longer reaches the groups after it, and still hears
// them. The lines come after all others, from a random stream of their own, so they change no line
// before them.
import { drawBeside } from './generators.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.2;
/** How often the partition is left until the ending of the script. */
const LEFT_SHARE = 0.4;
const BESIDE = ['operate', 'roam', 'stabilize', 'sleep', 'kill and rejoin'] as const;

/** In some scripts: two groups of servers, of which one does not reach the other. */
export function drawOneWay(model: ScriptModel, random: RandomSource): string[] {
  if (!random.happens(SHARE) || model.servers.length < 2) return [];
  const [first, second, ...others] = random.shuffle(model.servers);
  const groups = [[first], [second]];
  for (const server of others) random.pick(groups).push(server);
  const isLeft = random.happens(LEFT_SHARE);
  return [
    `partition ${groups.map((group) => group.join(' ')).join(' | ')} oneway`,
    ...drawBeside(BESIDE, model, random),
    ...(isLeft ? [] : ['heal', ...drawBeside(BESIDE, model, random)]),
  ];
}
