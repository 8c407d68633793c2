// Transfer of state in parts: the entries that a peer lacks are cut into parts that each fit a
// message. The receiver applies them only when all parts have arrived.
import { jsonBytesOf, PART_BYTES } from '../kernel/limits.ts';

/**
 * An upper bound for the bytes of a key and a value as JSON, with `rest` for everything else. One
 * UTF-16 unit needs at most six bytes. Long values are measured exactly, so that a value that was
 * accepted in a message also fits a message of its own.
 */
export function largestSize(key: string, value: string | null, rest: number): number {
  const ofValue = value === null ? 4 : value.length;
  const exact = value === null || ofValue < 1024 ? 6 * ofValue : jsonBytesOf(value);
  return rest + 6 * key.length + exact;
}

/** The first items that together fit one message; at least one if there are any. */
export function firstPart<T>(items: readonly T[], sizeOf: (item: T) => number): readonly T[] {
  let bytes = 0;
  for (const [index, item] of items.entries()) {
    bytes += sizeOf(item);
    if (bytes > PART_BYTES && index > 0) return items.slice(0, index);
  }
  return items;
}

/** All items in order, in parts that each fit a message. No parts for no items. */
export function cutParts<T>(items: readonly T[], sizeOf: (item: T) => number): (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  let start = 0;
  let bytes = 0;
  let index = 0;
  for (const item of items) {
    const size = sizeOf(item);
    if (index > start && bytes + size > PART_BYTES) {
      parts.push(items.slice(start, index));
      start = index;
      bytes = 0;
    }
    bytes += size;
    index += 1;
  }
  if (start === 0 && items.length > 0) return [items];
  if (start < items.length) parts.push(items.slice(start));
  return parts;
}

/** The number of a part: its sender numbers transfers upwards, and their parts from 0. */
export interface PartNumber {
  readonly transfer: number;
  readonly part: number;
  readonly isLast: boolean;
}

/** Receives the parts of one sender's transfers. */
export class PartIntake<T> {
  #transfer = -1;
  #next = 0;
  #parts: T[] = [];

  /**
   * Gives all parts when the last one has arrived; `more` while others are missing, `copy` for a
   * part that arrived before, `gap` if the sender has to begin again.
   */
  take({ transfer, part, isLast }: PartNumber, content: T): readonly T[] | 'more' | 'copy' | 'gap' {
    if (transfer > this.#transfer && part === 0) {
      this.#transfer = transfer;
      this.#next = 0;
    }
    if (transfer !== this.#transfer || part > this.#next) return 'gap';
    if (part < this.#next) return 'copy';
    this.#next += 1;
    if (part === 0) this.#parts = [content];
    else this.#parts.push(content);
    if (!isLast) return 'more';
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }
}
