// A fault plan in words: read, written, and refused.
import { describe, expect, test } from 'vitest';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { FAULTS_SYNTAX, formatFaults, parseFaults } from '../../src/sim/faultText.ts';

describe('a fault plan in words', () => {
  test('sets what it names and leaves the rest healthy', () => {
    expect(parseFaults(FAULTS_SYNTAX)).toEqual({
      loss: 0.1,
      duplication: 0.1,
      minDelayMs: 1,
      maxDelayMs: 40,
      tail: 0.05,
      tailDelayMs: 2000,
    });
    expect(parseFaults('loss=1')).toEqual({ ...NO_FAULTS, loss: 1 });
    expect(parseFaults('delay=0..0.5')).toEqual({ ...NO_FAULTS, minDelayMs: 0, maxDelayMs: 0.5 });
    expect(parseFaults('none')).toEqual(NO_FAULTS);
  });

  test.each([FAULTS_SYNTAX, 'none', 'loss=0.02', 'delay=1..300', 'duplication=0.5,tail=0.2:500'])(
    'is written as it was read: %s',
    (text) => {
      expect(formatFaults(parseFaults(text))).toBe(text);
    },
  );

  test.each([
    ['', "'' is none of loss, duplication, delay, tail"],
    ['loss', "'loss' is none of"],
    ['lost=0.1', "'lost=0.1' is none of"],
    ['loss=1.1', "'1.1' is no share"],
    ['loss=-0.1', "'-0.1' is no share"],
    ['loss=0.1,loss=0.2', 'loss is named twice'],
    ['delay=40..1', 'the shorter one first'],
    ['delay=40', "'' is no time"],
    ['delay=1..2..3', 'the shorter one first'],
    ['delay=1..60001', "'60001' is no time"],
    ['tail=0.1', "'' is no time"],
    ['tail=0.1:5:6', 'a share and a time'],
    ['loss=0.1,', "'' is none of"],
  ])('is refused: %j', (text, why) => {
    expect(() => parseFaults(text)).toThrow(why);
  });
});
