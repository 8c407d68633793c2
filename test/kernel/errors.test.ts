import { describe, expect, it } from 'vitest';
import {
  assert,
  Bug,
  CALL_ERRORS,
  CallError,
  declareErrors,
  isCallErrorCode,
} from '../../src/kernel/errors.ts';

describe('the table of call errors', () => {
  it('gives every code a number of its own on the wire', () => {
    const numbers = Object.values(CALL_ERRORS).map(({ rpc }) => rpc);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.every((rpc) => Number.isInteger(rpc) && rpc < 0)).toBe(true);
  });

  it('keeps the meaning of the numbers that JSON-RPC has taken', () => {
    expect(CALL_ERRORS.E_NO_METHOD.rpc).toBe(-32601);
    expect(CALL_ERRORS.E_BAD_REQUEST.rpc).toBe(-32602);
  });

  it('leaves exactly one way to end in doubt', () => {
    const doubtful = Object.entries(CALL_ERRORS).filter(([, { definite }]) => !definite);
    expect(doubtful.map(([code]) => code)).toEqual(['ERR_UNREACHABLE']);
  });
});

describe('CallError', () => {
  it('has its code, its text, and the detail if there is one', () => {
    const error = new CallError('E_CLOCK_JUMP', '9 at 1');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'CallError', code: 'E_CLOCK_JUMP', definite: true });
    expect(error.message).toBe('a clock too far in the future: 9 at 1');
    expect(new CallError('E_LIMIT').message).toBe('a limit was reached');
    expect(new CallError('ERR_UNREACHABLE').definite).toBe(false);
  });

  it('has no stack trace, and leaves those of other errors', () => {
    expect(new CallError('E_LIMIT').stack).not.toContain('errors.test');
    expect(new Error('a bug').stack).toContain('errors.test');
  });
});

describe('isCallErrorCode', () => {
  it('knows the codes of the table and nothing else', () => {
    for (const code of Object.keys(CALL_ERRORS)) expect(isCallErrorCode(code)).toBe(true);
    for (const other of [
      '__proto__',
      'constructor',
      'toString',
      '',
      'e_limit',
      null,
      undefined,
      7,
    ]) {
      expect(isCallErrorCode(other)).toBe(false);
    }
  });
});

describe('declared codes', () => {
  const busy = { ERR_BUSY_TEST: { definite: false, text: 'too much to do' } } as const;

  it('are codes from then on, with their own meaning', () => {
    expect(isCallErrorCode('ERR_BUSY_TEST')).toBe(false);
    expect(() => new CallError('ERR_BUSY_TEST')).toThrow(Bug);
    expect(declareErrors(busy)).toBe(busy);
    expect(isCallErrorCode('ERR_BUSY_TEST')).toBe(true);
    const error = new CallError('ERR_BUSY_TEST', 'now');
    expect([error.message, error.definite]).toEqual(['too much to do: now', false]);
  });

  it('have one meaning: the same again is nothing new, another one a bug', () => {
    expect(declareErrors(busy)).toBe(busy);
    const other = { ERR_BUSY_TEST: { definite: true, text: 'too much to do' } };
    expect(() => declareErrors(other)).toThrow('ERR_BUSY_TEST has a meaning already');
    const taken = { ERR_UNREACHABLE: { definite: true, text: 'gone' } };
    expect(() => declareErrors(taken)).toThrow(Bug);
  });
});

describe('assert', () => {
  it('throws a Bug that cites the promise, unless it holds', () => {
    expect(() => assert(true, 'X1: holds')).not.toThrow();
    expect(() => assert(0, 'X1: holds')).toThrow(new Bug('X1: holds'));
  });

  it('is no call error, and must not be taken for an answer', () => {
    expect(new Bug('a')).not.toBeInstanceOf(CallError);
  });
});
