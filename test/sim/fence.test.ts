import { afterEach, describe, expect, it } from 'vitest';
import { Bug } from '../../src/kernel/errors.ts';
import { raiseFence } from '../../src/sim/fence.ts';

/** What would let the present moment, or chance without a seed, in. */
const LEAKS: [string, () => unknown][] = [
  ['Math.random', () => Math.random()],
  ['Date.now', () => Date.now()],
  ['new Date()', () => new Date()],
  ['Date()', () => Date()],
  ['setTimeout', () => globalThis.setTimeout(() => undefined, 0)],
  ['setInterval', () => clearInterval(setInterval(() => undefined, 1_000))],
  ['setImmediate', () => setImmediate(() => undefined)],
  ['performance.now', () => performance.now()],
  ['performance.timeOrigin', () => performance.timeOrigin],
  ['crypto.randomUUID', () => crypto.randomUUID()],
  ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(4))],
  ['process.hrtime', () => process.hrtime()],
  ['process.hrtime.bigint', () => process.hrtime.bigint()],
  ['process.uptime', () => process.uptime()],
];

/** How all that is fenced stands there. */
function describeAll(): unknown[] {
  const globals = ['Date', 'setTimeout', 'setInterval', 'setImmediate', 'performance', 'crypto'];
  return [
    ...globals.map((name) => Object.getOwnPropertyDescriptor(globalThis, name)),
    Object.getOwnPropertyDescriptor(Math, 'random'),
    Object.getOwnPropertyDescriptor(process, 'hrtime'),
    Object.getOwnPropertyDescriptor(process, 'uptime'),
  ];
}

let lower: () => void = () => undefined;

/** The names of the leaks that throw a Bug. */
function fenced(): string[] {
  return LEAKS.filter(([, leak]) => {
    try {
      leak();
      return false;
    } catch (error) {
      return error instanceof Bug;
    }
  }).map(([name]) => name);
}

describe('the fence', () => {
  afterEach(() => lower());

  it('keeps everything out while it is up, and nothing when it is down', () => {
    const before = describeAll();
    ({ lower } = raiseFence());
    const caught = fenced();
    lower();
    expect(caught).toEqual(LEAKS.map(([name]) => name));
    expect(fenced()).toEqual([]);
    expect(describeAll()).toEqual(before);
  });

  it('says what to ask instead', () => {
    ({ lower } = raiseFence());
    const leak = () => Math.random();
    expect(leak).toThrow('Math.random inside the simulation: use env.random()');
  });

  it('leaves what is the same at every moment', () => {
    ({ lower } = raiseFence());
    const time = new Date(0);
    const seen = [
      time.toISOString(),
      time instanceof Date,
      Date.UTC(1970, 0, 2),
      Date.parse('1970-01-01T00:00:01Z'),
      new Date('1970-01-01').getTime(),
      Math.max(1, 2),
      typeof process.memoryUsage,
    ];
    lower();
    const expected = ['1970-01-01T00:00:00.000Z', true, 86_400_000, 1_000, 0, 2, 'function'];
    expect(seen).toEqual(expected);
  });

  it('lets all calls through its gate, and then none again', () => {
    const fence = raiseFence();
    lower = fence.lower;
    fence.openGate();
    const open = fenced();
    const read = [Math.random() < 1, Date.now() > 0, new Date() > new Date(0), Date().length > 9];
    const kinds = [typeof performance.now(), typeof process.hrtime.bigint(), process.uptime() > 0];
    fence.closeGate();
    const closed = fenced().length;
    lower();
    expect([open, read, kinds]).toEqual([[], Array(4).fill(true), ['number', 'bigint', true]]);
    expect(closed).toBe(LEAKS.length);
  });

  it('lets one task pass, whatever becomes of it, and its gate is as before', () => {
    const fence = raiseFence();
    lower = fence.lower;
    let passed = LEAKS.length;
    fence.passing(() => {
      passed = fenced().length;
    });
    const broken = (): void =>
      fence.passing(() => {
        throw new Error('broken');
      });
    const kinds: string[] = [];
    try {
      broken();
    } catch (error) {
      kinds.push((error as Error).message);
    }
    const closed = fenced().length;
    fence.openGate();
    fence.passing(() => undefined);
    const open = fenced().length;
    lower();
    expect([passed, kinds, closed, open]).toEqual([0, ['broken'], LEAKS.length, 0]);
  });

  it('stands until the last world has taken it down', () => {
    const before = describeAll();
    const [one, other] = [raiseFence(), raiseFence()];
    one.lower();
    one.lower();
    other.closeGate();
    const caught = fenced().length;
    other.lower();
    expect([caught, fenced()]).toEqual([LEAKS.length, []]);
    expect(describeAll()).toEqual(before);
  });

  it('can be put up again and again', () => {
    for (let count = 0; count < 3; count += 1) {
      ({ lower } = raiseFence());
      const caught = fenced().length;
      lower();
      expect([caught, fenced().length]).toEqual([LEAKS.length, 0]);
    }
  });
});
