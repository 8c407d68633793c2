// Questions that may have no answer.
import { CallError } from '../../kernel/errors.ts';

/** What was asked; undefined if it was refused or not answered (a CallError). */
export async function unlessUnanswered<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return undefined;
  }
}
