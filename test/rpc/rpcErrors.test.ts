// Call errors keep their code and text on the way between processes.
import { describe, expect, it } from 'vitest';
import {
  CALL_ERRORS,
  CallError,
  type CallErrorCode,
  declareErrors,
} from '../../src/kernel/errors.ts';
import { fromRpcError, toRpcError } from '../../src/rpc/rpcErrors.ts';

declareErrors({ ERR_OF_A_TEST: { definite: true, text: 'a test said so' } });
const codes = Object.keys(CALL_ERRORS) as (keyof typeof CALL_ERRORS)[];

describe('a call error', () => {
  it.each<CallErrorCode>([...codes, 'ERR_OF_A_TEST'])(
    '%s comes back as it was, with and without a detail',
    (code) => {
      for (const error of [new CallError(code), new CallError(code, 'why: because')]) {
        const back = fromRpcError(JSON.parse(JSON.stringify(toRpcError(error))));
        expect(back).toEqual(error);
        expect([back.code, back.definite]).toEqual([error.code, error.definite]);
      }
    },
  );

  it('carries its data', () => {
    const error = new CallError('E_LIMIT', 'five', { most: 5, of: ['a'] });
    const back = fromRpcError(JSON.parse(JSON.stringify(toRpcError(error))));
    expect([back, back.data]).toEqual([error, { most: 5, of: ['a'] }]);
    expect(toRpcError(new CallError('E_LIMIT')).data).toEqual({ code: 'E_LIMIT' });
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
