// Handles orders and calls to nodes that may die at any moment.
import { CallError } from '../kernel/errors.ts';
import type { Json } from '../kernel/json.ts';

/** For which line a node is called, and how long its answer is awaited. */
export interface AskTerms {
  /** The script's line; undefined if no line caused it. */
  readonly line: number | undefined;
  /** The world's own limit if absent. */
  readonly timeoutMs?: number;
}

export type AskOutcome =
  | { readonly result: Json; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: CallError };

/** Ignores the failure of an order to a node that has died meanwhile: `onDeath` reports that. */
export async function unlessDead(ordered: Promise<void>): Promise<void> {
  try {
    await ordered;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}

/** The answer, or the CallError in its place: a missing answer is an outcome. */
export async function outcomeOf(ask: () => Promise<Json>): Promise<AskOutcome> {
  try {
    return { result: await ask() };
  } catch (error) {
    if (error instanceof CallError) return { error };
    throw error;
  }
}
