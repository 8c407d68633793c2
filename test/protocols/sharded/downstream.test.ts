// What a primary sends to a server of its group, and what it learns from the answers.
import { describe, expect, it } from 'vitest';
import { Downstream, type Step } from '../../../src/protocols/sharded/downstream.ts';
import { GroupLog } from '../../../src/protocols/sharded/log.ts';
import { packEntry } from '../../../src/protocols/sharded/wire.ts';
import { lifeOf, put } from './builders.ts';

/** A primary's log of so many entries, all on its disk. */
function logOf(last: number, applied = 0): GroupLog {
  const log = new GroupLog(1);
  for (let seq = 1; seq <= last; seq += 1) log.push(put(1, seq));
  log.keep(log.generation, last);
  log.apply(applied);
  return log;
}

function nextOf(down: Downstream): Step {
  const step = down.next();
  if (step === undefined) throw new Error('nothing to send');
  return step;
}

/** The other server has said how long its log is. */
function matched(log: GroupLog, last: number, applied = 0): Downstream {
  const down = new Downstream(log, lifeOf(1), true);
  down.due = Number.POSITIVE_INFINITY;
  expect(nextOf(down).method).toBe('extent');
  const history: [number, number][] = last > 0 ? [[1, 1]] : [];
  down.answered({ method: 'extent', params: {} }, { history, last, applied });
  return down;
}

describe('what a server has', () => {
  it('is confirmed when its disk has it, not when its log has it (S4)', () => {
    const down = matched(logOf(3), 3);
    expect([down.confirmed, down.keepsUp]).toEqual([undefined, false]);
    const step = nextOf(down);
    expect(step).toMatchObject({ method: 'append', params: { base: 3, cuts: true, entries: [] } });
    down.answered(step, { status: 'ok' });
    expect([down.confirmed, down.keepsUp, down.next()]).toEqual([3, true, undefined]);
  });

  it('is what it lacked, once it has answered', () => {
    const down = matched(logOf(3), 1);
    const step = nextOf(down);
    const entries = [put(1, 2), put(1, 3)].map(packEntry);
    expect(step).toMatchObject({ params: { base: 1, cuts: true, entries } });
    down.answered(step, { status: 'ok' });
    expect([down.confirmed, down.keepsUp]).toEqual([3, true]);
  });

  it('keeps up if it has what the disk had one call before, and not further back', () => {
    const log = logOf(2);
    const down = matched(log, 0);
    /** The next call is answered when the disk has two more. */
    const answer = (): unknown[] => {
      const step = nextOf(down);
      for (const seq of [log.last + 1, log.last + 2]) log.push(put(1, seq));
      log.keep(log.generation, log.last);
      down.answered(step, { status: 'ok' });
      return [down.confirmed, down.has(log.durable), down.keepsUp];
    };
    down.due = 1;
    expect(answer()).toEqual([1, false, false]);
    down.due = Number.POSITIVE_INFINITY;
    expect(answer()).toEqual([4, false, true]);
    expect(answer()).toEqual([6, false, true]);
  });

  it('is asked for anew after a gap', () => {
    const down = matched(logOf(3), 3);
    down.answered(nextOf(down), { status: 'gap' });
    expect([down.confirmed, nextOf(down).method]).toEqual([undefined, 'extent']);
  });

  it('comes as a snapshot where entries cannot bring it', () => {
    for (const applied of [0, 2]) {
      const log = logOf(3, 3);
      log.trim(2);
      const down = matched(log, 0, applied);
      const step = nextOf(down);
      expect(step).toMatchObject({ method: 'install', params: { upTo: 3, isLast: true } });
      expect(down.confirmed).toBeUndefined();
      down.answered(step, { status: 'whole' });
      expect([down.confirmed, down.keepsUp]).toEqual([3, true]);
    }
  });
});

it('a server is told what the group has acknowledged, where it needs to know', () => {
  const log = logOf(2);
  const down = matched(log, 2);
  down.answered(nextOf(down), { status: 'ok' });
  log.apply(2);
  const step = nextOf(down);
  expect(step).toMatchObject({ params: { entries: [], cuts: false, committed: 2 } });
  down.answered(step, { status: 'ok' });
  expect(down.next()).toBeUndefined();
});

it('nothing is sent that the disk of the primary does not have, or that is not due', () => {
  const log = logOf(2);
  log.push(put(1, 3));
  const down = matched(log, 0);
  down.due = 1;
  expect(nextOf(down)).toMatchObject({ params: { entries: [packEntry(put(1, 1))] } });
  down.due = 3;
  expect(nextOf(down)).toMatchObject({
    params: { entries: [put(1, 1), put(1, 2)].map(packEntry) },
  });
});
