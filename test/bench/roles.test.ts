// Which server is killed as which role, by what servers show of themselves.
import { describe, expect, it } from 'vitest';
import { rolesOf } from '../../bench/roles.ts';
import type { Inspection } from '../../src/kernel/inspection.ts';

function roles(...states: (Inspection | null)[]): [string, number][] {
  return [
    ...rolesOf(
      states.map((state, id) => ({ id, state })),
      'banana',
    ),
  ];
}

describe('the roles of servers', () => {
  it('are those that they name, and the leader is first', () => {
    const [replica, primary] = [{ role: 'replica' }, { role: 'primary' }];
    expect(roles(replica, primary, replica)).toEqual([
      ['primary', 1],
      ['replica', 0],
    ]);
  });

  it('follow from the leader whom they name', () => {
    expect(roles({ leader: 2 }, { leader: 2 }, { leader: 2 })).toEqual([
      ['leader', 2],
      ['follower', 0],
    ]);
  });

  it('are positions in the chain of the key', () => {
    // As inputs/chain/placement.txt has it, the chain of banana is 1, 3, 0.
    const ring = [0, 1, 2, 3, 4].map((server) => ({ server, token: '' }));
    const chains = [
      { arc: 1, members: [1, 3, 0] },
      { arc: 3, members: [3, 0, 4] },
    ];
    const state = { ring, chains };
    expect(roles(state, state, state, state, state)).toEqual([
      ['head', 1],
      ['middle', 3],
      ['tail', 0],
    ]);
  });

  it('do not differ where servers name none, and one that does not answer has none', () => {
    expect(roles({ clock: 1 }, { clock: 2 })).toEqual([['any server', 0]]);
    expect(roles(null, { role: 'primary' }, { leader: null })).toEqual([['primary', 1]]);
  });
});
