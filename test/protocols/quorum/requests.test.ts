// Whole requests in simulation: who coordinates, which levels are met, what a failure leaves.
import { describe, expect, it } from 'vitest';
import { extent } from '../../support/extent.ts';
import { ORDERED_FOUR, play } from './simulatedRun.ts';

const BYTES = `protocol quorum partitioner=byteOrdered;${ORDERED_FOUR}`;
const SEEDS = extent({ full: 20, quick: 6 });
const LOOKS = 'printStore 0;printStore 1;printStore 2;printStore 3';

describe('a put', () => {
  it('goes to all replicas of its key, through any server', async () => {
    for (const client of [10, 11, 12, 13]) {
      const { stores } = await play(`${BYTES};put ${client} 100 v one;${LOOKS}`);
      expect(stores).toEqual(['', '100:v', '100:v', '100:v']);
    }
  });

  it('is refused before anything is written if too few replicas live', async () => {
    const said = await play(
      `${BYTES};put 11 150 old all;killServer 2;killServer 3;put 11 150 new quorum;` +
        'get 11 150 one;inspect 1;put 11 150 last one;inspect 1;get 11 150 one',
    );
    expect(said.outcomes).toEqual(['ok', 'fail', 'ok', 'ok', 'ok']);
    expect(said.gets).toEqual(['old', 'last']);
    const [before, after] = said.states.map(({ hints, store }) => [hints, store]);
    expect(before).toEqual([[], []]);
    expect(after).toMatchObject([
      [
        { owner: 2, key: '150', value: 'last' },
        { owner: 3, key: '150', value: 'last' },
      ],
      [],
    ]);
    expect(said.notes[0]).toMatch(/ERR_UNAVAILABLE: not done, .* \(1 of 2\)/);
  });

  it('that fails later is indeterminate, and nothing of it is undone', async () => {
    const said = await play(
      `${BYTES};put 11 100 old all;breakConnection 1 2 oneway;breakConnection 1 3 oneway;` +
        'put 11 100 new quorum;printStore 1;createConnection 1 2;createConnection 1 3;' +
        `stabilize;${LOOKS}`,
    );
    expect(said.outcomes).toEqual(['ok', 'unknown']);
    expect(said.stores).toEqual(['100:new', '', '100:new', '100:new', '100:new']);
  });

  it('that fails has ended at the replicas before the next line', async () => {
    const logged = BYTES.replace('quorum ', 'quorum storage=log repair=off ');
    for (let seed = 1; seed <= 12; seed += 1) {
      const said = await play(
        `${logged};put 12 100 old all;fail 1;put 12 100 new all;printStore 3`,
        { seed, faults: 'disk-delay=1..20' },
      );
      expect(said.outcomes, `seed ${seed}`).toEqual(['ok', 'unknown']);
      expect(said.stores, `seed ${seed}`).toEqual(['100:new']);
    }
  });

  it('owes its coordinator nothing, whose own disk was the last', async () => {
    const logged = BYTES.replace('quorum ', 'quorum storage=log ');
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { states } = await play(`${logged};put 11 137 v one;put 11 64 v one;inspect 1`, {
        seed,
        faults: 'disk-delay=1..60',
      });
      expect(
        states.map(({ hints }) => hints),
        `seed ${seed}`,
      ).toEqual([[]]);
    }
  });

  it('that no replica can have received is refused for certain', async () => {
    const said = await play(
      `${BYTES.replace(' partitioner', ' suspectOnError=off partitioner')};put 10 0 old;` +
        'fail 0;put 10 0 new;recover 0;get 10 0',
    );
    expect(said.outcomes.slice(0, 2)).toEqual(['ok', 'unknown']);
    expect(said.gets).toEqual(['old']);
  });

  it('applies once, however often its messages arrive', async () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const faults = 'duplication=0.9,delay=1..60';
      const said = await play(`${BYTES};put 10 100 a;put 10 100 b;get 10 100 all`, {
        seed,
        faults,
      });
      expect(said.gets).toEqual(['b']);
    }
  });
});

