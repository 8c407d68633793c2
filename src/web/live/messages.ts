// What a live page is told over its stream, and what it may order.
import type { FirstView, RunPart } from '../growingView.ts';

/** Where the script stands. */
export interface Progress {
  /** The number of lines that are done: the next one is the line after these. */
  readonly done: number;
  /** `idle` while it waits for an order, `over` when no further order is taken. */
  readonly state: 'idle' | 'busy' | 'over';
  /** Whether the next line is within `concurrently` and `end`. */
  readonly isInBlock: boolean;
}

export type LivePart =
  | RunPart
  /** The first part of all: whatever was told before belongs to another run. */
  | { readonly part: 'begin'; readonly first: FirstView }
  | { readonly part: 'progress'; readonly progress: Progress };

export type Order =
  /** Do the next line that is a command. */
  | { readonly do: 'next' }
  /** Do the lines up to this one, and it. */
  | { readonly do: 'runTo'; readonly line: number }
  | { readonly do: 'runAll' }
  /** Stand still after the line that is under way. */
  | { readonly do: 'pause' }
  /** Insert a line after those that are done, and do it. */
  | { readonly do: 'type'; readonly text: string }
  /** End the run, and the program. */
  | { readonly do: 'stop' };

const PLAIN = ['next', 'runAll', 'pause', 'stop'] as const;

/** The order that a request's body is; undefined if it is none. */
export function readOrder(body: unknown): Order | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { do: what, line, text } = body as { do?: unknown; line?: unknown; text?: unknown };
  const plain = PLAIN.find((name) => name === what);
  if (plain !== undefined) return { do: plain };
  const isLine = typeof line === 'number' && Number.isSafeInteger(line) && line > 0;
  if (what === 'runTo' && isLine) return { do: 'runTo', line };
  return what === 'type' && typeof text === 'string' ? { do: 'type', text } : undefined;
}
