// The invariants themselves: each is given a state that breaks only it, and must report that.
import { beforeEach, describe, expect, it, test } from 'vitest';
import type { Version } from '../../../src/clocks/version.ts';
import { VersionVector } from '../../../src/clocks/versionVector.ts';
import { Bug } from '../../../src/kernel/errors.ts';
import type { Life } from '../../../src/kernel/ids.ts';
import type { Invariants, Witnessed } from '../../../src/kernel/invariants.ts';
import type { Entry } from '../../../src/protocols/causal/entry.ts';
import { createCausalInvariants } from '../../../src/protocols/causal/invariants.ts';
import { type CausalRecord, restoreRecord } from '../../../src/protocols/causal/records.ts';
import type { Round } from '../../../src/protocols/causal/round.ts';
import {
  type AnsweredGet,
  type AnsweredPut,
  SessionState,
} from '../../../src/protocols/causal/sessionState.ts';
import { CausalState } from '../../../src/protocols/causal/state.ts';

const CLIENT = { id: 100, incarnation: 1 };
const NOTHING = new VersionVector();

const life = (id: number): Life => ({ id, incarnation: 1 });
const versionOf = (timestamp: number, id: number): Version => ({ timestamp, origin: life(id) });
const vector = (...tuples: [number, number, number][]) => VersionVector.fromTuples(tuples);
const server = (state: CausalState, as = state.self): Witnessed => {
  return { life: as, role: 'server', state };
};
/** The same, with these records on their way to its disk. */
const writing = (state: CausalState, ...records: CausalRecord[]): Witnessed => {
  return { ...server(state), pending: () => records };
};
const transferOf = (state: CausalState): CausalRecord => ({
  kind: 'merge',
  since: [],
  entries: [],
  applied: state.applied.toTuples(),
});

let invariants: Invariants;
let [one, two, three]: [CausalState, CausalState, CausalState] = createServers();
let session = new SessionState(false);
let seq = 0;

function createServers(): [CausalState, CausalState, CausalState] {
  return [new CausalState(life(1)), new CausalState(life(2)), new CausalState(life(3))];
}

beforeEach(() => {
  invariants = createCausalInvariants();
  [one, two, three] = createServers();
  session = new SessionState(false);
});

/** A write that the invariants witness. */
function put(state: CausalState, key: string, value: string | null): Version {
  seq += 1;
  const version = state.write(CLIENT, seq, { key, value });
  invariants.changed(server(state), []);
  return version as Version;
}

/** A whole transfer, as the protocol makes it. */
function copy(from: CausalState, to: CausalState): void {
  const { applied, collected } = from;
  to.merge(to.applied.copy(), from.entriesBeyond(to.applied), applied.copy(), collected);
  invariants.changed(server(to), []);
}

/** A transfer of anything, as a broken protocol might make it. */
function receive(state: CausalState, entries: readonly Entry[], applied: VersionVector): void {
  state.merge(NOTHING, entries, applied);
  invariants.changed(server(state), []);
}

/** Lets the server enter round 1 as its root. */
function join(state: CausalState): Round {
  return state.rounds.enter(1, null) as Round;
}

function writeRecord(count: number): CausalRecord {
  const session: [number, number] = [CLIENT.id, CLIENT.incarnation];
  const request = { session, seq: count, key: 'w', value: 'v', guard: null, clock: 0 };
  return { kind: 'write', incarnation: 1, ...request };
}

function collect(state: CausalState, upTo: VersionVector): void {
  state.collect(1, upTo);
  invariants.changed(server(state), []);
}

function checkSession(...facts: (AnsweredPut | AnsweredGet)[]): void {
  invariants.changed({ life: CLIENT, role: 'client', state: session }, facts);
}

function hasPut(key: string, version: Version): void {
  session.clock.witness(version.timestamp);
  session.hasSeen(key, version);
  checkSession({ kind: 'answered put', version });
}

function hasGot(key: string, value: string | null, version: Version | undefined): void {
  session.clock.witness(version?.timestamp ?? 0);
  const dependsOn = session.dependsOn(key);
  if (version !== undefined) session.hasSeen(key, version);
  checkSession({ kind: 'answered get', key, value, dependsOn, version });
}

function expectBug(act: () => void, promise: string): void {
  expect(act).toThrow(new Bug(promise));
}

