import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { acceptanceOf } from '../../src/kernel/acceptance.ts';
import { answerSchema, CLIENT_CONTROL, SERVER_CONTROL } from '../../src/kernel/control.ts';
import { CallError } from '../../src/kernel/errors.ts';
import { KEY_BYTES, VALUE_BYTES } from '../../src/kernel/limits.ts';
import { checkParams, countSchema, type MessageSpec } from '../../src/kernel/messages.ts';
import { pathsOfNumbers, spoil } from '../support/hostileParams.ts';

const link = { peer: 3, role: 'server' };
const command = { name: 'append', args: ['k', 'v'] };

const SERVER_SAMPLES = {
  connect: link,
  disconnect: link,
  settle: {},
  stabilize: { round: 1, avoid: [2], known: [0, 2], budgetMs: 500 },
  printStore: {},
  inspect: {},
  snapshot: { withStore: true },
  command,
  fail: {},
  recover: {},
  disconnectService: {},
  connectService: {},
  setClock: { offsetMs: 1500 },
};
const CLIENT_SAMPLES = {
  connect: link,
  disconnect: link,
  disconnectService: {},
  connectService: {},
  setClock: { offsetMs: 1500 },
  put: { key: 'k', value: 'v' },
  delete: { key: 'k' },
  get: { key: 'k' },
  dump: { scope: '*' },
  command,
};

const METHODS = [
  ...rowsOf('server', SERVER_CONTROL, SERVER_SAMPLES),
  ...rowsOf('client', CLIENT_CONTROL, CLIENT_SAMPLES),
];

function rowsOf(
  role: string,
  table: Record<string, MessageSpec>,
  samples: Record<string, object>,
): [string, MessageSpec, object][] {
  return Object.entries(table).map(([method, spec]) => [
    `${role} ${method}`,
    spec,
    samples[method] as object,
  ]);
}

const codeOf = (spec: MessageSpec, params: unknown): unknown => {
  try {
    checkParams(spec, params);
    return 'accepted';
  } catch (error) {
    return error instanceof CallError ? error.code : error;
  }
};

describe('the control tables', () => {
  it('have a sample for each method here', () => {
    expect(Object.keys(SERVER_SAMPLES)).toEqual(Object.keys(SERVER_CONTROL));
    expect(Object.keys(CLIENT_SAMPLES)).toEqual(Object.keys(CLIENT_CONTROL));
    const numbers = METHODS.flatMap(([, , sample]) => pathsOfNumbers(sample));
    expect(numbers.length).toBeGreaterThanOrEqual(9);
  });

  it.each(METHODS)('%s: takes what is right, as it is', (_name, spec, sample) => {
    expect(checkParams(spec, structuredClone(sample))).toStrictEqual(sample);
    expect(acceptanceOf(spec.params)(sample)).toBe(true);
  });

  it.each(METHODS)('%s: refuses every way to spoil it (B5, B27, B29)', (_name, spec, sample) => {
    const passed = spoil(sample, ['budgetMs'])
      .filter(({ what }) => what !== 'offsetMs = -1')
      .filter(({ value }) => codeOf(spec, value) !== 'E_BAD_REQUEST')
      .map(({ what }) => what);
    expect(passed).toEqual([]);
    expect(({} as { ts?: unknown }).ts).toBeUndefined();
  });
});

describe('an answer of a client', () => {
  const answer = { outcome: 'ok', value: 'v', server: 1, version: [5, 1, 1], applied: [[1, 1, 5]] };

  it('is taken as it is, with null for what is not there', () => {
    const nothing = { outcome: 'fail', value: null, server: null, version: null, applied: null };
    for (const right of [answer, nothing]) expect(v.is(answerSchema, right)).toBe(true);
  });

  it('is refused when it is spoilt', () => {
    const passed = spoil(answer)
      .filter(({ what }) => what !== 'server = null')
      .filter(({ value }) => v.is(answerSchema, value));
    expect(passed).toEqual([]);
  });
});

describe('ids and incarnations', () => {
  const take = (version: unknown) =>
    v.is(answerSchema, { outcome: 'ok', value: null, server: null, version, applied: null });

  it('end where a life would be taken for another', () => {
    expect(take([1, 999_999, 2 ** 32 - 1])).toBe(true);
    expect(take([1, 1_000_000, 1])).toBe(false);
    expect(take([1, 1, 2 ** 32])).toBe(false);
  });
});

describe('a time to wait', () => {
  const stabilize = (budgetMs: unknown) =>
    codeOf(SERVER_CONTROL.stabilize, { round: 1, avoid: [], known: [], budgetMs });

  it('may be a fraction, and is one that a timer can do', () => {
    expect(stabilize(0)).toBe('accepted');
    expect(stabilize(0.5)).toBe('accepted');
    expect(stabilize(2 ** 31 - 1)).toBe('accepted');
    expect(stabilize(2 ** 31)).toBe('E_BAD_REQUEST');
    expect(stabilize(Number.NaN)).toBe('E_BAD_REQUEST');
  });
});

describe('a count', () => {
  it('is a whole number that survives the wire', () => {
    for (const right of [0, 1, 2 ** 53 - 1]) expect(v.is(countSchema, right)).toBe(true);
    for (const wrong of [2 ** 53, -1, 1.5, Number.NaN, '7', null, undefined, [], 1n]) {
      expect(v.is(countSchema, wrong)).toBe(false);
    }
  });
});

describe('keys and values', () => {
  const put = (key: string, value: string) => codeOf(CLIENT_CONTROL.put, { key, value });
  const [emoji, control] = ['\u{1f600}', '\u0001'];

  it('go up to their limits, however their characters are written', () => {
    expect(put('k'.repeat(KEY_BYTES), '')).toBe('accepted');
    expect(put(emoji.repeat(KEY_BYTES / 4), '')).toBe('accepted');
    expect(put('', 'v'.repeat(VALUE_BYTES - 2))).toBe('accepted');
    expect(put('', control.repeat(Math.floor((VALUE_BYTES - 2) / 6)))).toBe('accepted');
  });

  it('are refused one byte beyond, with a code of their own', () => {
    expect(put('k'.repeat(KEY_BYTES + 1), '')).toBe('E_TOO_LARGE');
    expect(put(`${emoji.repeat(KEY_BYTES / 4)}k`, '')).toBe('E_TOO_LARGE');
    expect(put('', 'v'.repeat(VALUE_BYTES - 1))).toBe('E_TOO_LARGE');
    expect(put('', control.repeat(VALUE_BYTES / 6))).toBe('E_TOO_LARGE');
    expect(codeOf(CLIENT_CONTROL.get, { key: 'k'.repeat(KEY_BYTES + 1) })).toBe('E_TOO_LARGE');
  });
});
