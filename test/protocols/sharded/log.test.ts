import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry, RequestEntry } from '../../../src/protocols/sharded/entry.ts';
import { GroupLog } from '../../../src/protocols/sharded/log.ts';
import { at, entry, piece, put, request } from './builders.ts';

/** A log of requests, one of each epoch, of which so many are applied. */
function logOf(epochs: readonly number[], applied = 0): GroupLog {
  const log = new GroupLog(1);
  for (const [index, epoch] of epochs.entries()) log.push(put(epoch, index + 1));
  log.keep(log.generation, log.last);
  log.apply(applied);
  return log;
}

/** The same entries as above, after an index. */
function entriesOf(epochs: readonly number[], from: number): RequestEntry[] {
  return epochs.slice(from).map((epoch, index) => put(epoch, from + index + 1));
}

describe('a log', () => {
  it('applies its entries in order, once each, and gives the replies', () => {
    const log = new GroupLog(1);
    log.push(put(1, 1, 'abc'));
    log.push(entry(1, request(2, 'popLeft')));
    log.push(entry(1, request(3, 'popRight', { key: '1' })));
    expect(log.shards.read(0, '0')).toBeUndefined();
    expect(log.apply(2).map(({ index, reply }) => [index, reply?.value])).toEqual([
      [1, null],
      [2, 'a'],
    ]);
    expect(log.apply(2)).toEqual([]);
    expect(log.apply(9).map(({ reply }) => reply)).toEqual([
      { outcome: 'absent', value: null, version: null },
    ]);
    expect(log.shards.read(0, '0')).toEqual({ value: 'bc', version: at(2) });
    expect(log.applied).toBe(3);
  });

  it('knows a request as pending, then by its reply, then as late', () => {
    const log = new GroupLog(1);
    const first = request(1, 'put', { value: 'a' });
    expect(log.find(0, first)).toBeUndefined();
    log.push(entry(1, first));
    expect(log.find(0, first)).toBe(1);
    log.apply(1);
    expect(log.find(0, first)).toMatchObject({ outcome: 'done' });
    log.push(entry(1, request(2, 'put', { value: 'b', ended: 1 })));
    log.apply(2);
    expect(log.find(0, first)).toBe('late');
  });

  it('shows which keys have entries on their way', () => {
    const log = logOf([1, 1], 1);
    expect([log.isDirty(0, '0'), log.isDirty(1, '1')]).toEqual([true, false]);
    log.apply(2);
    expect(log.isDirty(0, '0')).toBe(false);
    log.push({ kind: 'install', epoch: 1, move: 5, from: 2, isLast: true, pieces: [piece(1)] });
    expect([log.isDirty(0, '0'), log.isDirty(1, '1')]).toEqual([false, true]);
    log.apply(3);
    log.push({ kind: 'drop', epoch: 1, slots: [0] });
    expect([log.isDirty(0, '0'), log.isDirty(1, '1')]).toEqual([true, false]);
  });

  it('grows in the latest epoch only (S3)', () => {
    expect(() => logOf([2, 1])).toThrow('S3');
  });

  it('has received a move when the last part of it is there', () => {
    const log = new GroupLog(1);
    const part = { kind: 'install', epoch: 1, move: 5, from: 2, pieces: [piece(1)] } as const;
    log.push({ ...part, isLast: false });
    expect(log.hasReceived(2, 5)).toBe(false);
    log.push({ ...part, isLast: true });
    expect([log.hasReceived(2, 5), log.hasReceived(2, 6), log.hasReceived(3, 5)]).toEqual([
      true,
      false,
      false,
    ]);
    log.apply(2);
    expect(log.hasReceived(2, 5)).toBe(true);
  });

  it('takes a shard as it is given, in place of what it had, and drops it whole', () => {
    const log = logOf([1], 1);
    const held = { value: 'given', version: at(9) };
    const values = [['0', held]] as const;
    const sessions = [{ session: request(7, 'put').session, ended: 4, replies: [] }];
    log.push({
      ...({ kind: 'install', epoch: 1, move: 5, from: 2, isLast: true } as const),
      pieces: [piece(0, { values }), piece(0, { isFirst: false, sessions })],
    });
    log.apply(2);
    expect([...log.shards.entries()]).toEqual([['0', held]]);
    expect(log.find(0, request(4, 'put'))).toBe('late');
    log.push({ kind: 'drop', epoch: 1, slots: [0] });
    log.apply(3);
    expect(log.shards.slots).toEqual([]);
    expect(log.find(0, request(4, 'put'))).toBeUndefined();
  });
});

