// The growth of a ring in simulation: what a newcomer takes over, and what goes wrong meanwhile.
import { describe, expect, it } from 'vitest';
import { extent } from '../../support/extent.ts';
import { play } from './simulatedRun.ts';

const THREE =
  'joinServer 0;joinServer 1;joinServer 2;joinClient 10 0;joinClient 11 1;joinClient 12 2';
const RING = `protocol quorum n=2;${THREE}`;
const LOGGED = RING.replace('quorum ', 'quorum storage=log ');
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const puts = (value: string): string => KEYS.map((key) => `put 10 ${key} ${value}${key}`).join(';');
const gets = (client: number): string => KEYS.map((key) => `get ${client} ${key}`).join(';');
const LOOKS = 'printStore 0;printStore 1;printStore 2;printStore 3';
const valuesOf = (value: string): string[] => KEYS.map((key) => value + key);
/** Of a store as `play` shows it. */
const keysIn = (store = ''): string[] => store.split(' ').flatMap((entry) => entry[0] ?? []);

describe('a server that joins after the first request', () => {
  it('has its ranges when it has joined, and others have none too much', async () => {
    for (const protocol of [RING, LOGGED]) {
      const said = await play(
        `${protocol};${puts('v')};joinServer 3;${LOOKS};inspect 0;inspect 3;joinClient 13 3;` +
          gets(13),
      );
      const counts = new Map(KEYS.map((key) => [key, 0]));
      for (const store of said.stores) {
        for (const key of keysIn(store)) counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      expect([...counts.values()]).toEqual(KEYS.map(() => 2));
      expect(keysIn(said.stores[3]).length).toBeGreaterThan(0);
      for (const { members, ringNumber } of said.states) {
        expect([members, ringNumber]).toEqual([[0, 1, 2, 3], 4]);
      }
      expect(said.states[1]?.isComplete).toBe(true);
      expect(said.gets).toEqual(valuesOf('v'));
      expect(said.notes).toEqual([]);
    }
  });

  it('waits while a source is dead, and is told so; the others go on', async () => {
    const said = await play(
      `${LOGGED};${puts('v')};killServer 1;joinServer 3;inspect 3;put 10 a w one;get 12 a one;` +
        'joinServer 1;inspect 3;printStore 3',
    );
    expect(said.notes[0]).toMatch(/server 3 is not ready yet, it waits for server 1/);
    expect(said.states[0]).toMatchObject({ isComplete: false, members: [0, 1, 2] });
    expect(said.states[1]).toMatchObject({ isComplete: true, members: [0, 1, 2, 3] });
  });

  it('makes way for the next one', async () => {
    const said = await play(
      `${RING};${puts('v')};joinServer 3;joinServer 4;joinServer 5;inspect 5;joinClient 15 5;` +
        gets(15),
    );
    expect(said.states[0]).toMatchObject({ members: [0, 1, 2, 3, 4, 5], ringNumber: 10 });
    expect(said.gets).toEqual(valuesOf('v'));
  });

  it('lets the next one wait while it waits itself', async () => {
    const said = await play(
      `${LOGGED};${puts('v')};killServer 1;joinServer 3;joinServer 4;joinServer 1;sleep 40s;` +
        'inspect 4',
    );
    expect(said.notes[1]).toMatch(/server 4 is not ready yet, it waits for server 3/);
    expect(said.states[0]?.members).toEqual([0, 1, 2, 3, 4]);
  });

  it('is given up when it dies before it has copied, and begins again later', async () => {
    const said = await play(
      `${LOGGED};${puts('v')};killServer 1;joinServer 3;killServer 3;put 10 a w one;joinServer 1;` +
        `stabilize;inspect 0;joinServer 3;inspect 3;inspect 0;joinClient 13 3;get 13 b`,
    );
    expect(said.states[0]?.members).toEqual([0, 1, 2]);
    for (const { members } of said.states.slice(1)) expect(members).toEqual([0, 1, 2, 3]);
    expect(said.gets).toEqual(['vb']);
  });
});

describe('a coordinator that has not heard of the growth', () => {
  it('learns of it from the first replica that refuses, and goes on', async () => {
    // Server 4 takes key b over from server 1, so nothing tells server 0 while it has failed. Later
    // server 0 believes server 1 dead, so it coordinates itself.
    const base = `${RING.replace('n=2', 'n=1 vnodes=1')};put 10 b u;fail 0;joinServer 4;recover 0`;
    const alone = 'inspect 0;breakConnection 0 2;fail 1;put 10 b v;recover 1';
    for (const request of ['put 10 b w', 'get 10 b;put 10 b w']) {
      const said = await play(`${base};${alone};${request};inspect 0;get 12 b;printStore 4`);
      expect(said.states.map(({ ringNumber }) => ringNumber)).toEqual([1, 4]);
      expect(said.outcomes).toEqual(['ok', 'unknown', ...said.outcomes.slice(2).fill('ok')]);
      expect(said.gets.slice(0, -1)).toEqual(request.startsWith('get') ? ['u'] : []);
      expect([said.gets.at(-1), said.stores]).toEqual(['w', ['b:w']]);
    }
  });

  it('was down during the growth: it learns of it when it starts', async () => {
    const said = await play(
      `${LOGGED};${puts('v')};joinServer 3;killServer 0;joinServer 4;joinServer 0;sleep 20s;` +
        `inspect 0;createConnection 10 0;${gets(10)}`,
    );
    expect(said.states[0]?.members).toEqual([0, 1, 2, 3, 4]);
    expect(said.gets).toEqual(valuesOf('v'));
  });
});

describe('requests while the ring grows', () => {
  /** Server 1 is paused, so the newcomer waits, and goes on while clients operate. */
  const waiting = 'pauseServer 1;joinServer 3;inspect 0';
  const rounds = [1, 2, 3]
    .flatMap((round) => KEYS.map((key, at) => `put ${at % 2 ? 10 : 12} ${key} ${round}${key}`))
    .join(';');

  it('lose no write, with delays, duplicates and slow disks', async () => {
    for (let seed = 1; seed <= extent({ full: 6, quick: 2 }); seed += 1) {
      const said = await play(
        `${LOGGED};${puts('v')};${waiting};concurrently;resumeServer 1;${rounds};${gets(11)};end;` +
          `${gets(11)};stabilize;inspect 0;${gets(10)}`,
        { seed, faults: 'delay=1..60,duplication=0.2,disk-delay=1..60' },
      );
      const last = said.gets.slice(-KEYS.length);
      expect(last.map((value) => value.slice(-1))).toEqual(KEYS);
      const members = said.states.map((state) => state.members);
      expect(members).toEqual([
        [0, 1, 2],
        [0, 1, 2, 3],
      ]);
    }
  });
});

describe('a later run', () => {
  it('grows a ring that is in the logs', async () => {
    const first = await play(`${LOGGED};${puts('v')}`);
    const protocol = 'protocol quorum n=2 storage=log';
    const second = await play(
      `${protocol};joinServer 0;joinServer 1;joinServer 2;joinServer 3;inspect 3;` +
        `joinClient 13 3;${gets(13)}`,
      { data: first.data },
    );
    expect(second.states[0]).toMatchObject({ members: [0, 1, 2, 3], isComplete: true });
    expect(second.gets).toEqual(valuesOf('v'));
    const third = await play(
      `${protocol};joinServer 3;joinServer 2;joinServer 1;joinServer 0;joinClient 13 3;` +
        `${gets(13)};inspect 0`,
      { data: second.data },
    );
    expect(third.gets).toEqual(valuesOf('v'));
    expect(third.states[0]?.members).toEqual([0, 1, 2, 3]);
  });
});
