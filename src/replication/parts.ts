// Transfer of state in parts: what a peer lacks is cut so that each part fits a message, and taken
// over only when all parts have come. Between two parts a receiver's state is as it was before.
import { jsonBytesOf, PART_BYTES } from '../kernel/limits.ts';

/**
 * An upper bound of the bytes that a key and a value need as JSON, with `rest` for all beside them.
 * Six bytes are the most for one UTF-16 unit. Long values are measured, so that one which was
 * accepted alone also travels alone.
 */
export function largestSize(key: string, value: string | null, rest: number): number {
  const ofValue = value === null ? 4 : value.length;
  const exact = value === null || ofValue < 1024 ? 6 * ofValue : jsonBytesOf(value);
  return rest + 6 * key.length + exact;
}

/** The first items that fit one message together; one at least if there is one. */
export function firstPart<T>(items: readonly T[], sizeOf: (item: T) => number): readonly T[] {
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    bytes += sizeOf(item);
    if (bytes > PART_BYTES && index > 0) return items.slice(0, index);
  }
  return items;
}

/** All items in order, in as many parts as they need; none for nothing. */
export function cutParts<T>(items: readonly T[], sizeOf: (item: T) => number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  let start = 0;
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    const size = sizeOf(item);
    if (index > start && bytes + size > PART_BYTES) {
      parts.push(items.slice(start, index));
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start === 0 && items.length > 0) return [items];
  if (start < items.length) parts.push(items.slice(start));
  return parts;
}

/** Where a part stands: its sender numbers transfers upwards, and parts from 0. */
export interface PartNumber {
  readonly transfer: number;
  readonly part: number;
  readonly isLast: boolean;
}

/** The parts of one sender's transfers as they come in. */
export class PartIntake<T> {
  #transfer = -1;
  #next = 0;
  #parts: T[] = [];

  /**
   * Gives all parts once the last is in; `more` while others
   * are to come, `copy` for one that came before, `gap` where its sender has to begin anew.
   */
  take({ transfer, part, isLast }: PartNumber, content: T): readonly T[] | 'more' | 'copy' | 'gap' {
    if (transfer > this.#transfer && part === 0) {
      this.#transfer = transfer;
      this.#next = 0;
      this.#parts = [];
    }
    if (transfer !== this.#transfer || part > this.#next) return 'gap';
    if (part < this.#next) return 'copy';
    this.#next += 1;
    this.#parts.push(content);
    return isLast ? this.#parts.splice(0) : 'more';
  }
}
