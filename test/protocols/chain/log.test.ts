import { describe, expect, it } from 'vitest';
import { ArcLog, type Entry } from '../../../src/protocols/chain/log.ts';
import { Ring, tokenOfKey } from '../../../src/replication/ring.ts';

const WHOLE = new Ring([0]).arcOf(0);

function entry(timestamp: number, key: string, value: string | null = `v${timestamp}`): Entry {
  const version = { timestamp, origin: { id: 0, incarnation: 1 } };
  return { key, value, version, session: { id: 100, incarnation: 1 }, seq: timestamp };
}

/** A log with these writes, durable and committed as far as told. */
function logOf(entries: readonly Entry[], durable: number, committed: number): ArcLog {
  const log = new ArcLog(WHOLE);
  for (const one of entries) log.push(one);
  log.keep(log.generation, durable);
  log.commit(committed);
  return log;
}

const THREE = [entry(1, 'a'), entry(2, 'b'), entry(3, 'a')];

describe('a log', () => {
  it('shows the latest committed write of a key, and later writes as pending', () => {
    const log = logOf(THREE, 3, 2);
    expect(log.read('a')?.value).toBe('v1');
    expect(log.pendingOf('a').map(({ value }) => value)).toEqual(['v3']);
    expect([log.committed, log.last]).toEqual([2, 3]);
    log.commit(3);
    expect(log.read('a')?.value).toBe('v3');
    expect(log.pending).toEqual([]);
  });

  it('only grows at its end (H2)', () => {
    expect(() => logOf([entry(2, 'a'), entry(2, 'b')], 0, 0)).toThrow('H2');
  });

  it('commits nothing that is not durable (H3), and nothing twice', () => {
    const log = logOf(THREE, 1, 0);
    expect(() => log.commit(2)).toThrow('H3');
    const [first] = THREE;
    expect([log.commit(1), log.commit(1), log.commit(0)]).toEqual([[first], undefined, undefined]);
  });

  it('shows its neighbours all that it has, durable or not', () => {
    const log = logOf(THREE, 2, 0);
    expect(log.pendingAfter(1).map(({ version }) => version.timestamp)).toEqual([2, 3]);
    expect([log.hasPendingAfter(2), log.hasPendingAfter(3)]).toEqual([true, false]);
    expect(log.catchupFrom(0)).toMatchObject({ upTo: 0, end: 3, pending: THREE });
  });

  it('has writes that may be acknowledged, which are those that the disk has had', () => {
    const log = logOf(THREE, 2, 1);
    expect(log.acknowledgeable).toEqual(THREE.slice(1, 2));
    // The disk does not have this catch-up, but it has had the second write.
    log.install(logOf(THREE, 3, 1).catchupFrom(1));
    expect([log.durable, log.acknowledgeable]).toEqual([-1, THREE.slice(1, 2)]);
  });

  it('takes the rest of what it has a part of, and refuses what would leave a gap', () => {
    const log = logOf(THREE.slice(0, 2), 2, 0);
    expect(log.append(1, THREE.slice(1))).toEqual(THREE.slice(2));
    expect(log.append(0, THREE)).toEqual([]);
    expect(log.append(4, [entry(5, 'c')])).toBe('gap');
    expect(log.last).toBe(3);
  });
});

describe('a request', () => {
  const session = { id: 100, incarnation: 1 };

  it.each([
    ['pending', 0],
    ['committed', 3],
  ])('is known while it is %s, and late when its session has gone on (H7)', (_, committed) => {
    const log = logOf(THREE, 3, committed);
    expect(log.find({ session, seq: 3 })).toEqual({ version: THREE[2]?.version });
    expect(log.find({ session, seq: 2 })).toBe('late');
    expect(log.find({ session, seq: 4 })).toBeUndefined();
    expect(log.find({ session: { id: 100, incarnation: 2 }, seq: 3 })).toBeUndefined();
  });

  it('that was dropped with its write is new again', () => {
    const log = logOf(THREE, 3, 2);
    log.install({ base: 2, upTo: 2, end: 2, entries: [], applied: [], pending: [] });
    expect(log.find({ session, seq: 3 })).toBeUndefined();
    expect(log.find({ session, seq: 2 })).toEqual({ version: THREE[1]?.version });
  });
});

