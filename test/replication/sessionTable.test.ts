import { describe, expect, it } from 'vitest';
import { requestOf, SessionTable } from '../../src/replication/sessionTable.ts';

const session = { id: 7, incarnation: 1 };

describe('the table of requests', () => {
  it('knows the latest request of a session, and that earlier ones are late', () => {
    const table = new SessionTable<string>();
    expect(table.find({ session, seq: 1 })).toBeUndefined();
    table.remember({ session, seq: 2 }, 'second');
    expect(table.find({ session, seq: 2 })).toMatchObject({ seq: 2, outcome: 'second' });
    expect(table.find({ session, seq: 1 })).toBe('late');
    expect(table.find({ session, seq: 3 })).toBeUndefined();
  });

  it('keeps the first outcome of a request, and forgets nothing for an earlier one', () => {
    const table = new SessionTable<string>();
    table.remember({ session, seq: 2 }, 'second');
    table.remember({ session, seq: 2 }, 'again');
    table.remember({ session, seq: 1 }, 'first');
    expect(Array.from(table.requests(), ({ outcome }) => outcome)).toEqual(['second']);
  });

  it('does a request once: a copy has the outcome of the first, a late one is refused', () => {
    const table = new SessionTable<number>();
    let count = 0;
    const make = () => ++count;
    expect(table.once({ session, seq: 1 }, make)).toBe(1);
    expect(table.once({ session, seq: 1 }, make)).toBe(1);
    expect(table.once({ session, seq: 2 }, make)).toBe(2);
    expect(() => table.once({ session, seq: 1 }, make)).toThrow('a late copy');
    expect(count).toBe(2);
  });

  it('does a request again that has thrown', () => {
    const table = new SessionTable<string>();
    const fail = () => {
      throw new Error('not yet');
    };
    expect(() => table.once({ session, seq: 1 }, fail)).toThrow('not yet');
    expect(table.once({ session, seq: 1 }, () => 'done')).toBe('done');
  });

  it('tells the lives of a client apart', () => {
    const table = new SessionTable<string>();
    table.remember({ session, seq: 5 }, 'former');
    expect(table.find({ session: { id: 7, incarnation: 2 }, seq: 1 })).toBeUndefined();
  });
});

describe('the request of a message', () => {
  it('is that of the life which it names, if that client sent it', () => {
    expect(requestOf(7, { session: [7, 1], seq: 4 })).toEqual({ session, seq: 4 });
    expect(() => requestOf(8, { session: [7, 1], seq: 4 })).toThrow('the session of 7, asked by 8');
  });
});
