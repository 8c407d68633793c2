// Orders to a world whose nodes may die at any moment.
import { CallError } from '../kernel/errors.ts';

/** A node may have died while it was given an order; that is told by `onDeath`. */
export async function unlessDead(ordered: Promise<void>): Promise<void> {
  try {
    await ordered;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
  }
}
