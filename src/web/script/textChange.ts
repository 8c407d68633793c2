// The difference of two texts as one change, so that an editor keeps its place and can undo it.

export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** Undefined for equal texts. */
export function findChange(before: string, after: string): TextChange | undefined {
  if (before === after) return undefined;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (
    end < shorter - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end += 1;
  }
  const insert = after.slice(start, after.length - end);
  return { from: start, to: before.length - end, insert };
}