describe('of a server', () => {
  test('C1: a clock never goes back', () => {
    one.clock.witness(5);
    invariants.changed(server(one), []);
    const behind = new CausalState(one.self);
    behind.clock.witness(4);
    expectBug(() => invariants.changed(server(behind), []), 'C1: a clock never goes back');
  });

  test('C1: a clock is at or above what is held', () => {
    put(one, 'w', '0');
    put(one, 'x', '1');
    two.applied.advance(one.self, 2);
    two.clock.witness(1);
    expectBug(() => invariants.changed(server(two), []), 'C1: clock 1 below a held timestamp 2');
  });

  test.each([false, true])('C7: what was applied stays (other writes came: %s)', (hasOthers) => {
    put(two, 'y', '1');
    put(one, 'x', '1');
    const emptied = new CausalState(one.self);
    emptied.clock.witness(1);
    if (hasOthers) emptied.merge(NOTHING, two.entriesBeyond(NOTHING), two.applied);
    expectBug(() => invariants.changed(server(emptied), []), 'C7: what was applied stays applied');
  });

  test('C7: a server holds the write of its own that it claims', () => {
    one.clock.witness(1);
    one.applied.advance(one.self, 1);
    expectBug(
      () => invariants.changed(server(one), []),
      'C7: a server claims a write of its own that it does not hold',
    );
  });

  test('G2: two servers never take themselves for the same life', () => {
    put(one, 'x', '1');
    const double = new CausalState(one.self);
    double.write(CLIENT, 1, { key: 'x', value: '2' });
    expectBug(
      () => invariants.changed(server(double, life(2)), []),
      'G2: a life never uses a timestamp twice',
    );
  });

  test('G2: a version has one value', () => {
    const version = put(one, 'x', '1');
    expectBug(
      () => receive(two, [{ key: 'x', value: '2', version }], one.applied),
      'G2: one version, one value',
    );
  });

  test('C7: a vector names a write that was accepted', () => {
    put(one, 'x', '1');
    expectBug(
      () => receive(two, one.entriesBeyond(NOTHING), vector([1, 1, 2])),
      'C7: a vector names a write no server accepted',
    );
  });

  test('C7: a write comes with all that came before it', () => {
    put(one, 'x', '1');
    copy(one, two);
    put(two, 'y', '1');
    expectBug(
      () => receive(three, two.entriesBeyond(one.applied), vector([2, 1, 2])),
      'C7: server 3 has a write of 2 without what came before it there',
    );
  });

  test('C7: a write that was applied is there', () => {
    put(one, 'x', '1');
    expectBug(() => receive(two, [], one.applied), 'C7: x is lost');
  });

  test('C7: a write that was applied is not superseded by an older one', () => {
    put(one, 'x', '1');
    put(two, 'x', '2');
    expectBug(() => receive(one, [], two.applied), 'C7: x is older than applied');
  });

  test('C7: a deletion that no server has collected does not excuse a missing write', () => {
    put(one, 'x', '1');
    put(one, 'x', null);
    expectBug(() => receive(two, [], one.applied), 'C7: x is lost');
  });

  test('C7: a deletion that no server has collected does not excuse an older write', () => {
    put(one, 'x', '1');
    put(one, 'x', null);
    put(two, 'x', 'older');
    expectBug(() => receive(two, [], one.applied), 'C7: x is older than applied');
  });

  test('C4: a tombstone is not collected in the round that brings it to every server', () => {
    put(one, 'x', null);
    invariants.stabilizing(1, [server(one), server(two)]);
    copy(one, two);
    expectBug(
      () => collect(one, one.applied.copy()),
      'C4: server 1 collects what server 2 did not have before the round',
    );
  });

  test('C4: no server is bootstrapped with a clock below a collected tombstone', () => {
    put(one, 'w', '1');
    put(one, 'x', null);
    collect(one, one.applied.copy());
    two.clock.witness(1);
    invariants.changed(server(two), []);
    two.completeBootstrap();
    expectBug(
      () => invariants.changed(server(two), []),
      'C4: server 2 is bootstrapped, with a clock below a collected tombstone',
    );
  });

  test('C4: no write is accepted below a collected tombstone, of any key', () => {
    put(one, 'w', '1');
    put(one, 'x', null);
    collect(one, one.applied.copy());
    two.clock.witness(1);
    expectBug(
      () => put(two, 'y', 'beside it'),
      'C4: server 2 accepts a write below a collected tombstone',
    );
  });

  test('C4: what a collected tombstone superseded does not come back', () => {
    put(two, 'x', 'older');
    put(one, 'w', '1');
    put(one, 'x', null);
    collect(one, one.applied.copy());
    expectBug(() => copy(two, one), 'C4: x is back at server 1: its tombstone was collected');
  });

  test('C7: a collected tombstone does not excuse an older write', () => {
    put(three, 'x', 'oldest');
    copy(three, two);
    put(one, 'x', '1');
    put(one, 'x', null);
    collect(one, one.applied.copy());
    expectBug(() => receive(two, [], one.applied), 'C7: x is older than applied');
  });
});

