import { describe, expect, it } from 'vitest';
import { CallError, type CallErrorCode } from '../../src/kernel/errors.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import { type AttemptPolicy, Attempts } from '../../src/replication/attempts.ts';
import { ServerChoice } from '../../src/replication/serverChoice.ts';

const AGAIN: AttemptPolicy = {
  lastAfterMs: 1_000,
  pauseMs: 50,
  isRepeated: true,
  isFinal: ({ code }) => code === 'E_BAD_REQUEST',
};
const ONCE: AttemptPolicy = { ...AGAIN, pauseMs: 0, isRepeated: false };

const lost = (): CallError => new CallError('ERR_UNREACHABLE');
const cut = (): CallError => new CallError('ERR_NOT_CONNECTED');

function chooserOf(...servers: NodeId[]) {
  const choice = new ServerChoice();
  for (const server of servers) choice.connected(server);
  return (tried: readonly NodeId[]) => choice.choose(tried, () => 0);
}

const serverIs = (server: NodeId) => ({ kind: 'ask', choice: expect.objectContaining({ server }) });

const overAs = (outcome: 'fail' | 'unknown', error?: CallErrorCode) => ({
  kind: 'over',
  failure: error === undefined ? { outcome } : { outcome, error },
});

describe('attempts', () => {
  it('fail for certain without any server', () => {
    expect(new Attempts(AGAIN, 0).next(0, chooserOf())).toEqual(overAs('fail'));
  });

  it('go from server to server, with a pause after each, and begin anew', () => {
    const attempts = new Attempts(AGAIN, 0);
    const choose = chooserOf(3, 1);
    const seen: unknown[] = [];
    for (const [turn, server] of [1, 3, 1].entries()) {
      seen.push(attempts.next(turn * 50, choose));
      attempts.failed(server, cut());
      seen.push(attempts.next(turn * 50, choose));
    }
    const wait = { kind: 'wait', ms: 50 };
    expect(seen).toEqual([serverIs(1), wait, serverIs(3), wait, serverIs(1), wait]);
    expect(attempts.count).toBe(3);
  });

  it('ask each server once where that is wanted, at once', () => {
    const attempts = new Attempts(ONCE, 0);
    const choose = chooserOf(1, 3);
    for (const server of [1, 3]) {
      expect(attempts.next(0, choose)).toEqual(serverIs(server));
      attempts.failed(server, cut());
    }
    expect(attempts.next(0, choose)).toEqual(overAs('fail', 'ERR_NOT_CONNECTED'));
  });

  it('leave a doubt when any of them may have taken effect', () => {
    const attempts = new Attempts(ONCE, 0);
    attempts.next(0, chooserOf(1));
    attempts.failed(1, lost());
    expect(attempts.failure).toEqual({ outcome: 'unknown', error: 'ERR_UNREACHABLE' });
    attempts.failed(1, cut());
    expect(attempts.next(0, chooserOf(1))).toEqual(overAs('unknown', 'ERR_NOT_CONNECTED'));
  });

  it('end with an error that another would only meet again', () => {
    const attempts = new Attempts(AGAIN, 0);
    attempts.next(0, chooserOf(1, 2));
    attempts.failed(1, new CallError('E_BAD_REQUEST'));
    expect(attempts.next(0, chooserOf(1, 2))).toEqual(overAs('fail', 'E_BAD_REQUEST'));
  });

  it('end when the time is over, though the first is always made', () => {
    const attempts = new Attempts(AGAIN, 0);
    expect(attempts.next(5_000, chooserOf(1))).toEqual(serverIs(1));
    attempts.failed(1, cut());
    expect(attempts.next(1_001, chooserOf(1))).toEqual(overAs('fail', 'ERR_NOT_CONNECTED'));
  });

  it('are no more than they may be', () => {
    const attempts = new Attempts({ ...AGAIN, pauseMs: 0, most: 2 }, 0);
    for (let count = 0; count < 2; count += 1) {
      expect(attempts.next(0, chooserOf(1))).toEqual(serverIs(1));
      attempts.failed(1, lost());
    }
    expect(attempts.next(0, chooserOf(1))).toEqual(overAs('unknown', 'ERR_UNREACHABLE'));
  });
});

describe('the choice of a server', () => {
  it('is among those that are connected and were not tried, by ascending id', () => {
    const choice = new ServerChoice();
    for (const server of [9, 2, 5, 2]) choice.connected(server);
    expect(choice.choose([], () => 0.99)).toEqual({ server: 9, of: [2, 5, 9] });
    expect(choice.choose([9], () => 0)).toEqual({ server: 2, of: [2, 5] });
    choice.disconnected(2);
    expect(choice.choose([9], () => 0.5)).toEqual({ server: 5, of: [5] });
    expect(choice.choose([5, 9], () => 0)).toBeUndefined();
  });

  it('of one takes no chance', () => {
    const choice = new ServerChoice();
    choice.connected(1);
    const never = (): number => {
      throw new Error('asked');
    };
    expect(choice.choose([], never)).toEqual({ server: 1, of: [1] });
  });
});
