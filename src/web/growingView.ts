// A run's view while it grows: the run tells what happens, part by part. A report collects the
// parts in the program itself; a live page gets the same parts over its stream.
import type { InitialWrite, Recorded } from '../kernel/history.ts';
import type { Options } from '../kernel/protocol.ts';
import type { TraceEvent } from '../kernel/trace.ts';
import type { EarlierWrite, Look, RunSource, RunVerdict, RunView, SaidText } from './view.ts';

export type RunPart =
  /** A line of the script comes in before the line that has this number now, from 1. */
  | { readonly part: 'line'; readonly number: number; readonly text: string }
  /** The protocol and options that the run has from now on. */
  | { readonly part: 'choice'; readonly protocol: string; readonly options: Options }
  | { readonly part: 'said'; readonly said: SaidText }
  | { readonly part: 'event'; readonly event: TraceEvent }
  /** A server that joins has it from an earlier run. */
  | { readonly part: 'earlier'; readonly write: InitialWrite }
  | { readonly part: 'operation'; readonly operation: Recorded }
  /** Its cursor is the number of events told so far. */
  | { readonly part: 'look'; readonly look: Omit<Look, 'cursor'> }
  | { readonly part: 'verdict'; readonly verdict: RunVerdict }
  | { readonly part: 'failure'; readonly why: string };

export type TakePart = (part: RunPart) => void;

/** The most events of which a report or a live page knows; a page with more is of no use. */
export const MOST_EVENTS = 1_000_000;

/** A view as it is before anything has happened. */
export type FirstView = Pick<RunView, 'world' | 'options'> & { readonly source: RunSource };

export class GrowingView {
  readonly #first: FirstView;
  readonly #script: string[];
  readonly #said: SaidText[] = [];
  readonly #events: TraceEvent[] = [];
  readonly #history: Recorded[] = [];
  readonly #earlier: EarlierWrite[] = [];
  readonly #looks: Look[] = [];
  #choice: Pick<RunView, 'protocol' | 'options'>;
  #verdict: RunVerdict = { lines: [], witness: null };
  #failure: string | undefined;

  constructor(first: FirstView) {
    this.#first = first;
    this.#script = linesOf(first.source.script);
    this.#choice = { protocol: first.source.protocol, options: first.options };
  }

  take(part: RunPart): void {
    switch (part.part) {
      case 'line':
        this.#script.splice(part.number - 1, 0, part.text);
        break;
      case 'choice':
        this.#choice = { protocol: part.protocol, options: part.options };
        break;
      case 'said':
        this.#said.push(part.said);
        break;
      case 'event':
        this.#events.push(part.event);
        break;
      case 'operation':
        this.#history.push(part.operation);
        break;
      case 'earlier':
        this.#earlier.push({ write: part.write, after: this.#history.length });
        break;
      case 'look':
        this.#takeLook(part.look);
        break;
      case 'verdict':
        this.#verdict = part.verdict;
        break;
      case 'failure':
        this.#failure ??= part.why;
        break;
    }
  }

  /** The view now: later parts do not change it. */
  view(): RunView {
    const { source, world } = this.#first;
    const script = this.#script.map((line) => `${line}\n`).join('');
    return {
      source: { ...source, script },
      world,
      ...this.#choice,
      said: [...this.#said],
      events: [...this.#events],
      history: [...this.#history],
      earlier: [...this.#earlier],
      verdict: this.#verdict,
      looks: [...this.#looks],
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
  }

  /** Of two looks at one cursor the later one counts. */
  #takeLook(look: Omit<Look, 'cursor'>): void {
    const cursor = this.#events.length;
    if (this.#looks.at(-1)?.cursor === cursor) this.#looks.pop();
    this.#looks.push({ cursor, ...look });
  }
}

/** The lines of a script, without their ends. */
export function linesOf(script: string): string[] {
  const lines = script.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
