// What is set for links: by direction or for all, and what the latest change leaves.
import { expect, test } from 'vitest';
import { type LinkChange, LinkSettings } from '../../src/kernel/linkSettings.ts';

function settingsAfter(...changes: readonly [LinkChange['direction'], LinkChange['setting']][]) {
  const settings = new LinkSettings();
  for (const [direction, setting] of changes) settings.change({ direction, setting });
  return settings;
}

test('nothing is set at first', () => {
  expect(settingsAfter().of(0, 1)).toBeUndefined();
});

test('a change holds for one direction, and leaves what it does not name', () => {
  const settings = settingsAfter([[0, 1], { loss: 0.1 }], [[0, 1], { isOrdered: true }]);
  expect(settings.of(0, 1)).toEqual({ loss: 0.1, isOrdered: true });
  expect(settings.of(1, 0)).toBeUndefined();
});

test('a change of all links holds for every direction, and beside those of its own', () => {
  const settings = settingsAfter([[0, 1], { duplication: 0.5 }], ['all', { loss: 0.1 }]);
  expect(settings.of(7, 8)).toEqual({ loss: 0.1 });
  expect(settings.of(0, 1)).toEqual({ loss: 0.1, duplication: 0.5 });
});

test('the latest change counts, of one direction or of all', () => {
  const first = settingsAfter(['all', { loss: 0.1 }], [[0, 1], { loss: 0.2 }]);
  expect([first.of(0, 1), first.of(1, 0)]).toEqual([{ loss: 0.2 }, { loss: 0.1 }]);
  const last = settingsAfter([[0, 1], { loss: 0.2 }], ['all', { loss: 0.1 }]);
  expect([last.of(0, 1), last.of(1, 0)]).toEqual([{ loss: 0.1 }, { loss: 0.1 }]);
});

test('a direction that is reset is as all links are', () => {
  const settings = settingsAfter([[0, 1], { loss: 0.2 }], ['all', { loss: 0.1 }], [[0, 1], null]);
  expect(settings.of(0, 1)).toEqual({ loss: 0.1 });
});

test('after a reset of all links nothing is set', () => {
  const settings = settingsAfter([[0, 1], { loss: 0.2 }], ['all', { loss: 0.1 }], ['all', null]);
  expect([settings.of(0, 1), settings.of(2, 3)]).toEqual([undefined, undefined]);
});
