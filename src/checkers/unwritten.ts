// Finds a read of a text that no order of the writes of its key can give, where keys have appends
// or compare-and-sets. A compare-and-set that wrote has read the value that it expected.
import type { Recorded } from './history.ts';
import type { Normalized } from './normalize.ts';
import { broken, type Judgement } from './verdict.ts';
import { tellUnwritten } from './words.ts';

/** How many parts of texts may be looked at. */
const MOST_PARTS = 1_000_000;

/** Looks at the keys with 1 in `isChosen`. A key with pops is passed over. */
export function findUnwritten(
  { operations, key, keys }: Normalized<Recorded>,
  isChosen: Uint8Array,
): Judgement | undefined {
  const writes = keys.map(() => new Writes());
  for (const [op, operation] of operations.entries()) writes[key[op] as number]?.add(operation);
  const unwritten = operations.find((operation, op) => {
    const k = key[op] as number;
    return isChosen[k] === 1 && writes[k]?.canGive(textRead(operation)) === false;
  });
  return unwritten && broken('ThinAirRead', [unwritten], tellUnwritten(unwritten));
}

/** Null if it has read nothing. */
export function textRead(operation: Recorded): string | null {
  if (operation.kind === 'get') return operation.value;
  return operation.kind === 'cas' && operation.outcome === 'ok' && operation.isSet !== false
    ? operation.expected
    : null;
}

const OPEN: ReadonlySet<Recorded['kind']> = new Set(['pop', 'add', 'insert', 'remove', 'elements']);

/** The writes of one key. */
class Writes {
  readonly #wholes = new Set<string>();
  /** What appends add, by side and length. */
  readonly #pieces = {
    left: new Map<number, Set<string>>(),
    right: new Map<number, Set<string>>(),
  };
  #hasAppends = false;
  /** Whether it has operations that are not looked at here: then any text may be given. */
  #isOpen = false;
  #parts = 0;
  readonly #known = new Map<string, boolean>();

  add(operation: Recorded): void {
    if (operation.kind === 'get') return;
    if (OPEN.has(operation.kind)) this.#isOpen = true;
    else if (operation.kind === 'append') {
      this.#hasAppends = true;
      const { value, side = 'right' } = operation;
      const alike = this.#pieces[side].get(value.length) ?? new Set();
      this.#pieces[side].set(value.length, alike.add(value));
    } else if (operation.value !== null) this.#wholes.add(operation.value);
  }

  /** True also if that was not found out. */
  canGive(text: string | null): boolean {
    if (text === null || this.#isOpen || this.#wholes.has(text)) return true;
    if (!this.#hasAppends) return false;
    let known = this.#known.get(text);
    if (known === undefined) {
      known = this.#canAppend(text);
      this.#known.set(text, known);
    }
    return known;
  }

  /** Takes pieces off both ends until a whole text or nothing is left. */
  #canAppend(text: string): boolean {
    const isSeen = new Set<number>();
    const open: Part[] = [[0, text.length]];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
      for (const [start, end] of this.#withoutPiece(text, part)) {
        if (start === end || this.#wholes.has(text.slice(start, end))) return true;
        const name = start * (text.length + 1) + end;
        if (!isSeen.has(name)) open.push([start, end]);
        isSeen.add(name);
      }
      this.#parts += 1;
      if (this.#parts > MOST_PARTS) return true;
    }
    return false;
  }

  *#withoutPiece(text: string, [start, end]: Part): Generator<Part> {
    for (const [length, pieces] of this.#pieces.right) {
      const isEnd = length <= end - start && pieces.has(text.slice(end - length, end));
      if (isEnd) yield [start, end - length];
    }
    for (const [length, pieces] of this.#pieces.left) {
      const isStart = length <= end - start && pieces.has(text.slice(start, start + length));
      if (isStart) yield [start + length, end];
    }
  }
}

/** From the first character to before the last. */
type Part = readonly [start: number, end: number];