describe('a catch-up', () => {
  it('brings an empty log to where the other is: store, requests and pending', () => {
    const from = logOf([...THREE, entry(4, 'b', null)], 4, 3);
    const to = new ArcLog(WHOLE);
    to.install(from.catchupFrom(0));
    to.keep(to.generation, to.last);
    expect(to.read('a')).toEqual(from.read('a'));
    expect(to.pending).toEqual(from.pending);
    expect([to.committed, to.last]).toEqual([3, 4]);
    const request = { session: { id: 100, incarnation: 1 }, seq: 3 };
    expect(to.find(request)).toBe('late');
    to.install(logOf(THREE, 3, 3).catchupFrom(3));
    expect(to.find(request)).toEqual({ version: THREE[2]?.version });
  });

  it('has of each key only the latest that the other lacks, deletions included', () => {
    const from = logOf([...THREE, entry(4, 'b', null)], 4, 4);
    expect(from.catchupFrom(2).entries).toEqual([THREE[2], entry(4, 'b', null)]);
    expect(from.catchupFrom(3).entries).toEqual([entry(4, 'b', null)]);
    expect(from.catchupFrom(4).entries).toEqual([]);
  });

  it('drops what was pending here and is not there', () => {
    const own = logOf([entry(1, 'a'), entry(5, 'x')], 5, 1);
    own.install(logOf([entry(1, 'a'), entry(4, 'y')], 4, 1).catchupFrom(1));
    expect(own.pending.map(({ key }) => key)).toEqual(['y']);
  });

  it('never takes back what is committed here, though the other does not know it yet', () => {
    const own = logOf(THREE, 3, 3);
    own.install(logOf(THREE, 3, 1).catchupFrom(1));
    expect([own.committed, own.read('a')?.value, own.pending.length]).toEqual([3, 'v3', 0]);
  });

  it('is durable when the disk has it, and heeds no late word about what is gone', () => {
    const own = logOf([entry(5, 'x')], 0, 0);
    const before = own.generation;
    own.install(logOf([entry(4, 'y')], 4, 0).catchupFrom(0));
    expect(own.durable).toBe(-1);
    own.keep(before, 5);
    expect(own.durable).toBe(-1);
    own.keep(own.generation, own.last);
    expect(own.durable).toBe(4);
  });

  it('from after the end of this log is a bug (H5)', () => {
    const { catchupFrom } = { catchupFrom: () => logOf(THREE, 3, 3).catchupFrom(2) };
    expect(() => new ArcLog(WHOLE).install(catchupFrom())).toThrow('H5');
  });
});

describe('a part of a log', () => {
  const ring = new Ring([0, 1]);

  it('has the keys of its arc, and goes as far as the whole did', () => {
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
    const whole = logOf(
      keys.map((key, index) => entry(index + 1, key)),
      6,
      3,
    );
    for (const owner of [0, 1]) {
      const part = whole.within(ring.arcOf(owner));
      const own = (key: string) => ring.ownerAt(tokenOfKey(key)) === owner;
      expect([...part.entries()].map(({ key }) => key)).toEqual(keys.slice(0, 3).filter(own));
      expect(part.pending.map(({ key }) => key)).toEqual(keys.slice(3).filter(own));
      expect([part.committed, part.last, part.durable]).toEqual([3, 6, 6]);
      expect(part.find({ session: { id: 100, incarnation: 1 }, seq: 3 })).toBeDefined();
    }
  });

  it('is the log itself where the arc stays the same', () => {
    const log = logOf(THREE, 3, 3);
    expect(log.within({ ...WHOLE })).toBe(log);
  });
});
