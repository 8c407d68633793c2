import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/kernel/errors.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';

const nothing = () => undefined;

/** A wait until an event at that time. */
function until(scheduler: Scheduler, ms: number): Promise<void> {
  return scheduler.during(
    new Promise((resolve) => {
      scheduler.after(ms, resolve);
    }),
  );
}

describe('virtual time', () => {
  it('runs events in the order of their times, and jumps from one to the next', async () => {
    const scheduler = new Scheduler(nothing);
    const seen: [string, number][] = [];
    for (const [name, ms] of [
      ['c', 7_000],
      ['a', 0.5],
      ['b', 3],
      ['b2', 3],
    ] as const) {
      scheduler.after(ms, () => seen.push([name, scheduler.now]));
    }
    await until(scheduler, 7_000);
    expect(seen).toEqual([
      ['a', 0.5],
      ['b', 3],
      ['b2', 3],
      ['c', 7_000],
    ]);
    expect(scheduler.now).toBe(7_000);
    expect(scheduler.events).toBe(5);
  });

  it('stands still while no caller waits, however long that is', async () => {
    const scheduler = new Scheduler(nothing);
    let runs = 0;
    scheduler.after(1, () => {
      runs += 1;
    });
    for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    expect([runs, scheduler.now]).toEqual([0, 0]);
    await until(scheduler, 1);
    expect(runs).toBe(1);
    const { now, events } = scheduler;
    scheduler.after(0, nothing);
    for (let turn = 0; turn < 200; turn += 1) await nextTurn();
    expect([scheduler.now, scheduler.events]).toEqual([now, events]);
  });

  it('passes for all who wait, and goes on until the last is served', async () => {
    const scheduler = new Scheduler(nothing);
    const times = await Promise.all(
      [30, 10, 20].map(async (ms) => {
        await until(scheduler, ms);
        return scheduler.now;
      }),
    );
    expect(times).toEqual([30, 10, 20]);
    expect(scheduler.now).toBe(30);
  });

  it('does not run what was cancelled', async () => {
    const scheduler = new Scheduler(nothing);
    let runs = 0;
    const count = () => {
      runs += 1;
    };
    scheduler.after(1, count)();
    const cancel = scheduler.after(3, count);
    scheduler.after(2, cancel);
    await until(scheduler, 10);
    cancel();
    expect(runs).toBe(0);
  });

  it.each([-1, -0.125, Number.NaN, Number.POSITIVE_INFINITY])('refuses a delay of %d', (ms) => {
    expect(() => new Scheduler(nothing).after(ms, nothing)).toThrow(Bug);
  });

  it('settles as what it waits for does', async () => {
    const scheduler = new Scheduler(nothing);
    expect(await scheduler.during(Promise.resolve('value'))).toBe('value');
    await expect(scheduler.during(Promise.reject(new Error('own')))).rejects.toThrow('own');
    await expect(until(scheduler, 1)).resolves.toBeUndefined();
  });
});

describe('between two events', () => {
  /** Runs `first` as an event, and gives what had happened when the next one began. */
  async function runBefore(first: (log: string[]) => void): Promise<string[]> {
    const scheduler = new Scheduler(nothing);
    const log: string[] = [];
    scheduler.after(1, () => first(log));
    const next = new Promise<string[]>((resolve) => {
      scheduler.after(1, () => resolve([...log]));
    });
    return scheduler.during(next);
  }

  it('a chain of 1,000 awaits comes to its end', async () => {
    const log = await runBefore(async (done) => {
      for (let hop = 0; hop < 1_000; hop += 1) await undefined;
      done.push('end');
    });
    expect(log).toEqual(['end']);
  });

  it('so do promises within promises, of every kind', async () => {
    const deep = async (levels: number): Promise<number> =>
      levels === 0 ? 0 : 1 + (await deep(levels - 1));
    const log = await runBefore((done) => {
      void deep(500).then((levels) => done.push(`deep ${levels}`));
      void Promise.all([deep(3), Promise.race([deep(9), deep(20)])]).then(() => done.push('all'));
      void Promise.reject(new Error('a'))
        .catch(() => deep(50))
        .finally(() => done.push('caught'));
      queueMicrotask(() => queueMicrotask(() => done.push('microtask')));
    });
    expect(log.sort()).toEqual(['all', 'caught', 'deep 500', 'microtask']);
  });

  it('so do ticks of the process, mixed with promises', async () => {
    const log = await runBefore((done) => {
      process.nextTick(() => {
        void Promise.resolve().then(() =>
          process.nextTick(async () => {
            await undefined;
            process.nextTick(() => done.push('end'));
          }),
        );
      });
    });
    expect(log).toEqual(['end']);
  });

  it('holds across the batches: 500 events, each with a chain of its own', async () => {
    const scheduler = new Scheduler(nothing);
    let open = 0;
    let overlaps = 0;
    for (let count = 0; count < 500; count += 1) {
      scheduler.after(count / 8, async () => {
        overlaps += open;
        open += 1;
        for (let hop = 0; hop < (count * 7) % 40; hop += 1) await undefined;
        open -= 1;
      });
    }
    await until(scheduler, 100);
    expect([open, overlaps]).toEqual([0, 0]);
  });

  it('what is to be checked after an event sees all that it caused', async () => {
    let settled = 0;
    const seen: number[] = [];
    const scheduler = new Scheduler(() => seen.push(settled));
    scheduler.after(1, async () => {
      for (let hop = 0; hop < 100; hop += 1) await undefined;
      settled = 1;
    });
    await until(scheduler, 1);
    expect(seen.at(-1)).toBe(1);
  });
});

