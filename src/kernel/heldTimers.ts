// Timers of a life that has not begun yet: they must not fire while a replica is restored from its
// log.
import type { Cancel, Env } from './env.ts';

interface HeldTimer {
  readonly ms: number;
  readonly task: () => void;
  isCancelled: boolean;
  cancel: Cancel | undefined;
}

/**
 * An Env like the given one, except that its timers are held until `begin`, which sets them; later
 * timers are set at once.
 */
export function holdTimers(env: Env): { readonly env: Env; begin(): void } {
  let held: HeldTimer[] | undefined = [];
  const after = (ms: number, task: () => void): Cancel => {
    if (held === undefined) return env.after(ms, task);
    const timer: HeldTimer = { ms, task, isCancelled: false, cancel: undefined };
    held.push(timer);
    return () => {
      timer.isCancelled = true;
      timer.cancel?.();
    };
  };
  return {
    env: { ...env, after },
    begin: () => {
      const timers = held ?? [];
      held = undefined;
      for (const timer of timers) {
        if (!timer.isCancelled) timer.cancel = env.after(timer.ms, timer.task);
      }
    },
  };
}
