// Runs the calls of one request, and waits until its level is met or its time is over.
import type { Env } from '../../kernel/env.ts';
import type { Tasks } from '../../replication/tasks.ts';
import type { QuorumMessages } from './messages.ts';

/** A request at its coordinator. */
export interface Pending {
  readonly isMet: boolean;
  expire(): void;
}

/** Makes all calls of a request, and calls `changed` after each. */
export type Work = (changed: () => void) => Promise<void>;

/**
 * Resolves when the level of the request is met. The calls go on, and then what follows them; a
 * later line of the script waits for that at the coordinator. A client whose request failed does
 * not learn who that is, so a failure comes after all of it. In any case resolves when the time of
 * the request is over.
 */
export function untilMet(
  { env, tasks }: { readonly env: Env<QuorumMessages, 'server'>; readonly tasks: Tasks },
  pending: Pending,
  timeoutMs: number,
  work: Work,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = env.after(timeoutMs, () => {
      pending.expire();
      resolve();
    });
    const end = (): void => {
      cancel();
      resolve();
    };
    tasks.run(async () => {
      await work(() => {
        if (pending.isMet) end();
      });
      end();
    });
  });
}
