// The master's actions on a simulated world: each is an event of the world, in order with all
// others.
import { EnvironmentError } from '../kernel/cluster.ts';
import type { Scheduler } from './scheduler.ts';

/** Does something as an event of its own. */
export function step(scheduler: Scheduler, action: () => void): Promise<void> {
  return scheduler.during(
    new Promise((resolve) => {
      scheduler.after(0, () => {
        action();
        resolve();
      });
    }),
  );
}

/**
 * Starts an action that takes a while, as an event of its own. Rejects with an EnvironmentError
 * that the action throws; any other error ends the run.
 */
export function stepUntil<T>(scheduler: Scheduler, action: () => Promise<T>): Promise<T> {
  return scheduler.during(
    new Promise((resolve, reject) => {
      scheduler.after(0, () => {
        action().then(resolve, (error: unknown) => {
          if (error instanceof EnvironmentError) reject(error);
          else scheduler.fail(error);
        });
      });
    }),
  );
}
