import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CausalContext } from '../../../src/clocks/causalContext.ts';
import { PendingRead } from '../../../src/protocols/quorum/pendingRead.ts';
import { QuorumState } from '../../../src/protocols/quorum/state.ts';
import { Store } from '../../../src/protocols/quorum/store.ts';
import {
  contextOf,
  isWireWrite,
  packWrite,
  sizeOf,
  unpackWrite,
  type Write,
} from '../../../src/protocols/quorum/write.ts';
import { extent } from '../../support/extent.ts';
import { ORDERED, reconcile, settings } from './writes.ts';

const RUNS = extent({ full: 1_000, quick: 200 });
const KEY = '137';

function createState(id: number): QuorumState {
  const state = new QuorumState({ id, incarnation: 1 }, settings({ versions: 'vector' }));
  state.adopt({ ...ORDERED, versions: 'vector' }, true);
  for (const other of [0, 1, 2, 3]) if (other !== id) state.liveness.connected(other);
  return state;
}

function write(state: QuorumState, value: string | null, known: readonly Write[] = []): Write {
  for (const { version } of known) state.raise(version.timestamp);
  return state.beginWrite({ key: KEY, value, known: contextOf(known) }, 'one').write;
}

function valuesIn(store: Store): (string | null)[] {
  return store.find(KEY).map(({ value }) => value);
}

describe('writes that no session has ordered', () => {
  it('are kept beside each other, in whatever order they come', () => {
    const [a, b] = [write(createState(2), 'a'), write(createState(3), 'b')];
    for (const order of [
      [a, b],
      [b, a],
      [a, b, a],
    ]) {
      const store = new Store();
      for (const one of order) store.merge(one);
      expect(valuesIn(store)).toEqual(['a', 'b']);
    }
  });

  it('of one coordinator too, when the second session had read nothing', () => {
    const state = createState(2);
    const [a, b] = [write(state, 'a'), write(state, 'b')];
    const store = new Store();
    for (const one of [a, b]) store.merge(one);
    expect(valuesIn(store)).toEqual(['a', 'b']);
    // The second session knows its own write only.
    store.merge(write(state, 'c', [b]));
    expect(valuesIn(store)).toEqual(['a', 'c']);
  });

  it('end with a write of a session that has read them', () => {
    const [two, three] = [createState(2), createState(3)];
    const [a, b] = [write(two, 'a'), write(three, 'b')];
    const merged = write(three, 'merged', [a, b]);
    for (const order of [
      [a, b, merged],
      [merged, b, a],
    ]) {
      const store = new Store();
      for (const one of order) store.merge(one);
      expect(valuesIn(store)).toEqual(['merged']);
      expect([a, b, merged].every((one) => store.has(one))).toBe(true);
    }
  });

  it('stay beside the tombstone of a session that had not read them', () => {
    const [two, three] = [createState(2), createState(3)];
    const a = write(two, 'a');
    const gone = write(two, null, [a]);
    const b = write(three, 'b');
    const store = new Store();
    for (const one of [a, b, gone]) store.merge(one);
    expect([...store.values()]).toEqual([[KEY, 'b']]);
    expect(store.collect(gone.version.timestamp)).toBe(1);
    expect(valuesIn(store)).toEqual(['b']);
    // What the tombstone had replaced must not come back.
    expect([a, b, gone].map((one) => store.isBelowFloor(one))).toEqual([true, false, true]);
  });
});

describe('a read', () => {
  const [a, b] = [write(createState(2), 'a'), write(createState(3), 'b')];

  it('returns all newest writes of the replicas that it counts, each once', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.answered(1, [a, b]);
    read.answered(2, [b]);
    expect(read.decision).toEqual({ kind: 'answered', writes: [a, b] });
  });

  it('repairs each replica with the writes that it lacks', () => {
    const read = new PendingRead(2, [1, 2, 3]);
    read.answered(1, [a]);
    read.answered(2, [a, b]);
    read.answered(3, []);
    expect(read.repairs).toEqual([
      { replica: 1, write: b },
      { replica: 3, write: a },
      { replica: 3, write: b },
    ]);
  });
});

