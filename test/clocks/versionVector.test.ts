import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VersionVector } from '../../src/clocks/versionVector.ts';
import { type Life, lifeKey, MAX_INCARNATION, MAX_NODE_ID } from '../../src/kernel/ids.ts';
import { extent } from '../support/extent.ts';

const RUNS = extent({ full: 2_000, quick: 200 });

const IDS = 4;
const LIVES = 3;
const MOST = 6;

const tuple = fc.tuple(
  fc.integer({ min: 0, max: IDS - 1 }),
  fc.integer({ min: 1, max: LIVES }),
  fc.integer({ min: 1, max: MOST }),
);
/** In any order, with repeated lives, as a stranger may send them. */
const tuples = fc.array(tuple, { maxLength: 12 });
const vector = tuples.map((list) => VersionVector.fromTuples(list));

/** The dumb model: the set of all writes that the vector includes, each by its name. */
function writesOf(value: VersionVector): Set<string> {
  const writes = new Set<string>();
  for (const version of everyWrite()) {
    if (value.covers(version)) writes.add(nameOf(version.origin, version.timestamp));
  }
  return writes;
}

function* everyWrite() {
  for (let id = 0; id < IDS; id += 1) {
    for (let incarnation = 1; incarnation <= LIVES; incarnation += 1) {
      for (let timestamp = 1; timestamp <= MOST; timestamp += 1) {
        yield { timestamp, origin: { id, incarnation } };
      }
    }
  }
}

function nameOf({ id, incarnation }: Life, timestamp: number): string {
  return `${id}.${incarnation}@${timestamp}`;
}

const isSubset = (a: Set<string>, b: Set<string>) => [...a].every((write) => b.has(write));
const isSame = (a: Set<string>, b: Set<string>) => a.size === b.size && isSubset(a, b);
const merged = (a: VersionVector, b: VersionVector) => {
  const both = a.copy();
  both.merge(b);
  return both;
};

describe('a vector against the set of writes that it stands for', () => {
  it('is made from tuples in any order, repeated or not', () => {
    fc.assert(
      fc.property(tuples, (list) => {
        const expected = new Set<string>();
        for (const [id, incarnation, timestamp] of list) {
          for (let t = 1; t <= timestamp; t += 1) expected.add(nameOf({ id, incarnation }, t));
        }
        expect(isSame(writesOf(VersionVector.fromTuples(list)), expected)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('dominates exactly what it includes, and merges to the union', () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        expect(a.dominates(b)).toBe(isSubset(writesOf(b), writesOf(a)));
        const union = new Set([...writesOf(a), ...writesOf(b)]);
        expect(isSame(writesOf(merged(a, b)), union)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('advances as the set grows, and never takes any away', () => {
    fc.assert(
      fc.property(vector, tuple, (start, [id, incarnation, timestamp]) => {
        const life = { id, incarnation };
        const before = start.at(life);
        const others = writesOf(start);
        start.advance(life, timestamp);
        expect(start.at(life)).toBe(Math.max(before, timestamp));
        for (let t = 1; t <= timestamp; t += 1) others.add(nameOf(life, t));
        expect(isSame(writesOf(start), others)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the laws of vectors', () => {
  it('dominates is a partial order', () => {
    fc.assert(
      fc.property(vector, vector, vector, (a, b, c) => {
        expect(a.dominates(a)).toBe(true);
        if (a.dominates(b) && b.dominates(a)) expect(a.toTuples()).toEqual(b.toTuples());
        if (a.dominates(b) && b.dominates(c)) expect(a.dominates(c)).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('merge is the least upper bound: idempotent, commutative, associative', () => {
    fc.assert(
      fc.property(vector, vector, vector, (a, b, c) => {
        const both = merged(a, b);
        expect(both.dominates(a) && both.dominates(b)).toBe(true);
        if (c.dominates(a) && c.dominates(b)) expect(c.dominates(both)).toBe(true);
        expect(merged(a, a).toTuples()).toEqual(a.toTuples());
        expect(both.toTuples()).toEqual(merged(b, a).toTuples());
        expect(merged(both, c).toTuples()).toEqual(merged(a, merged(b, c)).toTuples());
      }),
      { numRuns: RUNS },
    );
  });

  it('tuples come back as the same vector, sorted by life', () => {
    fc.assert(
      fc.property(vector, (a) => {
        const list = a.toTuples();
        expect(VersionVector.fromTuples(list).toTuples()).toEqual(list);
        expect(VersionVector.fromTuples(list.toReversed()).toTuples()).toEqual(list);
        const keys = list.map(([id, incarnation]) => id * 100 + incarnation);
        expect(keys).toEqual([...new Set(keys)].sort((x, y) => x - y));
      }),
      { numRuns: RUNS },
    );
  });

  it('equal vectors have equal tuples, whether a life is named with nothing or not at all', () => {
    const named = VersionVector.fromTuples([
      [0, 1, 0],
      [1, 1, 5],
      [2, 1, 0],
    ]);
    named.advance({ id: 3, incarnation: 1 }, 0);
    expect(named.toTuples()).toEqual([[1, 1, 5]]);
  });
});

describe('vectors that come from one another', () => {
  it('change each for itself', () => {
    fc.assert(
      fc.property(tuples, vector, tuple, (list, other, [id, incarnation, timestamp]) => {
        const original = VersionVector.fromTuples(list);
        const [sent, received] = [original.toTuples(), structuredClone(list)];
        const frozen = structuredClone(sent);
        const copies = [original.copy(), VersionVector.fromTuples(sent), merged(other, original)];
        const states = copies.map((copy) => structuredClone(copy.toTuples()));
        original.advance({ id, incarnation }, timestamp + MOST);
        original.merge(other);
        expect(sent).toEqual(frozen);
        expect(list).toEqual(received);
        expect(copies.map((copy) => copy.toTuples())).toEqual(states);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('lifeKey', () => {
  it('is another number for every other life', () => {
    const life = fc.record({
      id: fc.oneof(fc.integer({ min: 0, max: MAX_NODE_ID }), fc.constant(MAX_NODE_ID)),
      incarnation: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constant(MAX_INCARNATION)),
    });
    fc.assert(
      fc.property(life, life, (a, b) => {
        const isSameLife = a.id === b.id && a.incarnation === b.incarnation;
        expect(lifeKey(a) === lifeKey(b)).toBe(isSameLife);
        expect(Number.isSafeInteger(lifeKey(a))).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });

  it('is exact at both ends', () => {
    const last = lifeKey({ id: MAX_NODE_ID, incarnation: MAX_INCARNATION });
    expect(lifeKey({ id: MAX_NODE_ID - 1, incarnation: MAX_INCARNATION })).toBe(last - 1);
  });
});
