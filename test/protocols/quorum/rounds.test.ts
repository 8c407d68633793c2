// Hand-off, rounds of stabilize and tombstones in simulation.
import { describe, expect, it } from 'vitest';
import { ORDERED_FOUR, play } from './simulatedRun.ts';

const BYTES = `protocol quorum partitioner=byteOrdered;${ORDERED_FOUR}`;
const OFF = BYTES.replace('quorum ', 'quorum repair=off read=one write=one ');
const LOGGED = BYTES.replace('quorum ', 'quorum storage=log ');
const LOOKS = 'printStore 0;printStore 1;printStore 2;printStore 3';
const INSPECTS = 'inspect 0;inspect 1;inspect 2;inspect 3';

describe('hints', () => {
  const owed = `${LOGGED};put 10 100 old all;killServer 1;put 10 100 new;inspect 0`;

  it('are delivered when their owner starts, before the next line', async () => {
    const { states, stores } = await play(`${owed};joinServer 1;printStore 1;inspect 0`);
    expect(states[0]?.hints).toMatchObject([{ owner: 1, key: '100', value: 'new' }]);
    expect(states[1]?.hints).toEqual([]);
    expect(stores).toEqual(['100:new']);
  });

  it('are delivered when their holder starts', async () => {
    const { states, stores } = await play(
      `${owed};killServer 0;joinServer 1;printStore 1;joinServer 0;printStore 1;inspect 0`,
    );
    expect(stores).toEqual(['100:old', '100:new']);
    expect(states[1]?.hints).toEqual([]);
  });

  it('are delivered when a link is restored', async () => {
    const { stores } = await play(
      `${BYTES};put 12 100 old all;breakConnection 1 2;put 12 100 new;createConnection 1 2;` +
        'sleep 50ms;printStore 1',
    );
    expect(stores).toEqual(['100:new']);
  });

  it('are delivered by transfer, to servers that are suspected too', async () => {
    const line = 'put 12 100 old all;fail 1;put 12 100 new;recover 1;printStore 1';
    const { stores, states } = await play(
      `${BYTES};${line};transfer 0;printStore 1;transfer 2;printStore 1;inspect 2`,
    );
    expect(stores).toEqual(['100:old', '100:old', '100:new']);
    expect(states[0]).toMatchObject({ hints: [], suspected: [] });
    const all = await play(`${BYTES};${line};transfer;printStore 1`);
    expect(all.stores).toEqual(['100:old', '100:new']);
  });

  it('do not bring an older write over a newer one', async () => {
    const base = BYTES.replace('quorum ', 'quorum suspectOnError=off ');
    const { stores, states } = await play(
      `${base};put 12 100 a all;fail 1;put 12 100 b;recover 1;put 12 100 c;printStore 1;` +
        'stabilize;printStore 1;inspect 2',
    );
    expect(stores).toEqual(['100:c', '100:c']);
    expect(states[0]?.hints).toEqual([]);
  });

  it('stay while their owner is away, through rounds', async () => {
    const { states } = await play(`${owed};stabilize;inspect 0`);
    expect(states[1]?.hints).toMatchObject([{ owner: 1, key: '100', value: 'new' }]);
  });
});

describe('stabilize', () => {
  it('brings every replica what any of them has', async () => {
    const { stores } = await play(
      `${OFF};partition 0 1 | 2 3;put 11 100 a;put 12 100 b;put 12 101 c;put 10 0 d;put 13 0 e;` +
        `heal;stabilize;${LOOKS}`,
    );
    expect(new Set(stores.slice(1, 3).map((text) => text.split(' ')[1]))).toEqual(
      new Set(['100:b']),
    );
    expect(stores[3]).toBe('100:b 101:c');
  });

  it('reaches servers that are connected over others only', async () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const { stores, notes } = await play(
        `${OFF};breakConnection 1 3;breakConnection 1 2;breakConnection 0 3;put 11 100 a;` +
          `put 13 101 b;stabilize;${LOOKS}`,
        { seed },
      );
      expect(notes).toEqual([]);
      expect(stores).toEqual(['', ...Array(3).fill('100:a 101:b')]);
    }
  });

  it('goes another way where a link carries nothing in one direction', async () => {
    const { stores, notes } = await play(
      `${OFF};breakConnection 1 2;put 11 100 a;createConnection 1 2;breakConnection 1 2 oneway;` +
        `stabilize;${LOOKS}`,
    );
    expect(stores).toEqual(['', '100:a', '100:a', '100:a']);
    expect(notes).toEqual([]);
  });

  it('brings a member its data that has not needed the ring so far', async () => {
    const { stores, states } = await play(
      `${OFF};partition 3 | 0 1 2;put 11 100 a;inspect 3;heal;stabilize;printStore 3`,
    );
    expect(states[0]?.ringNumber).toBe(null);
    expect(stores).toEqual(['100:a']);
  });

  it('ends a wrong suspicion', async () => {
    const { states } = await play(
      `${BYTES};fail 1;put 12 100 a;recover 1;inspect 2;stabilize;inspect 2`,
    );
    expect(states.map(({ suspected }) => suspected)).toEqual([[1], []]);
  });

  it('names a server that does not answer, and equalizes the others', async () => {
    const { stores, notes } = await play(
      `${OFF};breakConnection 2 3;breakConnection 1 2;put 12 100 a;createConnection 2 3;` +
        'pauseServer 1;stabilize;printStore 3;resumeServer 1',
    );
    expect(stores).toEqual(['100:a']);
    expect(notes.join()).toMatch(/no answer from server 1/);
  });
});