describe('a put whose value has to stand beside others', () => {
  it('is refused if they are too large together, and not if it replaces them', () => {
    const state = createState(2);
    const large = (name: string) => name.repeat(400_000);
    const known = CausalContext.EMPTY;
    for (const name of ['a', 'b']) {
      state.keep(state.beginWrite({ key: KEY, value: large(name), known }, 'one').write, false);
    }
    const third = { key: KEY, value: large('c') };
    const put = (context: CausalContext) => state.beginWrite({ ...third, known: context }, 'one');
    expect(() => put(known)).toThrow('too large together');
    expect(put(contextOf(state.store.find(KEY))).write.value).toBe(third.value);
  });
});

describe('a context', () => {
  it('of later writes than any server can have made is refused', () => {
    const state = createState(2);
    state.raise(7);
    const upTo = (timestamp: number) => CausalContext.fromTuples([[0, 1, 0, timestamp]]);
    const put = (known: CausalContext) => state.beginWrite({ key: KEY, value: 'v', known }, 'one');
    expect(() => put(upTo(8))).toThrow('a context of later writes');
    expect(state.clock.time).toBe(7);
    expect(put(upTo(7)).write.context?.toTuples()).toContainEqual([0, 1, 0, 7]);
  });

  it('travels with its write', () => {
    const one = write(createState(2), 'a', [write(createState(3), 'b')]);
    const packed = packWrite(one);
    expect(isWireWrite(packed)).toBe(true);
    expect(unpackWrite(packed)).toEqual(one);
    expect(JSON.stringify(packed).length).toBeLessThanOrEqual(sizeOf(one));
  });

  it.each([
    ['without the write itself', [[2, 1, 0, 4]]],
    [
      'with a later write',
      [
        [0, 1, 0, 6],
        [2, 1, 0, 5],
      ],
    ],
    ['that is no list', 5],
  ])('%s makes no write', (_, context) => {
    expect(isWireWrite([KEY, 'v', 5, 2, 1, context])).toBe(false);
    expect(isWireWrite([KEY, 'v', 5, 2, 1, [[2, 1, 0, 5]]])).toBe(true);
  });
});

/** A step of a run of four servers: a put of one session, or a copy from one server to another. */
const step = fc.record({
  server: fc.nat({ max: 2 }),
  other: fc.nat({ max: 2 }),
  isCopy: fc.boolean(),
  isBlind: fc.boolean(),
  isDeletion: fc.boolean(),
});

describe('replicas that exchange what they have', () => {
  it('lose no write that no session has replaced, and hold the same in the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 24 }), (steps) => {
        const states = [createState(2), createState(3), createState(0)];
        const at = (index: number) => states[index] as QuorumState;
        /** The dumb model: which writes each write has replaced. */
        const replacedBy = new Map<Write, Set<Write>>();
        steps.forEach(({ server, other, isCopy, isBlind, isDeletion }, number) => {
          if (isCopy) {
            if (server !== other) reconcile(at(server), at(other));
          } else {
            const known = isBlind ? [] : at(other).store.find(KEY);
            const made = write(at(server), isDeletion ? null : String(number), known);
            const before = known.flatMap((one) => [one, ...(replacedBy.get(one) ?? [])]);
            replacedBy.set(made, new Set(before));
            at(server).keep(made, false);
          }
        });
        for (const [from, to] of [
          [0, 1],
          [1, 2],
          [2, 1],
          [1, 0],
        ] as const)
          reconcile(at(from), at(to));
        const replaced = new Set([...replacedBy.values()].flatMap((set) => [...set]));
        const expected = [...replacedBy.keys()].filter((one) => !replaced.has(one));
        for (const { store } of states) expect(new Set(store.find(KEY))).toEqual(new Set(expected));
      }),
      { numRuns: RUNS },
    );
  });
});
