// What a page asks of its worker, and what comes back. A later request of the same kind makes an
// earlier one void: its answer may never come.

import type { Suggestions } from '../script/completeAt.ts';
import type { Vocabulary } from '../script/vocabulary.ts';
import type { TimesOrder, TimesResult } from '../times/messages.ts';
import type { Look, RunSource, RunView } from '../view.ts';
import type { SeedBatch, SeedPlan, ShrunkSeed } from './seedPlan.ts';

export type Request =
  | { readonly kind: 'run'; readonly id: number; readonly source: RunSource }
  /** The states at a cursor of that run. */
  | {
      readonly kind: 'look';
      readonly id: number;
      readonly source: RunSource;
      readonly cursor: number;
    }
  /** The seeds from `from` to before `to`. */
  | {
      readonly kind: 'seeds';
      readonly id: number;
      readonly plan: SeedPlan;
      readonly from: number;
      readonly to: number;
    }
  /** The script of a broken seed, shrunk; with answers on the way. */
  | {
      readonly kind: 'shrink';
      readonly id: number;
      readonly plan: SeedPlan;
      readonly seed: number;
    }
  /** Of requests and their times; none makes another one void. */
  | { readonly kind: 'times'; readonly id: number; readonly order: TimesOrder }
  /** The words of the script language. */
  | { readonly kind: 'words'; readonly id: number }
  /** Completions after a beginning of a script. */
  | {
      readonly kind: 'complete';
      readonly id: number;
      readonly before: string;
      readonly protocol: string;
    };

export type Answer =
  | { readonly kind: 'run'; readonly id: number; readonly view: RunView }
  | { readonly kind: 'look'; readonly id: number; readonly look: Look | null }
  | { readonly kind: 'seeds'; readonly id: number; readonly batch: SeedBatch }
  /** The best so far; it goes on. */
  | { readonly kind: 'shrinking'; readonly id: number; readonly shrunk: ShrunkSeed }
  /** Null if the seed breaks nothing. */
  | { readonly kind: 'shrink'; readonly id: number; readonly shrunk: ShrunkSeed | null }
  | { readonly kind: 'times'; readonly id: number; readonly result: TimesResult }
  | { readonly kind: 'words'; readonly id: number; readonly vocabulary: Vocabulary }
  | { readonly kind: 'complete'; readonly id: number; readonly suggestions: Suggestions }
  /** A defect of the program, or a worker that was ended. */
  | { readonly kind: 'failed'; readonly id: number; readonly why: string };
