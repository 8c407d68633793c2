// Finds the name that a mistyped word most likely meant.

/** Longer than any name; further characters cannot make a word closer. */
const COMPARED_CHARACTERS = 32;

/**
 * One edit for each so many characters, and one in a shorter word, still counts as a typing error.
 */
const CHARACTERS_PER_EDIT = 3;

/**
 * The name with the fewest edits relative to its length, the first one among equals; undefined when
 * no name is close enough. A prefix of a name is closer than any other word.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  const typed = word.slice(0, COMPARED_CHARACTERS).toLowerCase();
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const distance = distanceOf(typed, name.toLowerCase());
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

/** `; the nearest is causal`, to end a refusal with; empty when no name is close enough. */
export function adviseNearest(word: string, names: readonly string[]): string {
  const nearest = nearestName(word, names);
  return nearest === undefined ? '' : `; the nearest is ${nearest}`;
}

function distanceOf(typed: string, name: string): number {
  if (name.startsWith(typed)) return 0;
  const edits = countEdits(typed, name);
  const most = Math.max(1, Math.floor(typed.length / CHARACTERS_PER_EDIT));
  return edits > most ? Number.POSITIVE_INFINITY : edits / Math.max(typed.length, name.length);
}

/** Insertions, deletions, replacements and swaps of neighbours (Damerau, CACM 1964). */
export function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
        isSwap ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? from.length;
}
