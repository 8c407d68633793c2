// Draws servers that fail and recover while they run on. The lines come after all others, from a
// random stream of their own, so they change no line before them.
import { drawBeside } from './generators.ts';
import type { RandomSource } from './randomSource.ts';
import type { ScriptModel } from './scriptModel.ts';

const SHARE = 0.3;
/** How often a server is left failed until the ending of the script. */
const LEFT_SHARE = 0.3;
const BESIDE = ['operate', 'roam', 'stabilize', 'sleep', 'kill and rejoin'] as const;

/** In some scripts: one or two servers fail, clients operate, and usually the servers recover. */
export function drawFailedServers(model: ScriptModel, random: RandomSource): string[] {
  if (!random.happens(SHARE)) return [];
  const failed = random.shuffle(model.servers).slice(0, random.between(1, 2));
  return [
    ...failed.map((id) => `fail ${id}`),
    ...drawBeside(BESIDE, model, random),
    ...failed.flatMap((id) => {
      const isLive = model.servers.includes(id);
      return isLive && !random.happens(LEFT_SHARE) ? [`recover ${id}`] : [];
    }),
    ...drawBeside(BESIDE, model, random),
  ];
}
