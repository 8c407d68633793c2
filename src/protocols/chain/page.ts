// Pages of many keys: each page fits a message, and says after which key the next page begins.
import { PART_BYTES } from '../../kernel/limits.ts';
import { sizeOf } from './wire.ts';

export interface Page {
  readonly entries: [key: string, value: string][];
  /** The last key of this page if more keys follow, else null. */
  readonly next: string | null;
}

/** The first keys after `after`, in the order of code units. */
export function pageOf(
  values: Iterable<readonly [key: string, value: string]>,
  after: string | null,
): Page {
  const all = Array.from(values, ([key, value]): [string, string] => [key, value]);
  const rest = all.filter(([key]) => after === null || key > after);
  rest.sort(([a], [b]) => (a < b ? -1 : 1));
  let bytes = 0;
  for (const [index, [key, value]] of rest.entries()) {
    bytes += sizeOf({ key, value });
    if (bytes > PART_BYTES && index > 0) {
      const entries = rest.slice(0, index);
      return { entries, next: entries.at(-1)?.[0] ?? null };
    }
  }
  return { entries: rest, next: null };
}

/** One page out of the pages of several arcs: no key after the end of any page that continues. */
export function mergePages(pages: readonly Page[]): Page {
  const ends = pages.map(({ next }) => next).filter((next) => next !== null);
  const end = ends.length === 0 ? null : ends.reduce((a, b) => (a < b ? a : b));
  const entries = pages.flatMap((page) => page.entries);
  const { entries: first, next } = pageOf(
    entries.filter(([key]) => end === null || key <= end),
    null,
  );
  return { entries: first, next: next ?? end };
}
