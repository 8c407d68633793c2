import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { acceptanceOf } from '../../../src/kernel/acceptance.ts';
import { checkParams } from '../../../src/kernel/messages.ts';
import { messages } from '../../../src/protocols/causal/messages.ts';
import { pathsOfNumbers, spoil } from '../../support/hostileParams.ts';

const applied = [
  [0, 1, 4],
  [7, 2, 9],
];
const entries = [
  ['k', 'v', 4, 0, 1],
  ['l', null, 9, 7, 2],
];
const part = { transfer: 1, part: 0, last: true };
const budget = { budgetMs: 12.5, stepMs: 2.5 };

const vectors = { applied, collected: applied };
const SAMPLES: Record<keyof typeof messages, { params: object; result: object }> = {
  write: {
    params: { session: [5, 1], seq: 1, key: 'k', value: 'v', guard: applied, clock: 3 },
    result: { status: 'ok', version: [4, 0, 1], applied, clock: 4 },
  },
  read: {
    params: { key: 'k', dependsOn: [4, 0, 1], guard: applied, clock: 3 },
    result: { status: 'ok', value: 'v', version: [4, 0, 1], ...vectors, clock: 4 },
  },
  join: { params: { clock: 3 }, result: { isBootstrapped: true, clock: 9 } },
  push: {
    params: { since: applied, entries, ...part, ...vectors, clock: 9 },
    result: { accepted: true, applied, clock: 9 },
  },
  probe: {
    params: { round: 1, ...budget, avoid: [3], clock: 9 },
    result: { joined: true, applied, reached: [0, 1], missing: [2], clock: 9 },
  },
  pull: {
    params: { round: 1, part: 0, applied, clock: 9 },
    result: { entries, last: true, ...vectors, clock: 9 },
  },
  spread: {
    params: { round: 1, since: applied, entries, ...part, ...vectors, ...budget, clock: 9 },
    result: { accepted: true, reached: [[1, 2]], missing: [2], clock: 9 },
  },
  collect: { params: { round: 1, upTo: applied, clock: 9 }, result: { clock: 9 } },
};

const ROWS = Object.entries(SAMPLES).map(
  ([method, sample]) => [method, messages[method as keyof typeof messages], sample] as const,
);

describe('the messages of the causal protocol', () => {
  it('have a sample each here, with every number that they carry', () => {
    expect(Object.keys(SAMPLES)).toEqual(Object.keys(messages));
    const numbers = ROWS.flatMap(([, , { params, result }]) => [
      ...pathsOfNumbers(params),
      ...pathsOfNumbers(result),
    ]);
    expect(numbers.length).toBeGreaterThan(100);
  });

  it.each(ROWS)('%s: is taken as it is', (_method, spec, { params, result }) => {
    expect(checkParams(spec, structuredClone(params))).toStrictEqual(params);
    expect(acceptanceOf(spec.params)(params)).toBe(true);
    expect(v.parse(spec.result, structuredClone(result))).toStrictEqual(result);
  });

  it.each(ROWS)('%s: is refused in every spoilt form (B5, B27, B29)', (_method, spec, sample) => {
    const passed = spoil(sample.params, ['budgetMs', 'stepMs'])
      .filter(({ value }) => isTaken(() => checkParams(spec, value)))
      .map(({ what }) => what);
    expect(passed).toEqual([]);
    expect(({} as { ts?: unknown }).ts).toBeUndefined();
  });

  it.each(ROWS)('%s: an answer is refused in every spoilt form', (_method, spec, sample) => {
    const passed = spoil(sample.result).filter(({ value }) => v.is(spec.result, value));
    expect(passed).toEqual([]);
  });

  it.each(['write', 'read'] as const)('%s: has null where nothing is demanded', (method) => {
    const nothing = { guard: null, ...(method === 'read' ? { dependsOn: null } : { value: null }) };
    expect(
      isTaken(() => checkParams(messages[method], { ...SAMPLES[method].params, ...nothing })),
    ).toBe(true);
  });
});

describe('an entry on the wire', () => {
  const push = (entry: unknown) =>
    isTaken(() => checkParams(messages.push, { ...SAMPLES.push.params, entries: [entry] }));

  it.each([
    ['too short', ['k', 'v', 4, 0]],
    ['too long', ['k', 'v', 4, 0, 1, 1]],
    ['an object', { 0: 'k', 1: 'v', 2: 4, 3: 0, 4: 1, length: 5 }],
    ['a key that is no text', [1, 'v', 4, 0, 1]],
    ['a value that is no text', ['k', 1, 4, 0, 1]],
    ['a value that is missing', ['k', undefined, 4, 0, 1]],
    ['a server beyond the ids', ['k', 'v', 4, 1_000_000, 1]],
    ['a life beyond the lives', ['k', 'v', 4, 0, 2 ** 32]],
  ])('is refused: %s', (_what, entry) => {
    expect(push(entry)).toBe(false);
  });

  it('may have any text as its key', () => {
    for (const key of ['', '__proto__', 'constructor', '\u0000', '\ud800', '\u{1f600}']) {
      expect(push([key, 'v', 4, 0, 1])).toBe(true);
    }
  });
});

function isTaken(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'E_BAD_REQUEST' });
    return false;
  }
}
