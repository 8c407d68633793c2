// Tasks that no caller waits for, and the handling of their errors.
import type { Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';

/** Handler for a rejected call whose answer is not needed. */
export function ignoreCallError(error: unknown): undefined {
  if (error instanceof CallError) return undefined;
  throw error;
}

/** The result, or undefined on a CallError. */
export function unlessCallError<T>(question: Promise<T>): Promise<T | undefined> {
  return question.catch(ignoreCallError);
}

/** Starts a task that no caller waits for. An error of it is a bug, and ends the node's life. */
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
