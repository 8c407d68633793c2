// Which lines of an output answer which command. A `get` prints one line and `printStore` any
// number, so there can be several ways to cut the output; all are listed, the likely ones first.
import { Choices } from './choices.ts';
import { BEHIND, NO_KEY } from './script.ts';
import type { Get, Show } from './steps.ts';

/** A line of the output. */
export interface PrintedLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

export type Asked = Get | Show;

/** The lines that answer one command. */
export interface Segment {
  readonly asked: Asked;
  readonly lines: readonly PrintedLine[];
}

/** Blank lines, and blanks at the end of a line, do not count. */
export function printedLines(output: string): PrintedLine[] {
  return output
    .split('\n')
    .map((text, index) => ({ number: index + 1, text: text.trimEnd() }))
    .filter(({ text }) => text !== '');
}

/** The key and the value of a line of a store; undefined if no key of the script begins it. */
export function readEntry(
  text: string,
  isPut: (key: string, value?: string) => boolean,
): readonly [key: string, value: string] | undefined {
  let found: readonly [string, string] | undefined;
  for (let at = text.indexOf(':'); at !== -1; at = text.indexOf(':', at + 1)) {
    const entry = [text.slice(0, at), text.slice(at + 1)] as const;
    if (isPut(...entry)) return entry;
    if (isPut(entry[0])) found ??= entry;
  }
  return found;
}

/** Where the cutting of an output can go on, or cannot. */
export interface Cut {
  /** How many commands are answered. */
  readonly commands: number;
  /** By how many lines. */
  readonly lines: number;
}

export class Segmentation {
  readonly #asked: readonly Asked[];
  readonly #lines: readonly PrintedLine[];
  readonly #isPut: (key: string, value?: string) => boolean;
  readonly #isSorted: boolean;
  /** By the number of commands that are answered, by the number of lines: those before. */
  readonly #reached: Map<number, number[]>[] = [new Map([[0, []]])];

  /** If `isSorted`, only stores that are sorted by key count: there are fewer ways then. */
  constructor(
    asked: readonly Asked[],
    lines: readonly PrintedLine[],
    isPut: (key: string, value?: string) => boolean,
    isSorted = false,
  ) {
    this.#isSorted = isSorted;
    this.#asked = asked;
    this.#lines = lines;
    this.#isPut = isPut;
    for (const [index, one] of asked.entries()) {
      const next = new Map<number, number[]>();
      for (const start of this.#reached[index]?.keys() ?? []) {
        for (const end of this.#endsOf(one, start)) {
          const starts = next.get(end);
          if (starts === undefined) next.set(end, [start]);
          else starts.push(start);
        }
      }
      this.#reached.push(next);
      if (next.size === 0) break;
    }
  }

  get isWhole(): boolean {
    return this.#reached[this.#asked.length]?.has(this.#lines.length) ?? false;
  }

  /** The most commands that can be answered, by the most lines. */
  get furthest(): Cut {
    const commands = this.#reached.findLastIndex((ends) => ends.size > 0);
    const ends = [...(this.#reached[commands]?.keys() ?? [])];
    return { commands, lines: ends.reduce((a, b) => Math.max(a, b), 0) };
  }

  /** All ways to cut the output up to there, at most so many. */
  *list({ commands, lines }: Cut, most: number): Generator<Segment[]> {
    const choices = new Choices();
    for (let count = 0; count < most; count += 1) {
      const segments: Segment[] = [];
      let end = lines;
      for (let index = commands; index > 0; index -= 1) {
        const starts = this.#reached[index]?.get(end) as number[];
        const start = starts[choices.next(starts.length)] as number;
        const asked = this.#asked[index - 1] as Asked;
        segments.push({ asked, lines: this.#lines.slice(start, end) });
        end = start;
      }
      yield segments.reverse();
      if (!choices.advance()) return;
    }
  }

  /** The lines from there on that can be one store of the server: as many as possible. */
  longestStore({ possible }: Show, start: number): PrintedLine[] {
    const keys = new Set<string>();
    let last = '';
    let end = start;
    for (; end < this.#lines.length; end += 1) {
      const [key, value] = readEntry(this.#lines[end]?.text ?? '', this.#isPut) ?? [];
      if (key === undefined || value === undefined) break;
      if (keys.has(key) || possible.get(key)?.has(value) !== true) break;
      if (this.#isSorted && key < last) break;
      keys.add(key);
      last = key;
    }
    return this.#lines.slice(start, end);
  }

  #endsOf(asked: Asked, start: number): number[] {
    if (asked.kind === 'show') {
      const left = new Set(asked.sure);
      const ends = left.size === 0 ? [start] : [];
      for (const [index, { text }] of this.longestStore(asked, start).entries()) {
        left.delete(readEntry(text, this.#isPut)?.[0] ?? '');
        if (left.size === 0) ends.push(start + index + 1);
      }
      return ends.reverse();
    }
    const { key, servers } = asked;
    const text = this.#lines[start]?.text;
    if (servers.length > 0) return text?.startsWith(`${key}:`) ? [start + 1] : [];
    return text?.startsWith(`${key}:ERR_`) ? [start + 1, start] : [start];
  }
}

/** The answer of a get, after its key. */
export function answerOf(text: string, key: string) {
  const rest = text.slice(key.length + 1);
  if (rest === NO_KEY) return { kind: 'absent' } as const;
  return rest === BEHIND ? ({ kind: 'behind' } as const) : ({ kind: 'value', text: rest } as const);
}
