// Which lines two texts share, in the same order.

/** Pairs of equal items: their positions in the first list and in the second, both ascending. */
export type Pairs = readonly (readonly [number, number])[];

/**
 * Beyond it the middle of both lists, without what they share at the beginning and the end, counts
 * as different: the table would take too much memory and time.
 */
const MOST_CELLS = 4_000_000;

/** The most pairs that are possible, if the lists are not very long. */
export function align<A, B>(
  a: readonly A[],
  b: readonly B[],
  isEqual: (x: A, y: B) => boolean,
): Pairs {
  const isSame = (i: number, j: number): boolean => isEqual(a[i] as A, b[j] as B);
  const most = Math.min(a.length, b.length);
  let start = 0;
  while (start < most && isSame(start, start)) start += 1;
  let tail = 0;
  while (tail < most - start && isSame(a.length - 1 - tail, b.length - 1 - tail)) tail += 1;
  const pairs: (readonly [number, number])[] = [];
  for (let at = 0; at < start; at += 1) pairs.push([at, at]);
  const [endA, endB] = [a.length - tail, b.length - tail];
  pairs.push(...alignMiddle({ start, endA, endB }, isSame));
  for (let at = 0; at < tail; at += 1) pairs.push([endA + at, endB + at]);
  return pairs;
}

interface Middle {
  readonly start: number;
  readonly endA: number;
  readonly endB: number;
}

/** A longest common subsequence, by the table of the lengths of those of all rests. */
function alignMiddle(
  { start, endA, endB }: Middle,
  isSame: (i: number, j: number) => boolean,
): (readonly [number, number])[] {
  const width = endB - start + 1;
  const height = endA - start + 1;
  if (width === 1 || height === 1 || width * height > MOST_CELLS) return [];
  const lengths = new Uint32Array(width * height);
  const at = (i: number, j: number): number => (i - start) * width + j - start;
  const length = (i: number, j: number): number => lengths[at(i, j)] as number;
  for (let i = endA - 1; i >= start; i -= 1) {
    for (let j = endB - 1; j >= start; j -= 1) {
      lengths[at(i, j)] = isSame(i, j)
        ? length(i + 1, j + 1) + 1
        : Math.max(length(i + 1, j), length(i, j + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [start, start]; i < endA && j < endB; ) {
    if (isSame(i, j)) {
      pairs.push([i, j]);
      i += 1;
      j += 1;
    } else if (length(i + 1, j) >= length(i, j + 1)) i += 1;
    else j += 1;
  }
  return pairs;
}
