import { describe, expect, it } from 'vitest';
import { CallError, type CallErrorCode } from '../../../src/kernel/errors.ts';
import { Forwarding } from '../../../src/protocols/chain/forwarding.ts';

const LATE = 10_000;

const failure = (code: CallErrorCode, isThere = true, members = 3) => ({
  error: new CallError(code),
  isThere,
  members,
});

describe('a request that is sent on', () => {
  it('is tried again while there is time, and then has the last error', () => {
    const forwarding = new Forwarding(true, 0);
    expect(forwarding.failed(failure('ERR_NOT_CONNECTED'), 100)).toBeUndefined();
    expect(forwarding.failed(failure('ERR_NOT_CONNECTED'), LATE)?.code).toBe('ERR_NOT_CONNECTED');
  });

  it('is open when any attempt may have had an effect', () => {
    const forwarding = new Forwarding(true, 0);
    forwarding.failed(failure('ERR_UNREACHABLE'), 100);
    expect(forwarding.failed(failure('ERR_NOT_CONNECTED'), LATE)?.code).toBe('ERR_UNREACHABLE');
  });

  it('is open when another epoch refused a write, of which a copy may come later', () => {
    const write = new Forwarding(true, 0);
    expect(write.failed(failure('ERR_STALE_EPOCH'), LATE)?.code).toBe('ERR_UNREACHABLE');
    const here = new Forwarding(true, 0);
    expect(here.failed(failure('ERR_STALE_EPOCH', false), LATE)?.code).toBe('ERR_STALE_EPOCH');
    const read = new Forwarding(false, 0);
    expect(read.failed(failure('ERR_STALE_EPOCH'), LATE)?.code).toBe('ERR_STALE_EPOCH');
  });

  it.each(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_CLOCK_JUMP'] as const)(
    'is not tried again after %s',
    (code) => {
      expect(new Forwarding(true, 0).failed(failure(code), 0)?.code).toBe(code);
    },
  );

  it('is refused by a full disk at once where that is alone in its chain', () => {
    expect(new Forwarding(true, 0).failed(failure('E_STORAGE', true, 1), 0)?.code).toBe(
      'E_STORAGE',
    );
    expect(new Forwarding(true, 0).failed(failure('E_STORAGE', true, 2), 0)).toBeUndefined();
  });
});
