// The decisions of a live run: the log that pages read, the orders, the next line.
import { describe, expect, test } from 'vitest';
import { checkText, type ScriptLine } from '../../src/language/lines.ts';
import { LiveLog } from '../../src/web/live/liveLog.ts';
import { readOrder } from '../../src/web/live/messages.ts';
import { nextCommand, Stepper } from '../../src/web/live/stepper.ts';

describe('the log', () => {
  const log = new LiveLog<string>();
  for (const part of ['a', 'b', 'c', 'd']) log.add(part);

  test('gives a new reader all, in portions', () => {
    expect(log.read(0, 3)).toEqual({ parts: ['a', 'b', 'c'], last: 3 });
    expect(log.read(3, 3)).toEqual({ parts: ['d'], last: 4 });
    expect(log.read(4, 3)).toEqual({ parts: [], last: 4 });
  });

  test('gives a reader that comes back what it missed, once', () => {
    expect(log.read(2, 100)).toEqual({ parts: ['c', 'd'], last: 4 });
  });

  test.each([5, -1, 1.5, Number.NaN])('gives all to a reader with %d, of another run', (after) => {
    expect(log.read(after, 100)).toEqual({ parts: ['a', 'b', 'c', 'd'], last: 4 });
  });

  test('calls its listeners until they leave', () => {
    let calls = 0;
    const leave = log.listen(() => {
      calls += 1;
    });
    log.add('e');
    leave();
    log.add('f');
    expect(calls).toBe(1);
    expect(log.last).toBe(6);
  });
});

describe('an order', () => {
  test.each([
    [{ do: 'next' }],
    [{ do: 'runTo', line: 3 }],
    [{ do: 'runAll' }],
    [{ do: 'pause' }],
    [{ do: 'stop' }],
    [{ do: 'type', text: '' }],
  ])('is %j', (order) => {
    expect(readOrder({ ...order, more: 1 })).toEqual(order);
  });

  test.each([
    [null],
    ['next'],
    [[]],
    [{}],
    [{ do: 'fly' }],
    [{ do: '__proto__' }],
    [{ do: 'runTo' }],
    [{ do: 'runTo', line: '3' }],
    [{ do: 'runTo', line: 0 }],
    [{ do: 'runTo', line: 1.5 }],
    [{ do: 'type' }],
    [{ do: 'type', text: 7 }],
  ])('is not %j', (body) => {
    expect(readOrder(body)).toBeUndefined();
  });
});

describe('the next line', () => {
  const TEXTS = ['# a comment', '', 'joinServer 0', 'joinClient 5 0', '  # more', 'get 5 k'];
  const begin = (texts = TEXTS): Stepper =>
    new Stepper(texts.map((text, index) => checkText(index + 1, text)));
  /** The numbers and texts of the lines until an order is needed. */
  const takeAll = (stepper: Stepper): unknown[] => {
    const taken: unknown[] = [];
    for (let step = stepper.take(); step !== undefined; step = stepper.take()) {
      taken.push([step.line.number, 'text' in step.line && step.line.text]);
    }
    return taken;
  };

  test('waits for an order', () => {
    expect(takeAll(begin())).toEqual([]);
  });

  test('is the next command, with the comments before it', () => {
    const stepper = begin();
    stepper.order({ do: 'next' });
    expect(takeAll(stepper)).toEqual([
      [1, '# a comment'],
      [2, ''],
      [3, 'joinServer 0'],
    ]);
    stepper.order({ do: 'next' });
    expect(takeAll(stepper)).toEqual([[4, 'joinClient 5 0']]);
    expect(stepper.done).toBe(4);
  });

  test('is every line up to the named one; one that is done changes nothing', () => {
    const stepper = begin();
    stepper.order({ do: 'runTo', line: 4 });
    expect(takeAll(stepper)).toHaveLength(4);
    stepper.order({ do: 'runTo', line: 2 });
    expect(takeAll(stepper)).toEqual([]);
    stepper.order({ do: 'runAll' });
    expect(takeAll(stepper)).toHaveLength(2);
    expect(stepper.isAtEnd).toBe(true);
  });

  test('is none after a pause, until a further order', () => {
    const stepper = begin();
    stepper.order({ do: 'runAll' });
    stepper.take();
    stepper.order({ do: 'pause' });
    expect(stepper.take()).toBeUndefined();
  });

  test('is a typed one first: it comes in after those that are done', () => {
    const stepper = begin();
    stepper.order({ do: 'runTo', line: 3 });
    takeAll(stepper);
    stepper.type(checkText(0, 'joinServer 1'));
    expect(stepper.isAtEnd).toBe(false);
    expect(stepper.take()).toEqual({ line: { number: 4, text: 'joinServer 1' }, isTyped: true });
    expect(stepper.take()).toBeUndefined();
    stepper.order({ do: 'next' });
    expect(takeAll(stepper)).toEqual([[5, 'joinClient 5 0']]);
  });

  test('keeps its goal when a line is typed meanwhile', () => {
    const stepper = begin();
    stepper.order({ do: 'runTo', line: 4 });
    stepper.take();
    stepper.type(checkText(0, 'sleep 1'));
    expect(takeAll(stepper).at(-1)).toEqual([5, 'joinClient 5 0']);
  });

  test('can be typed when there is no script, and after its end', () => {
    const stepper = begin([]);
    stepper.order({ do: 'next' });
    expect(stepper.take()).toBeUndefined();
    stepper.type(checkText(0, 'joinServer 0'));
    expect(takeAll(stepper)).toEqual([[1, 'joinServer 0']]);
  });

  test('is a line that cannot be read, which has to be refused', () => {
    const bad: ScriptLine = { number: 1, problem: 'E_ENCODING', why: 'x', isFatal: false };
    const stepper = new Stepper([bad]);
    stepper.order({ do: 'next' });
    expect(stepper.take()?.line).toEqual(bad);
  });

  test('is none when the run is ended', () => {
    const stepper = begin();
    stepper.order({ do: 'runAll' });
    stepper.order({ do: 'stop' });
    expect([stepper.take(), stepper.isStopped]).toEqual([undefined, true]);
  });
});

test('the next command: after comments and blank lines; else the last line', () => {
  expect(nextCommand(['# a', ' ', 'joinServer 0'], 0)).toBe(3);
  expect(nextCommand(['joinServer 0', '', '# b'], 1)).toBe(3);
  expect(nextCommand(['# a', undefined, 'joinServer 0'], 0)).toBe(2);
  expect(nextCommand([], 0)).toBe(0);
});
