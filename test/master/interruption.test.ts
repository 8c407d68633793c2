import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Interruption, SignalFilter, SignalListeners } from '../../src/master/interruption.ts';

describe('an interruption', () => {
  test('has the status of its first reason', async () => {
    const interruption = new Interruption();
    expect(interruption.status).toBeUndefined();
    interruption.interrupt(130);
    interruption.interrupt(143);
    expect([interruption.status, await interruption.happened]).toEqual([130, 130]);
  });
});

describe('work that lets no event happen', () => {
  const told: string[] = [];
  const process = new EventEmitter();
  process.on('SIGINT', () => told.push('first'));
  process.on('SIGINT', () => told.push('second'));
  process.on('SIGTERM', () => told.push('term'));
  process.on('exit', () => told.push('exit'));
  const interruption = new Interruption(new SignalListeners(process, ['SIGINT', 'SIGTERM']));
  const count = (): number[] =>
    ['SIGINT', 'SIGTERM', 'exit'].map((name) => process.listenerCount(name));

  test('leaves signals to the system, and no others', () => {
    expect(interruption.duringWork(count)).toEqual([0, 0, 1]);
    expect(count()).toEqual([2, 1, 1]);
    for (const name of ['SIGINT', 'SIGTERM']) process.emit(name);
    expect(told).toEqual(['first', 'second', 'term']);
  });

  test('gives them back also when it fails', () => {
    const fail = (): never => {
      throw new Error('planted');
    };
    expect(() => interruption.duringWork(fail)).toThrow('planted');
    expect(count()).toEqual([2, 1, 1]);
  });

  test('may take no signals from a program that has left them to the system', () => {
    interruption.endAtOnce();
    interruption.duringWork(() => undefined);
    expect(count()).toEqual([0, 0, 1]);
  });
});

describe('a signal', () => {
  test('counts once, with all copies of it within half a second', () => {
    const filter = new SignalFilter();
    const times = [1000, 1000, 1001, 1499, 1500];
    expect(times.map((at) => filter.isNew('SIGINT', at))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('counts again after that, however many copies came before', () => {
    const filter = new SignalFilter();
    const times = [0, 300, 501, 900, 1002];
    expect(times.map((at) => filter.isNew('SIGINT', at))).toEqual([true, false, true, false, true]);
  });

  test('is no copy of another signal', () => {
    const filter = new SignalFilter();
    expect(filter.isNew('SIGINT', 0)).toBe(true);
    expect(filter.isNew('SIGTERM', 1)).toBe(true);
  });
});