describe('a log of a secondary', () => {
  it('takes what follows, and nothing twice', () => {
    const log = logOf([1]);
    expect(log.append(1, entriesOf([1, 1, 1], 1))).toHaveLength(2);
    expect(log.append(0, entriesOf([1, 1, 1], 0))).toEqual([]);
    expect(log.append(1, entriesOf([1, 1], 1))).toEqual([]);
    expect([log.last, log.append(4, entriesOf([1, 1, 1, 1, 1], 4))]).toEqual([3, 'gap']);
  });

  it('replaces what an earlier primary had sent, from the first that differs', () => {
    const log = logOf([1, 1, 1]);
    const { generation } = log;
    expect(log.append(1, entriesOf([1, 2, 2], 1))).toHaveLength(2);
    expect(log.extent).toEqual({
      history: [
        [1, 1],
        [2, 2],
      ],
      last: 3,
      applied: 0,
    });
    expect([log.durable, log.generation]).toEqual([1, generation + 1]);
    // A confirmation of the disk for what was replaced is void.
    log.keep(generation, 3);
    expect(log.durable).toBe(1);
    expect(log.find(0, request(3, 'put'))).toBe(3);
  });

  it('replaces nothing that it has applied', () => {
    const log = logOf([1, 1, 1], 2);
    expect(log.append(1, entriesOf([1, 2], 1))).toBe('gap');
    expect(() => log.truncate(1)).toThrow('S5');
    log.truncate(2);
    expect([log.last, log.find(0, request(3, 'put'))]).toEqual([2, undefined]);
  });

  it('keeps no single entries before an index, as far as they are applied', () => {
    const log = logOf([1, 1, 2, 2], 3);
    log.trim(4);
    expect([log.start, log.last, log.after(3).length]).toEqual([3, 4, 1]);
    expect(() => log.after(2)).toThrow('no longer');
    expect(log.append(2, entriesOf([1, 1, 2], 2))).toBe('gap');
    expect(log.extent.history).toEqual([
      [1, 1],
      [2, 3],
    ]);
  });

  it('becomes equal to a snapshot, which the disk does not have yet', () => {
    const primary = logOf([1, 1, 3], 2);
    const log = logOf([1, 2, 2, 2], 3);
    log.install(primary.snapshot());
    expect(log.extent).toEqual({ history: [[1, 1]], last: 2, applied: 2 });
    expect([...log.shards.entries()]).toEqual([...primary.shards.entries()]);
    expect([log.durable, log.start]).toEqual([-1, 2]);
    expect(log.find(0, request(1, 'put'))).toEqual(primary.find(0, request(1, 'put')));
    expect(log.append(2, entriesOf([1, 1, 3], 2))).toHaveLength(1);
  });
});

describe('two logs agree', () => {
  it.each([
    [[1, 1, 1], [1, 1], 2],
    [[1, 1, 2], [1, 1, 1], 2],
    [[1, 2, 2], [1, 3], 1],
    [[1, 1, 3], [2, 2], 0],
    [[], [1], 0],
    [[1, 2, 4, 4], [1, 2, 2, 3], 2],
  ])('%j and %j up to %i', (here, there, upTo) => {
    expect(logOf(here).agreesUpTo(logOf(there).extent)).toBe(upTo);
    expect(logOf(there).agreesUpTo(logOf(here).extent)).toBe(upTo);
  });

  // A tree of logs: each epoch goes on from some entry of an earlier one.
  it('up to their last common entry, in every tree of logs', () => {
    const branches = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 4 })), {
      minLength: 2,
      maxLength: 6,
    });
    fc.assert(
      fc.property(branches, (drawn) => {
        const logs: number[][] = [[]];
        for (const [epoch, [from, length, count]] of drawn.entries()) {
          const base = logs[from % logs.length] as number[];
          const kept = base.slice(0, length % (base.length + 1));
          logs.push([...kept, ...Array.from({ length: count }, () => epoch + 1)]);
        }
        for (const here of logs) {
          for (const there of logs) {
            let common = 0;
            while (common < here.length && here[common] === there[common]) common += 1;
            expect(logOf(here).agreesUpTo(logOf(there).extent)).toBe(common);
          }
        }
      }),
    );
  });

  it('after an append from where they agree, whatever the secondary had', () => {
    const primary = [1, 1, 3, 3];
    for (const secondary of [[], [1], [1, 1, 2, 2, 2], [1, 2], [1, 1, 3, 3]]) {
      const log = logOf(secondary);
      const base = logOf(primary).agreesUpTo(log.extent);
      const entries: readonly Entry[] = entriesOf(primary, base);
      expect(log.append(base, entries)).not.toBe('gap');
      log.truncate(base + entries.length);
      expect(log.extent).toEqual(logOf(primary).extent);
    }
  });
});
