// How long a server believes that it holds the lease. Only `sound` is right: it measures the time
// by its own clock, from before it asked, and gives up early enough for a clock that runs slow.
import type { Env } from '../../../../src/kernel/env.ts';

/** For how long the service grants the lease, by its own clock. */
export const LEASE_MS = 1_000;
/** For how long a server uses it: enough for clocks that drift by a third. */
const USE_MS = 600;
const TICK_MS = 50;
/** A tick that is later than this ends the lease. */
const LATEST_TICK_MS = 150;

type Clock = Pick<Env, 'now' | 'wallClock' | 'after'>;

/** What a server knows of the time for which it holds the lease. */
export interface Tenure {
  readonly isHeld: boolean;
  /** To be called before asking; what it returns is called when the lease was granted. */
  asking(): () => void;
}

/** Each but the first has one mistake. */
export const TENURES: Readonly<Record<string, (env: Clock) => Tenure>> = {
  sound: (env) => untilTime(() => env.now(), USE_MS),
  /** It takes the service's clock to run as its own does. */
  long: (env) => untilTime(() => env.now(), LEASE_MS),
  /** It takes its time of day to go on evenly. */
  wall: (env) => untilTime(() => env.wallClock(), USE_MS),
  /** It takes the end to be told in time. */
  timer: untilTimer,
  /** It takes ticks to come as often as they were ordered. */
  ticks: byTicks,
};

function untilTime(now: () => number, useMs: number): Tenure {
  let end = Number.NEGATIVE_INFINITY;
  return {
    get isHeld() {
      return now() < end;
    },
    asking: () => {
      const asked = now();
      return () => {
        end = asked + useMs;
      };
    },
  };
}

function untilTimer({ now, after }: Clock): Tenure {
  let grants = 0;
  let held = 0;
  return {
    get isHeld() {
      return held > 0;
    },
    asking: () => {
      const asked = now();
      return () => {
        const leftMs = asked + USE_MS - now();
        if (leftMs <= 0) return;
        grants += 1;
        const grant = grants;
        held = grant;
        after(leftMs, () => {
          if (held === grant) held = 0;
        });
      };
    },
  };
}

function byTicks({ now, after }: Clock): Tenure {
  let left = 0;
  let latest = 0;
  let grants = 0;
  const tick = (grant: number): void => {
    after(TICK_MS, () => {
      if (grant !== grants) return;
      left = now() - latest > LATEST_TICK_MS ? 0 : left - 1;
      latest = now();
      if (left > 0) tick(grant);
    });
  };
  return {
    get isHeld() {
      return left > 0 && now() - latest <= LATEST_TICK_MS;
    },
    asking: () => {
      const asked = now();
      return () => {
        grants += 1;
        latest = now();
        left = Math.max(0, Math.floor((asked + USE_MS - latest) / TICK_MS));
        if (left > 0) tick(grants);
      };
    },
  };
}
