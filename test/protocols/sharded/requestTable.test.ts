import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/protocols/sharded/operations.ts';
import { RequestTable } from '../../../src/protocols/sharded/requestTable.ts';
import { at, lifeOf, request } from './builders.ts';

function reply(value: string): Reply {
  return { outcome: 'done', value, version: at(1) };
}

/** A table that has the replies to requests 1 to 3 of client 100. */
function tableOfThree(): RequestTable {
  const table = new RequestTable();
  for (const seq of [1, 2, 3]) table.remember(request(seq, 'popLeft'), reply(`${seq}`));
  return table;
}

describe('a table of requests', () => {
  it('gives a copy the reply of the first, and knows no other request', () => {
    const table = tableOfThree();
    expect(table.find(request(2, 'popLeft'))).toEqual(reply('2'));
    expect(table.find(request(4, 'popLeft'))).toBeUndefined();
    expect(table.find(request(2, 'popLeft', { session: 101 }))).toBeUndefined();
    expect(table.find({ session: lifeOf(100, 2), seq: 2 })).toBeUndefined();
  });

  it('forgets what the session has confirmed, and knows a copy of it as late', () => {
    const table = tableOfThree();
    table.remember(request(4, 'put', { ended: 2 }), reply('4'));
    expect([1, 2, 3, 4].map((seq) => table.find(request(seq, 'popLeft')))).toEqual([
      'late',
      'late',
      reply('3'),
      reply('4'),
    ]);
    // A request that came late in the order of the log confirms less.
    table.remember(request(5, 'put', { ended: 1 }), reply('5'));
    expect(table.find(request(2, 'popLeft'))).toBe('late');
  });

  it('moves with its shard', () => {
    const table = tableOfThree();
    table.remember(request(4, 'put', { ended: 2 }), reply('4'));
    table.remember(request(1, 'put', { session: 101 }), reply('other'));
    const other = new RequestTable();
    for (const session of table.sessions()) other.take(session);
    expect([...other.sessions()]).toEqual([...table.sessions()]);
    expect(other.find(request(2, 'popLeft'))).toBe('late');
    expect(other.find(request(1, 'put', { session: 101 }))).toEqual(reply('other'));
    // The tables are two: what one gets, the other does not have.
    other.remember(request(5, 'put'), reply('5'));
    expect(table.find(request(5, 'put'))).toBeUndefined();
  });
});
