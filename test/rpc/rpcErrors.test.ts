// Call errors keep their code and text on the way between processes.
import { describe, expect, it } from 'vitest';
import {
  CALL_ERRORS,
  CallError,
  type CallErrorCode,
  declareErrors,
} from '../../src/kernel/errors.ts';
import { fromRpcError, toRpcError } from '../../src/rpc/rpcErrors.ts';

const codes = Object.keys(CALL_ERRORS) as CallErrorCode[];

describe('a call error', () => {
  it.each(codes)('%s comes back as it was, with and without a detail', (code) => {
    for (const error of [new CallError(code), new CallError(code, 'why: because')]) {
      const back = fromRpcError(JSON.parse(JSON.stringify(toRpcError(error))));
      expect(back).toEqual(error);
      expect([back.code, back.definite]).toEqual([error.code, error.definite]);
    }
  });

  it('is known by its number too, as other programs write it', () => {
    expect(fromRpcError({ code: -32601, message: 'Method not found' }).code).toBe('E_NO_METHOD');
    expect(fromRpcError({ code: -32602, message: 'odd' }).message).toContain('odd');
  });

  it.each([
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { code: 'E_CLOCK_JUMP' },
    { code: 0, message: 'failed' },
    { code: 1, message: {}, data: { code: 'toString' } },
  ])('that is none, %j, leaves open whether there was an effect', (error) => {
    const back = fromRpcError(error);
    expect(back.code).toBe('ERR_UNREACHABLE');
    expect(back.definite).toBe(false);
  });

  it('has a number of its own', () => {
    expect(new Set(codes.map((code) => CALL_ERRORS[code].rpc)).size).toBe(codes.length);
  });
});

describe('an error that a protocol declares', () => {
  const { ERR_MOVED } = declareErrors({ ERR_MOVED: { definite: true, text: 'the key is away' } });

  it('comes back as it was, with its data', () => {
    for (const error of [
      new CallError(ERR_MOVED),
      new CallError(ERR_MOVED, 'group 3', { group: 3 }),
    ]) {
      const back = fromRpcError(JSON.parse(JSON.stringify(toRpcError(error))));
      expect(back).toEqual(error);
      expect([back.code, back.definite, back.data]).toEqual(['ERR_MOVED', true, error.data]);
    }
  });

  it('leaves open whether there was an effect where it is not whole', () => {
    for (const data of [{ code: 'ERR_MOVED', definite: 1, text: '' }, { code: 'moved' }, {}]) {
      expect(fromRpcError({ code: -32_000, message: 'x', data }).definite).toBe(false);
    }
  });

  it('is named like all errors, and like none of them', () => {
    const spec = { definite: true, text: 'x' };
    for (const code of ['moved', 'E_NO_METHOD', 'ERR_', 'ERR_9']) {
      expect(() => declareErrors({ [code]: spec })).toThrow(`${code} cannot be declared`);
    }
  });
});