describe('a suspicion', () => {
  it('is looked into before a request is refused for it', async () => {
    const said = await play(
      `${BYTES};put 13 100 a all;fail 1;put 13 100 b;recover 1;` +
        'pauseServer 2;put 13 100 c;resumeServer 2;sleep 4s;put 13 100 d;get 13 100',
    );
    expect(said.outcomes.slice(-2)).toEqual(['ok', 'ok']);
    expect(said.gets).toEqual(['d']);
  });

  it('of a server that has failed leaves the refusal as it is', async () => {
    const said = await play(
      `${BYTES};put 13 100 a all;fail 1;fail 2;put 13 100 b;put 13 100 c;get 13 100;inspect 3`,
    );
    expect(said.outcomes).toEqual(['ok', 'unknown', 'fail', 'fail']);
    expect(said.gets).toEqual(['ERR_UNAVAILABLE']);
  });
});

describe('a link that is restored', () => {
  it('has brought the hints before the next line', async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      for (const [cut, back] of [
        ['breakConnection 3 1', 'createConnection 3 1'],
        ['partition 0 1 | 2 3', 'heal'],
      ]) {
        const said = await play(
          `${BYTES};put 13 100 v1 all;${cut};put 13 100 y;${back};get 11 100 one`,
          {
            seed,
          },
        );
        expect(said.gets, `seed ${seed}: ${back}`).toEqual(['y']);
      }
    }
  });
});

describe('a level', () => {
  it('is that of the options unless the line names one', async () => {
    const dead = 'killServer 1;killServer 2';
    const base = BYTES.replace('quorum ', 'quorum read=one write=all ');
    const said = await play(`${base};put 13 100 v;${dead};get 13 100;get 13 100 r=2;put 13 100 w`);
    expect(said.gets).toEqual(['v', 'ERR_UNAVAILABLE']);
    expect(said.outcomes).toEqual(['ok', 'ok', 'fail', 'fail']);
  });

  it('counts against N although there are fewer servers', async () => {
    const said = await play(
      'protocol quorum;joinServer 0;joinServer 1;joinClient 2 0;put 2 x v all;put 2 x v quorum;' +
        'get 2 x all;get 2 x',
    );
    expect(said.outcomes).toEqual(['fail', 'ok', 'fail', 'ok']);
  });
});

describe('a get', () => {
  const stale = `${BYTES.replace('quorum ', 'quorum repair=off ')};put 11 100 old all;killServer 1`;

  it('returns the newest of the first replicas in list order', async () => {
    // Without logs 1 would have to copy first, so the link is cut and not the server killed.
    const said = await play(
      `${BYTES.replace('quorum ', 'quorum repair=off ')};put 12 100 old all;` +
        'breakConnection 1 2;put 12 100 new;createConnection 1 2;get 12 100 one;get 12 100',
    );
    expect(said.gets).toEqual(['old', 'new']);
  });

  it('at one: is answered by the first replica that has the key', async () => {
    const said = await play(
      `${BYTES.replace('quorum ', 'quorum repair=off ')};put 12 100 x all;breakConnection 1 2;` +
        'put 12 101 v;createConnection 1 2;get 12 101 one;get 11 101 one;delete 11 100 all;' +
        'get 11 100 one',
    );
    expect(said.gets).toEqual(['v', 'v', 'ERR_KEY']);
  });

  it('finds an absent key at once, and suspects no server for it', async () => {
    const said = await play(`${BYTES};get 11 100 all;get 11 100 one;inspect 1;inspect 0`);
    expect(said.gets).toEqual(['ERR_KEY', 'ERR_KEY']);
    expect(said.states.map(({ suspected }) => suspected)).toEqual([[], []]);
  });

  it('replaces a replica that does not answer by the next one', async () => {
    const said = await play(
      `${BYTES};put 12 100 v all;pauseServer 1;get 12 100;get 12 100 all;inspect 2;resumeServer 1`,
    );
    expect(said.gets).toEqual(['v', 'ERR_UNAVAILABLE']);
    expect(said.states.map(({ suspected }) => suspected)).toEqual([[1]]);
  });

  it('brings what it found to stale replicas, before the next line', async () => {
    const line = 'put 12 100 old all;breakConnection 1 2;put 12 100 new;createConnection 1 2;';
    const repaired = await play(
      `${BYTES.replace('quorum ', 'quorum repair=read ')};${line}get 12 100;printStore 1`,
    );
    expect(repaired.stores).toEqual(['100:new']);
    const not = await play(
      `${BYTES.replace('quorum ', 'quorum repair=off ')};${line}get 12 100;printStore 1`,
    );
    expect(not.stores).toEqual(['100:old']);
  });

  it('needs a member that has lost its memory no more than it has', async () => {
    const said = await play(`${stale};joinServer 1;inspect 1;get 12 100 one;get 12 100 all`);
    expect(said.states.map(({ isComplete }) => isComplete)).toEqual([true]);
    expect(said.gets).toEqual(['old', 'old']);
  });
});

