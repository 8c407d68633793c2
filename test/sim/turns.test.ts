// The order of a node's tasks: on a slow node, on one that stops by itself, on one that is paused.
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/sim/backlog.ts';
import { HEALTHY_NODES, NodeFaults, type NodePlan } from '../../src/sim/nodePlan.ts';
import { Scheduler } from '../../src/sim/scheduler.ts';
import { Turns } from '../../src/sim/turns.ts';

/** A node to which one task comes at each time; the tasks with the times at which they ran. */
async function run(
  plan: Partial<NodePlan>,
  tasks: readonly (readonly [at: number, source: Source])[],
  act: (turns: Turns, at: (ms: number, action: () => void) => void) => void = () => undefined,
): Promise<{ ran: string[]; seen: string[] }> {
  const scheduler = new Scheduler(() => undefined);
  const ran: string[] = [];
  const seen: string[] = [];
  const turns = new Turns({
    scheduler,
    machine: new NodeFaults(1, { ...HEALTHY_NODES, ...plan }).of(0),
    touched: () => undefined,
    see: ({ event }, line) => seen.push([scheduler.now, event, line].join(' ').trim()),
  });
  for (const [index, [at, source]] of tasks.entries()) {
    scheduler.after(at, () => turns.run(source, () => ran.push(`${index} at ${scheduler.now}`)));
  }
  act(turns, (ms, action) => scheduler.after(ms, action));
  await scheduler.during(new Promise<void>((resolve) => scheduler.after(60_000, resolve)));
  return { ran, seen };
}

const SLOW = { slow: 1, stepMs: 10 };

describe('a slow node', () => {
  it('does one step after the other, each in its time', async () => {
    const { ran } = await run(SLOW, [
      [0, 1],
      [1, 2],
      [2, 'clock'],
      [40, 1],
      [45, 1],
    ]);
    expect(ran).toEqual(['0 at 0', '1 at 10', '2 at 20', '3 at 40', '4 at 50']);
  });

  it('does after a pause what has come, in the order of a resumed process', async () => {
    const { ran, seen } = await run(
      SLOW,
      [
        [0, 1],
        [1, 'clock'],
        [2, 2],
        [3, 1],
      ],
      (turns, at) => {
        at(0.5, () => turns.pause(7));
        at(100, () => turns.resume(8));
      },
    );
    expect(ran).toEqual(['0 at 0', '2 at 100', '3 at 110', '1 at 120']);
    expect(seen).toEqual(['0.5 pause 7', '100 resume 8']);
  });
});

describe('a node that stops by itself', () => {
  const STALL = { stall: 1, stallMs: 100 };

  it('keeps the task before which it stops, and all that come, until it goes on', async () => {
    const { ran, seen } = await run(STALL, [
      [0, 1],
      [1, 'clock'],
      [2, 2],
    ]);
    const [stop, end] = seen;
    expect(seen.length).toBe(2);
    expect(stop).toBe('0 pause');
    const wokenAt = Number(end?.split(' ')[0]);
    expect(wokenAt).toBeGreaterThanOrEqual(50);
    expect(wokenAt).toBeLessThanOrEqual(100);
    expect(ran).toEqual([`0 at ${wokenAt}`, `2 at ${wokenAt}`, `1 at ${wokenAt}`]);
  });

  it('stays stopped if it is paused meanwhile, until it is resumed', async () => {
    const { ran, seen } = await run(STALL, [[0, 1]], (turns, at) => {
      at(10, () => turns.pause(3));
      at(500, () => turns.resume(4));
    });
    expect(ran).toEqual(['0 at 500']);
    expect(seen).toEqual(['0 pause', '10 resume', '10 pause 3', '500 resume 4']);
  });

  it('runs nothing after the end of its life', async () => {
    const { ran, seen } = await run(
      STALL,
      [
        [0, 1],
        [20, 1],
      ],
      (turns, at) => {
        at(10, () => turns.end());
        at(11, () => expect([turns.isAlive, turns.isBehind]).toEqual([false, false]));
      },
    );
    expect(ran).toEqual([]);
    expect(seen).toEqual(['0 pause']);
  });
});
