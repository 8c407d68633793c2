// Work that nothing waits for, and what becomes of its errors.
import type { Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';

/** For a question whose answer would be welcome and is not needed. */
export function ignoreCallError(error: unknown): undefined {
  if (error instanceof CallError) return undefined;
  throw error;
}

/** The result, or undefined where it ended with a CallError. */
export function unlessCallError<T>(question: Promise<T>): Promise<T | undefined> {
  return question.catch(ignoreCallError);
}

/** Does something beside all that goes on. What it throws is a bug, and ends the life. */
export function inBackground(env: Pick<Env, 'after'>, task: () => Promise<void>): void {
  task().catch((error: unknown) => {
    env.after(0, () => {
      throw error;
    });
  });
}

/** Resolves after so many milliseconds. */
export function pause(env: Pick<Env, 'after'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    env.after(ms, resolve);
  });
}
