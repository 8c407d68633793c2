// What a page asks of its worker, and what comes back. A later request of the same kind makes an
// earlier one void: its answer may never come.
import type { Look, RunSource, RunView } from '../view.ts';

export type Request =
  | { readonly kind: 'run'; readonly id: number; readonly source: RunSource }
  /** The states at a cursor of that run. */
  | {
      readonly kind: 'look';
      readonly id: number;
      readonly source: RunSource;
      readonly cursor: number;
    };

export type Answer =
  | { readonly kind: 'run'; readonly id: number; readonly view: RunView }
  | { readonly kind: 'look'; readonly id: number; readonly look: Look | null }
  /** A defect of the program. */
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