describe('of a session', () => {
  test('C1: its clock is at or above what it has seen', () => {
    const version = versionOf(5, 1);
    expectBug(
      () => checkSession({ kind: 'answered put', version }),
      'C1: a session below what it has seen',
    );
  });

  test('C2: a write is above the one before it', () => {
    hasPut('x', versionOf(5, 2));
    expectBug(
      () => hasPut('y', versionOf(5, 1)),
      'C2: session 100 wrote below what it had written or read',
    );
  });

  test('C2: a write is above what was read before it', () => {
    hasGot('x', '1', put(two, 'x', '1'));
    expectBug(
      () => hasPut('y', versionOf(1, 1)),
      'C2: session 100 wrote below what it had written or read',
    );
  });

  test.each([
    ['value', 'x', '2', versionOf(1, 1)],
    ['key', 'y', '1', versionOf(1, 1)],
    ['timestamp', 'x', '1', versionOf(2, 1)],
    ['server', 'x', '1', versionOf(1, 2)],
  ])('G1: what is read was written: another %s', (_, key, value, version) => {
    put(one, 'x', '1');
    expectBug(
      () => hasGot(key, value, version),
      `G1: session 100 read of ${key} what no session wrote`,
    );
  });

  test('C3: a read is at or above what was put', () => {
    const older = put(one, 'x', '1');
    hasPut('x', put(two, 'x', '2'));
    expectBug(() => hasGot('x', '1', older), 'C3: session 100 read x older than it had put or got');
  });

  test('C3: a read is at or above what was got', () => {
    hasGot('x', '1', put(one, 'x', '1'));
    expectBug(
      () => hasGot('x', null, undefined),
      'C3: session 100 read x older than it had put or got',
    );
  });

  test('C3: a deletion that no server has collected is no excuse', () => {
    hasPut('x', put(one, 'x', '1'));
    put(one, 'x', null);
    expectBug(
      () => hasGot('x', null, undefined),
      'C3: session 100 read x older than it had put or got',
    );
  });

  test('C3: a deletion before the write is no excuse, collected or not', () => {
    put(one, 'x', null);
    collect(one, one.applied.copy());
    hasPut('x', put(one, 'x', '1'));
    expectBug(
      () => hasGot('x', null, undefined),
      'C3: session 100 read x older than it had put or got',
    );
  });
});

