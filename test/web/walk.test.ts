// A run that stands still at a cursor and goes on from there, and the looks that it gives.
import { describe, expect, it } from 'vitest';
import { InOrder } from '../../src/language/inOrder.ts';
import { Looker } from '../../src/web/run/lookAt.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { Walk } from '../../src/web/run/walk.ts';
import { lookOnce, shipped, upTo } from './support/sources.ts';

/** A world that runs replaces it. */
const RealDate = Date;

/** One task at a time. */
function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  const order = new InOrder();
  return (task) => order.do('world', task);
}

describe('a walk', () => {
  it.each(['causal/partition', 'quorum/hint-recovery', 'chain/middle-dies', 'sharded/partition'])(
    'has at each stop the states of a run that goes there at once: %s',
    async (name) => {
      const source = shipped(name);
      const { length } = (await runScript(source)).events;
      const walk = new Walk(source);
      for (let cursor = 1; cursor <= length; cursor += Math.ceil(length / 12)) {
        const states = await walk.to(cursor);
        expect({ cursor, ...states }).toEqual(await lookOnce(source, cursor));
      }
      await walk.end();
    },
  );

  it('can go on at once, event by event', async () => {
    const source = shipped('causal/partition');
    const walk = new Walk(source);
    const counts: number[] = [];
    for (let cursor = 100; cursor < 260; cursor += 1) {
      await walk.to(cursor);
      counts.push(walk.count - cursor);
    }
    expect(Math.min(...counts)).toBe(0);
    expect({ cursor: 259, ...(await walk.to(259)) }).toEqual(await lookOnce(source, 259));
    await walk.end();
  });

  it('lets another world run while it stands, and is not changed by it', async () => {
    const source = shipped('causal/partition');
    const alone = await runScript(source);
    const walk = new Walk(source);
    await walk.to(100);
    expect(Math.random()).toBeLessThan(1);
    expect(await runScript(source)).toEqual(alone);
    expect(Date.now()).toBeGreaterThan(0);
    expect(await walk.to(200)).toEqual(await walk.to(200));
    await walk.end();
    expect(Date).toBe(RealDate);
  });

  it('ends its way when it is paused, and can go on', async () => {
    const source = shipped('causal/partition');
    const walk = new Walk(source);
    const way = walk.to(400);
    walk.pause();
    expect(await way).toBeUndefined();
    expect(walk.count).toBeLessThan(400);
    const { cursor: _, ...expected } = (await lookOnce(source, 410)) ?? { cursor: 0 };
    expect(await walk.to(410)).toEqual(expected);
    await walk.end();
  });

  it('shows the last states when the run is over, and nothing beyond', async () => {
    const source = upTo(shipped('causal/partition'), 10);
    const { events, looks } = await runScript(source);
    const walk = new Walk(source);
    expect(await walk.to(events.length + 1)).toBeUndefined();
    const { cursor: _, ...last } = looks.at(-1) ?? { cursor: 0 };
    expect(await walk.to(events.length)).toEqual(last);
    await walk.end();
  });
});

describe('requests for looks', () => {
  const source = shipped('causal/partition');

  it('void earlier ones that have not begun', async () => {
    const looker = new Looker(queue());
    const looks = await Promise.all([10, 20, 30].map((cursor) => looker.at(source, cursor)));
    expect(looks.map((look) => look?.cursor)).toEqual([10, undefined, 30]);
  });

  it('give up what is under way for another source', async () => {
    const looker = new Looker(queue());
    const former = looker.at(source, 200);
    const other = looker.at({ ...source, seed: 2 }, 20);
    expect((await former)?.cursor).toBeUndefined();
    expect(await other).toEqual(await lookOnce({ ...source, seed: 2 }, 20));
  });

  it('give the same whichever way the cursor moves', async () => {
    const looker = new Looker(queue());
    for (const cursor of [30, 60, 59, 61, 57, 56, 40, 39, 300, 20, 300]) {
      expect(await looker.at({ ...source }, cursor)).toEqual(await lookOnce(source, cursor));
    }
  });

  it('go on where the run stands, and begin anew only far back', async () => {
    let tasks = 0;
    const looker = new Looker((task) => {
      tasks += 1;
      return task();
    });
    for (const cursor of [100, 99, 98, 95, 100]) await looker.at(source, cursor);
    expect(tasks).toBe(1);
    for (const cursor of [101, 50, 49, 101]) await looker.at(source, cursor);
    expect(tasks).toBe(3);
  });
});