describe('a failure', () => {
  it('rejects all that wait, and all that come later', async () => {
    const scheduler = new Scheduler(nothing);
    const error = new Bug('X1: broken');
    scheduler.after(5, () => {
      throw error;
    });
    let isLate = false;
    scheduler.after(6, () => {
      isLate = true;
    });
    const waits = [10, 20, 30].map((ms) => until(scheduler, ms));
    for (const outcome of await Promise.allSettled(waits)) {
      expect(outcome).toEqual({ status: 'rejected', reason: error });
    }
    await expect(until(scheduler, 1)).rejects.toBe(error);
    await expect(scheduler.during(Promise.resolve(1))).rejects.toBe(error);
    expect(isLate).toBe(false);
  });

  it('of the check after an event comes before the answer of that very event', async () => {
    let isBroken = false;
    const scheduler = new Scheduler(() => {
      if (isBroken) throw new Bug('X2: broken');
    });
    const answer = new Promise<void>((resolve) => {
      scheduler.after(1, () => {
        isBroken = true;
        resolve();
      });
    });
    await expect(scheduler.during(answer)).rejects.toThrow('X2: broken');
  });

  it('is the first one, if there are several', async () => {
    const scheduler = new Scheduler(nothing);
    scheduler.fail(new Bug('first'));
    scheduler.fail(new Bug('second'));
    await expect(until(scheduler, 1)).rejects.toThrow('first');
  });

  it('ends a run that gets nowhere, and says so', async () => {
    const scheduler = new Scheduler(nothing, { eventCap: 1_000 });
    const again = (): void => {
      scheduler.after(1, again);
    };
    again();
    const never = scheduler.during(new Promise(nothing));
    await expect(never).rejects.toThrow('no end after 1000 events: the run gets nowhere');
    expect(scheduler.events).toBe(1_001);
  });

  it('ends a wait for what can never come', async () => {
    const never = new Scheduler(nothing).during(new Promise(nothing));
    await expect(never).rejects.toThrow('waits for something that never comes');
  });
});

describe('the fence', () => {
  const read = () => performance.now();

  it('is up in an event and in all that it causes', async () => {
    const scheduler = new Scheduler(nothing);
    const caught: unknown[] = [];
    const attempt = (): void => {
      try {
        read();
      } catch (error) {
        caught.push(error);
      }
    };
    scheduler.after(1, async () => {
      attempt();
      for (let hop = 0; hop < 50; hop += 1) await undefined;
      attempt();
    });
    await until(scheduler, 2);
    expect(caught).toEqual([expect.any(Bug), expect.any(Bug)]);
  });

  it('makes an event fail that asks for the time', async () => {
    const scheduler = new Scheduler(nothing);
    scheduler.after(1, read);
    await expect(until(scheduler, 2)).rejects.toThrow('performance inside the simulation');
    expect(read()).toBeGreaterThan(0);
  });

  it('is down for the caller that waited, also while others still wait', async () => {
    const scheduler = new Scheduler(nothing);
    const seen = await Promise.all(
      [5, 10, 500].map(async (ms) => {
        await until(scheduler, ms);
        const first = read();
        await undefined;
        return read() >= first && first > 0;
      }),
    );
    expect(seen).toEqual([true, true, true]);
    expect(read()).toBeGreaterThan(0);
  });

  it('does not mind two worlds at once', async () => {
    const worlds = [new Scheduler(nothing), new Scheduler(nothing)];
    const run = async (scheduler: Scheduler): Promise<number> => {
      for (let count = 0; count < 300; count += 1) await until(scheduler, 1);
      return scheduler.now;
    };
    expect(await Promise.all(worlds.map(run))).toEqual([300, 300]);
    expect(read()).toBeGreaterThan(0);
    expect(Math.random()).toBeLessThan(1);
  });
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
