import { describe, expect, it } from 'vitest';
import { Liveness } from '../../../src/protocols/quorum/liveness.ts';

function linked(suspectsOnError: boolean): Liveness {
  const liveness = new Liveness(suspectsOnError);
  liveness.connected(1);
  return liveness;
}

describe('a server', () => {
  it('is believed dead when a call fails, until it is heard', () => {
    const liveness = linked(true);
    liveness.failed(1);
    expect(liveness.isAlive(1)).toBe(false);
    expect(liveness.heard(1)).toBe(true);
    expect(liveness.isAlive(1)).toBe(true);
    expect(liveness.heard(1)).toBe(false);
  });

  it('is believed dead for a failed ping only, where calls do not count', () => {
    const liveness = linked(false);
    liveness.failed(1);
    expect(liveness.isAlive(1)).toBe(true);
    liveness.missed(1);
    expect(liveness.isAlive(1)).toBe(false);
    liveness.failed(1);
    expect(liveness.heard(1)).toBe(true);
    expect(liveness.isAlive(1)).toBe(true);
  });

  it('is believed dead without a link, and alive when the link is restored', () => {
    const liveness = linked(true);
    liveness.missed(1);
    liveness.disconnected(1);
    expect([liveness.isAlive(1), liveness.isLinked(1)]).toEqual([false, false]);
    liveness.connected(1);
    expect(liveness.isAlive(1)).toBe(true);
    expect(liveness.heard(1)).toBe(false);
  });
});
