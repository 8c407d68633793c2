// Orders and questions to a world whose nodes may die at any moment.
import { CallError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';

/** For which line a node is asked, and how long its answer is waited for. */
export interface AskTerms {
  /** The script's line; undefined where none caused it. */
  readonly line: number | undefined;
  /** What the world allows, unless told. */
  readonly timeoutMs?: number;
}

export type AskOutcome =
  | { readonly result: Json; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: CallError };

/** A node may have died while it was given an order; that is told by `onDeath`. */
export async function unlessDead(ordered: Promise<void>): Promise<void> {
  try {
    await ordered;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

/** The answer, or the CallError in its place: that there is no answer is an outcome. */
export async function outcomeOf(ask: () => Promise<Json>): Promise<AskOutcome> {
  try {
    return { result: await ask() };
  } catch (error) {
    if (error instanceof CallError) return { error };
    throw error;
  }
}
