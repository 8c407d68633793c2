import { beforeEach, describe, expect, it } from 'vitest';
import { Pending } from '../../../src/protocols/causal/pending.ts';
import type { CausalRecord } from '../../../src/protocols/causal/records.ts';

const clock = (time: number): CausalRecord => ({ kind: 'clock', clock: time });
const merge = (): CausalRecord => ({ kind: 'merge', since: [], entries: [], applied: [[7, 1, 3]] });
const refusal = (): CausalRecord => ({ kind: 'refuse', session: [100, 1], seq: 1 });
const write = (): CausalRecord => ({
  kind: 'write',
  incarnation: 1,
  session: [100, 1],
  seq: 1,
  key: 'x',
  value: 'v',
  guard: null,
  clock: 0,
});

let pending = new Pending();
beforeEach(() => {
  pending = new Pending();
});

describe('what a round waits for', () => {
  it('is nothing when nothing has come', () => {
    expect(pending.hasPassed(pending.mark)).toBe(true);
  });

  it.each([
    ['a write of a session', write],
    ['a transfer of a peer', merge],
  ])('is %s, until it has left', (_, create) => {
    const record = create();
    pending.add(record);
    const { mark } = pending;
    expect(pending.hasPassed(mark)).toBe(false);
    pending.remove(record);
    expect(pending.hasPassed(mark)).toBe(true);
  });

  it.each([
    ['a later clock', clock(4)],
    ['a refusal', refusal()],
  ])('is not %s', (_, record) => {
    pending.add(record);
    expect(pending.hasPassed(pending.mark)).toBe(true);
  });

  it('is nothing that comes after the mark', () => {
    const record = write();
    pending.add(record);
    const { mark } = pending;
    pending.add(merge());
    pending.remove(record);
    expect(pending.hasPassed(mark)).toBe(true);
    expect(pending.hasPassed(pending.mark)).toBe(false);
  });

  it('is all that lies before it in the log, in whatever order that leaves', () => {
    const [first, second] = [clock(4), write()];
    pending.add(first);
    pending.add(second);
    const { mark } = pending;
    pending.remove(second);
    expect(pending.hasPassed(mark)).toBe(false);
    pending.remove(first);
    expect(pending.hasPassed(mark)).toBe(true);
  });
});

it('gives the records in the order of the log, for a compaction', () => {
  const records = [write(), clock(4), merge(), refusal()];
  for (const record of records) pending.add(record);
  expect(pending.records).toEqual(records);
  pending.remove(records[1] as CausalRecord);
  expect(pending.records).toEqual([records[0], records[2], records[3]]);
});
