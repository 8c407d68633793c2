// The invariants themselves: what they must not hold against a server while the ring grows.
import { describe, expect, it } from 'vitest';
import type { Life } from '../../../src/kernel/ids.ts';
import type { Invariants, Witnessed } from '../../../src/kernel/invariants.ts';
import type { ServerFact } from '../../../src/protocols/quorum/facts.ts';
import { createQuorumInvariants } from '../../../src/protocols/quorum/invariants.ts';
import type { RingSpec } from '../../../src/protocols/quorum/ring.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import type { Write } from '../../../src/protocols/quorum/write.ts';
import { put, settings } from './writes.ts';

const life = (id: number): Life => ({ id, incarnation: 1 });
const ALONE: RingSpec = {
  ...{ number: 1, partitioner: 'hash', n: 3, vnodes: 4, versions: 'lww', members: [[0, 1]] },
};
const COPYING: RingSpec = { ...ALONE, number: 2, newcomer: { life: [9, 1], hasCopied: false } };
const OTHER: RingSpec = { ...ALONE, number: 3, newcomer: { life: [8, 1], hasCopied: false } };
const WRITE = put('k', 1);

function serverOf(id: number, spec: RingSpec, writes: readonly Write[] = []): QuorumState {
  const state = new QuorumState(life(id), settings({ partitioner: 'hash', quorum: 'sloppy' }));
  state.adopt(spec, true);
  for (const write of writes) state.keep(write, false);
  return state;
}

function witness(state: QuorumState): Witnessed {
  return { life: state.self, role: 'server', state } as unknown as Witnessed;
}

function createInvariants(server: QuorumState): Invariants {
  const invariants = createQuorumInvariants();
  const accepted: ServerFact = { kind: 'accepted', write: WRITE, session: [5, 1], seq: 1 };
  invariants.changed(witness(server), [accepted]);
  return invariants;
}

/** A round with both; what happens to the second one meanwhile. */
function round(first: QuorumState, second: QuorumState, meanwhile: () => void): () => void {
  const invariants = createInvariants(first);
  const both = [witness(first), witness(second)];
  invariants.stabilizing(1, both);
  meanwhile();
  return () => invariants.stabilized(1, both);
}

describe('Q6', () => {
  it('holds for a newcomer that took part as such', () => {
    const end = round(serverOf(0, COPYING, [WRITE]), serverOf(9, COPYING), () => undefined);
    expect(end).toThrow('Q6: server 9 lacks k 1/0.1, which server 0 had before');
  });

  it('asks nothing of a server that became the newcomer during the round', () => {
    const later = serverOf(9, ALONE);
    const end = round(serverOf(0, COPYING, [WRITE]), later, () => later.adopt(COPYING, false));
    expect(end).not.toThrow();
  });

  it('asks nothing for what a newcomer had that is given up during the round', () => {
    const former = serverOf(9, COPYING, [WRITE]);
    const end = round(serverOf(0, COPYING), former, () => former.adopt(OTHER, false));
    expect(end).not.toThrow();
    const still = serverOf(9, COPYING, [WRITE]);
    expect(round(serverOf(0, COPYING), still, () => undefined)).toThrow('Q6: server 0 lacks');
  });
});

describe('Q1, of a stand-in', () => {
  const GROWN: RingSpec = {
    ...ALONE,
    n: 1,
    number: 4,
    members: [0, 1, 9].map((id): [number, number] => [id, 1]),
  };
  const said = (owner: number): ServerFact[] => [{ kind: 'stood in', owner, write: WRITE }];

  it('holds for the servers that the key belongs to when the hint is on the disk', () => {
    const server = serverOf(0, GROWN);
    const [owner = -1] = server.ring?.holdersOf('k') ?? [];
    const [former = -1] = [0, 1, 9].filter((id) => id !== owner);
    const stand = serverOf([0, 1, 9].find((id) => id !== owner && id !== former) ?? -1, GROWN);
    const invariants = createInvariants(stand);
    expect(() => invariants.changed(witness(stand), said(former))).toThrow('Q1');
    stand.keepHint({ owner: former, write: WRITE });
    expect(stand.hints.owners).toEqual([owner]);
    expect(() => invariants.changed(witness(stand), said(former))).not.toThrow();
  });
});