describe('C4: of a round', () => {
  test('a reached server has what any of them had before', () => {
    put(one, 'x', '1');
    invariants.stabilizing(1, [server(one), server(two)]);
    expectBug(
      () => invariants.stabilized(1, [server(one), server(two)]),
      'C4: server 2 lacks what another had before the round',
    );
  });

  test('a reached server has what another was writing to its log', () => {
    put(one, 'x', '1');
    invariants.stabilizing(1, [writing(two, transferOf(one)), server(three)]);
    copy(one, two);
    expectBug(
      () => invariants.stabilized(1, [server(two), server(three)]),
      'C4: server 3 lacks what another had before the round',
    );
  });

  test('a write of a session that was on its way to the disk counts as well', () => {
    const write = writeRecord(1);
    invariants.stabilizing(1, [writing(two, write), server(three)]);
    restoreRecord(two, write);
    expectBug(
      () => invariants.stabilized(1, [server(two), server(three)]),
      'C4: server 3 lacks what another had before the round',
    );
  });

  test.each([
    ['a transfer', () => transferOf(one)],
    ['a write', () => writeRecord(1)],
  ])('a server brings %s that was on its way to its disk when it joined', (_, create) => {
    put(one, 'x', '1');
    const record = create();
    const round = join(two);
    invariants.changed(writing(two, record), []);
    round.contribution = two.applied.copy();
    expectBug(
      () => invariants.changed(writing(two, record), []),
      'C4: server 2 answers round 1 without what it is writing to its log',
    );
  });

  test('a server brings all that it has applied', () => {
    put(one, 'x', '1');
    const round = join(two);
    round.contribution = two.applied.copy();
    two.merge(NOTHING, one.entriesBeyond(NOTHING), one.applied);
    expectBug(
      () => invariants.changed(writing(two), []),
      'C4: server 2 answers round 1 without what it has applied',
    );
  });

  test('equal vectors come with as many keys', () => {
    put(one, 'x', '1');
    two.merge(NOTHING, [], one.applied);
    invariants.stabilizing(1, [server(one), server(two)]);
    expectBug(
      () => invariants.stabilized(1, [server(one), server(two)]),
      'C4: equal vectors, stores of unequal size',
    );
  });

  test('C3: who lacks a collected tombstone knows that it was collected', () => {
    put(one, 'x', null);
    copy(one, two);
    collect(one, one.applied.copy());
    expectBug(
      () => receive(three, [], one.applied),
      'C3: server 3 does not know that a deletion of x was collected',
    );
  });

  test.each([
    ['key', 'y', '1', versionOf(2, 1)],
    ['value', 'x', '2', versionOf(2, 1)],
    ['version', 'x', '1', versionOf(1, 1)],
  ])('equal vectors come with the same entries: another %s', (_, key, value, version) => {
    put(one, 'w', null);
    put(one, 'x', '1');
    two.merge(NOTHING, [{ key, value, version }], one.applied);
    invariants.stabilizing(1, [server(one), server(two)]);
    expectBug(
      () => invariants.stabilized(1, [server(one), server(two)]),
      'C4: servers 1 and 2 differ at x after the round',
    );
  });
});

describe('nothing is said', () => {
  it('of what comes after a server has joined, of a clock, of what was refused', () => {
    put(one, 'x', '1');
    const clock: CausalRecord = { kind: 'clock', clock: 9 };
    const [former, later] = [transferOf(one), transferOf(one)];
    const round = join(two);
    invariants.changed(writing(two, clock, former), []);
    round.contribution = two.applied.copy();
    expect(() => invariants.changed(writing(two, clock, later), [])).not.toThrow();
    expect(() => invariants.changed(writing(two, clock, later), [])).not.toThrow();
    invariants.stabilizing(2, [writing(two, former), server(three)]);
    expect(() => invariants.stabilized(2, [server(two), server(three)])).not.toThrow();
  });

  it('of writes, transfers, reads and rounds as they should be', () => {
    const [x, y] = [put(one, 'x', '1'), put(two, 'y', '1')];
    hasPut('x', x);
    hasGot('y', '1', y);
    copy(one, two);
    copy(two, three);
    hasPut('x', put(three, 'x', '2'));
    hasGot('z', null, undefined);
    const all = [one, two, three].map((state) => server(state));
    invariants.stabilizing(1, all);
    put(one, 'late', '1');
    copy(three, one);
    copy(one, two);
    copy(one, three);
    invariants.stabilized(1, all);
    expect([one, two, three].map((state) => state.read('x')?.value)).toEqual(['2', '2', '2']);
  });

  it('of a server that a round did not reach', () => {
    put(one, 'x', '1');
    put(three, 'y', '1');
    invariants.stabilizing(1, [server(one), server(two), server(three)]);
    copy(one, two);
    expect(() => invariants.stabilized(1, [server(one), server(two)])).not.toThrow();
  });

  it('of a tombstone that all have had and one has collected', () => {
    hasPut('x', put(one, 'x', '1'));
    put(one, 'x', null);
    copy(one, two);
    invariants.stabilizing(1, [server(one), server(two)]);
    collect(one, one.applied.copy());
    hasGot('x', null, undefined);
    invariants.stabilized(1, [server(one), server(two)]);
    copy(one, three);
    expect(three.read('x')).toBeUndefined();
  });

  it('of a tombstone that one has collected and another keeps', () => {
    put(one, 'x', '1');
    put(one, 'x', null);
    copy(one, two);
    collect(one, one.applied.copy());
    put(one, 'y', '1');
    copy(one, two);
    copy(two, three);
    put(three, 'x', 'again');
    copy(three, one);
    copy(three, two);
    expect([one, two, three].map((state) => state.read('x')?.value)).toEqual([
      'again',
      'again',
      'again',
    ]);
  });
});