describe('tombstones', () => {
  const deleted = 'put 12 100 a;delete 12 100;put 12 100 b;delete 12 100 all';

  it('are collected in a round that every member took part in', async () => {
    const { states, gets } = await play(
      `${BYTES};${deleted};inspect 1;stabilize;${INSPECTS};get 11 100 all`,
    );
    expect(states[0]?.store).toMatchObject([{ key: '100', value: null }]);
    for (const { store, floor, clock } of states.slice(1)) {
      expect([store, floor, clock]).toEqual([[], 4, 4]);
    }
    expect(gets).toEqual(['ERR_KEY']);
  });

  it('stay while a member is dead', async () => {
    const { states } = await play(`${BYTES};${deleted};killServer 0;stabilize;inspect 1`);
    expect(states[0]).toMatchObject({ floor: 0, store: [{ key: '100', value: null }] });
  });

  it('let no older write come back: a new life begins above them', async () => {
    const { states, gets, outcomes } = await play(
      `${BYTES};${deleted};stabilize;killServer 1;joinServer 1;inspect 1;` +
        'joinClient 21 1;put 21 100 new;get 12 100 all;inspect 1',
    );
    expect(states[0]).toMatchObject({ floor: 4, isComplete: true });
    expect(states[0]?.clock).toBeGreaterThanOrEqual(4);
    expect(outcomes.at(-2)).toBe('ok');
    expect(gets).toEqual(['new']);
  });

  it('are collected with logs too, and the floor outlives all servers', async () => {
    const restart = [0, 1, 2, 3].map((id) => `killServer ${id};joinServer ${id}`).join(';');
    const { states, gets } = await play(
      `${LOGGED};${deleted};stabilize;${restart};inspect 3;joinClient 21 3;get 21 100 all`,
    );
    expect(states[0]).toMatchObject({ floor: 4, store: [] });
    expect(gets).toEqual(['ERR_KEY']);
  });
});

describe('a later run on the same data', () => {
  const JOINS = 'joinServer 0;joinServer 1;joinServer 2;joinServer 3';
  const protocol = 'protocol quorum partitioner=byteOrdered storage=log';

  it('keeps the ring, whichever servers join, and does nothing without it', async () => {
    const first = await play(`${LOGGED};put 10 100 v all`);
    const second = await play(
      `${protocol};joinServer 7;joinClient 17 7;put 17 100 no;joinServer 2;joinServer 3;` +
        'get 17 100;inspect 2',
      { data: first.data },
    );
    expect(second.outcomes[0]).toBe('fail');
    expect(second.notes[0]).toMatch(/server 7 is not ready yet, it waits for servers 0, 1, 2, 3/);
    expect(second.gets).toEqual(['v']);
    expect(second.states[0]).toMatchObject({
      ringNumber: 1,
      members: [0, 1, 2, 3],
      isComplete: true,
    });
  });

  it('fixes a ring if none was, when all servers are back', async () => {
    const first = await play(`${protocol};${JOINS}`);
    const second = await play(
      `${protocol};joinServer 0;joinClient 10 0;put 10 100 no;joinServer 1;joinServer 2;` +
        'joinServer 3;joinServer 4;put 10 100 v all;inspect 0',
      { data: first.data },
    );
    expect(second.outcomes).toEqual(['fail', 'ok']);
    expect(second.states[0]).toMatchObject({ ringNumber: 1_000_001, members: [0, 1, 2, 3, 4] });
  });

  it('delivers the hints of the former one', async () => {
    const first = await play(`${LOGGED};put 12 100 v all;killServer 1;put 12 100 w`);
    const second = await play(`${protocol};joinServer 1;printStore 1;joinServer 2;printStore 1`, {
      data: first.data,
    });
    expect(second.stores).toEqual(['100:v', '100:w']);
  });
});
