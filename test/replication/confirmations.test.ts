import { describe, expect, it } from 'vitest';
import { Confirmations } from '../../src/replication/confirmations.ts';

describe('a read is confirmed', () => {
  it('by a question that was asked after it came', () => {
    const confirmations = new Confirmations();
    expect(confirmations.take()).toBeUndefined();
    expect(confirmations.want()).toBe(1);
    expect(confirmations.take()).toBe(1);
    expect(confirmations.want()).toBe(2);
  });

  it('by one question together with all that came before that', () => {
    const confirmations = new Confirmations();
    confirmations.want();
    confirmations.take();
    expect([confirmations.want(), confirmations.want()]).toEqual([2, 2]);
    expect(confirmations.take()).toBeUndefined();
    confirmations.ended();
    expect(confirmations.take()).toBe(2);
    confirmations.ended();
    expect(confirmations.take()).toBeUndefined();
  });
});
