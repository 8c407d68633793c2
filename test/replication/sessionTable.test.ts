import { describe, expect, it } from 'vitest';
import { SessionTable } from '../../src/replication/sessionTable.ts';

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

  it('tells the lives of a client apart', () => {
    const table = new SessionTable<string>();
    table.remember({ session, seq: 5 }, 'former');
    expect(table.find({ session: { id: 7, incarnation: 2 }, seq: 1 })).toBeUndefined();
  });
});
