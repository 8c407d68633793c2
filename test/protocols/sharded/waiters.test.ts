// Those who wait at a server: what a full disk ends, and what it does not.
import { beforeEach, describe, expect, it } from 'vitest';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Position } from '../../../src/protocols/sharded/position.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { toApply, toKeep, type Wait, Waiters } from '../../../src/protocols/sharded/waiters.ts';
import { configuration, group, lifeOf, put, settings } from './builders.ts';

let waiters: Waiters;
let position: Position;

/** A primary whose disk has two of its log's four entries, and has refused the others. */
beforeEach(() => {
  waiters = new Waiters();
  const state = new ShardedState(lifeOf(0), settings());
  state.adopt(configuration(5, [group(1, [0, 1])]));
  if (state.position === undefined) throw new Error('no position');
  position = state.position;
  const { log } = position;
  for (const seq of [1, 2, 3, 4]) log.push(put(1, seq));
  log.keep(log.generation, 2);
});

/** `open` while it waits. */
async function outcomeOf(waiting: Promise<void>): Promise<string> {
  const settled = waiting.then(
    () => 'done',
    (error: unknown) => (error instanceof CallError ? error.code : 'another error'),
  );
  return Promise.race([settled, new Promise<string>((done) => setImmediate(done, 'open'))]);
}

async function afterRefusal(wait: Wait): Promise<string> {
  const waiting = waiters.add(wait);
  position.log.truncate(position.log.durable);
  waiters.refused(position.log);
  return outcomeOf(waiting);
}

describe('when the disk refuses the last entries of the log', () => {
  it('a request whose entry was refused is not done', async () => {
    expect(await afterRefusal(toApply(position, 3))).toBe('E_STORAGE');
  });

  it('a request whose entry the disk has may still be applied', async () => {
    expect(await afterRefusal(toApply(position, 2))).toBe('open');
  });

  it('what waits for the disk to have a refused entry ends', async () => {
    expect(await afterRefusal(toKeep(position, 4))).toBe('E_STORAGE');
  });

  it('what waits for another log goes on', async () => {
    const waiting = waiters.add(toApply(position, 3));
    const other = new ShardedState(lifeOf(1), settings());
    other.adopt(configuration(5, [group(1, [1])]));
    if (other.log === undefined) throw new Error('no log');
    waiters.refused(other.log);
    expect(await outcomeOf(waiting)).toBe('open');
  });
});

it('what is met is resolved, and only that', async () => {
  const [met, open] = [waiters.add(toKeep(position, 4)), waiters.add(toApply(position, 1))];
  position.log.keep(position.log.generation, 4);
  waiters.settle();
  expect(await Promise.all([outcomeOf(met), outcomeOf(open)])).toEqual(['done', 'open']);
});

it('what waits in a position that is over is rejected with the reason', async () => {
  const waiting = waiters.add(toApply(position, 1));
  waiters.end((one) => one === position, new CallError('ERR_UNREACHABLE'));
  expect(await outcomeOf(waiting)).toBe('ERR_UNREACHABLE');
});
