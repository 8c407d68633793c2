// Draws jumps of wall clocks into a finished script. They come from a random stream of their own,
// so they change no other line.
import type { RandomSource } from './randomSource.ts';

const SHARE = 0.3;
const MOST = 4;
const STEPS = ['+50ms', '-50ms', '+1s', '-1s', '+10s', '-10s', '+3600s', '-3600s'] as const;

/** The script; in some scripts with a few lines `clock n +10s` between its own. */
export function drawClocks(lines: readonly string[], random: RandomSource): string[] {
  if (!random.happens(SHARE)) return [...lines];
  const places = findPlaces(lines);
  const chosen = Array.from({ length: random.between(1, MOST) }, () => random.tryPick(places));
  const after = new Map<number, string[]>();
  for (const place of chosen) {
    const id = random.tryPick(place?.living ?? []);
    if (place === undefined || id === undefined) continue;
    const line = `clock ${id} ${random.pick(STEPS)}`;
    after.set(place.index, [...(after.get(place.index) ?? []), line]);
  }
  return lines.flatMap((line, index) => [line, ...(after.get(index) ?? [])]);
}

interface Place {
  /** The line after which another one may stand. */
  readonly index: number;
  /** The nodes that live there, by the lines before. */
  readonly living: readonly string[];
}

/** The places outside of blocks at which some node lives. */
function findPlaces(lines: readonly string[]): Place[] {
  const living = new Set<string>();
  const places: Place[] = [];
  let isInBlock = false;
  for (const [index, line] of lines.entries()) {
    const [command, id = ''] = line.split(' ');
    if (command === 'joinServer' || command === 'joinClient') living.add(id);
    else if (command === 'killServer' || command === 'killClient') living.delete(id);
    else if (command === 'concurrently') isInBlock = true;
    else if (command === 'end') isInBlock = false;
    if (!isInBlock && living.size > 0) places.push({ index, living: [...living] });
  }
  return places;
}