describe('a member without its memory', () => {
  it('counts for no read while another replica is dead, and takes writes', async () => {
    const said = await play(
      `${BYTES};put 12 100 v all;killServer 1;killServer 3;joinServer 1;inspect 1;` +
        'get 12 100 one;get 12 100;put 12 100 w;inspect 1;joinServer 3;inspect 1;get 12 100',
    );
    expect(said.states.map(({ isComplete }) => isComplete)).toEqual([false, false, true]);
    expect(said.gets).toEqual(['v', 'ERR_UNAVAILABLE', 'w']);
    expect(said.outcomes).toEqual(['ok', 'ok', 'fail', 'ok', 'ok']);
  });
});

describe('a server without a place on the ring', () => {
  it('is told of, and passes requests on', async () => {
    const said = await play(
      `${BYTES};put 10 0 v;joinServer 7;joinClient 17 7;get 17 0;put 17 0 w;get 10 0;inspect 7;` +
        'killServer 7;joinServer 7',
    );
    expect(said.warnings).toHaveLength(1);
    expect(said.warnings[0]).toMatch(/server 7 has no place on the ring.*servers 0, 1, 2, 3/);
    expect(said.gets).toEqual(['v', 'w']);
    expect(said.states).toMatchObject([{ store: [], members: [0, 1, 2, 3], ringNumber: 1 }]);
  });
});

describe('a failed server', () => {
  it('is believed dead after a call to it has failed, until it is heard', async () => {
    const said = await play(
      `${BYTES};put 12 100 a;fail 1;inspect 2;put 12 100 b;inspect 2;recover 1;put 12 100 c;` +
        'inspect 1;put 11 0 x;inspect 2;printStore 1',
    );
    const [before, , back, after] = said.states;
    expect(before?.suspected).toEqual([]);
    expect(said.states[1]).toMatchObject({ suspected: [1], hints: [{ owner: 1, value: 'b' }] });
    expect(back?.store).toMatchObject([{ key: '100', value: 'a' }]);
    expect(after).toMatchObject({ suspected: [], hints: [] });
    expect(said.stores).toEqual(['0:x 100:c']);
  });

  it('is not with suspectOnError=off, and hints are delivered when it answers', async () => {
    const base = BYTES.replace('quorum ', 'quorum suspectOnError=off ');
    const said = await play(
      `${base};put 12 100 a;fail 1;put 12 101 b;inspect 2;recover 1;put 12 100 c;inspect 2;` +
        'printStore 1',
    );
    expect(said.states[0]).toMatchObject({ suspected: [], hints: [{ owner: 1, value: 'b' }] });
    expect(said.states[1]).toMatchObject({ hints: [] });
    expect(said.stores).toEqual(['100:c 101:b']);
  });
});
