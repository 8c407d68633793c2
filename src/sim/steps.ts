// What the master does to a simulated world: as events of it, in order with everything else.
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
 * Does something that takes a while, begun as an event of its own. Rejects with an EnvironmentError
 * that it throws; whatever else it throws ends the run.
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
