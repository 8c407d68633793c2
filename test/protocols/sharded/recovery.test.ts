import { describe, expect, it } from 'vitest';
import type { Configuration, Group } from '../../../src/protocols/sharded/configuration.ts';
import type { DiskReport } from '../../../src/protocols/sharded/messages.ts';
import { resumeFrom } from '../../../src/protocols/sharded/recovery.ts';
import { configuration, group } from './builders.ts';

const PAIR = configuration(5, [group(1, [0, 1])]);

function disk(
  last: number,
  given: Partial<DiskReport> & { readonly configuration?: Configuration } = {},
): DiskReport {
  return { configuration: PAIR, group: 1, lastEpoch: 1, last, applied: 0, ...given };
}

/** The server that serves first in group 1. */
function bestOf(disks: ReadonlyMap<number, DiskReport | null>): number | undefined {
  return resumeFrom(disks)?.groups.find((one) => one.group.id === 1)?.best;
}

describe('a new run on old disks', () => {
  it('without any begins from nothing', () => {
    expect(resumeFrom(new Map())).toBeUndefined();
    expect(resumeFrom(new Map([[0, null]]))).toBeUndefined();
  });

  it('goes on from the latest configuration', () => {
    const earlier = configuration(4, [group(1, [0])]);
    const disks = new Map([
      [0, disk(9, { configuration: earlier })],
      [1, disk(2)],
    ]);
    expect(resumeFrom(disks)).toMatchObject({ number: 5, owners: [1, 1, 1, 1], refused: [] });
  });

  it.each([
    ['most entries', disk(3), disk(4), 1],
    ['the latest epoch', disk(9), disk(4, { lastEpoch: 2 }), 1],
    ['equal logs and the lowest id', disk(4), disk(4), 0],
  ])('lets the server with %s serve first', (_, first, second, best) => {
    expect(
      bestOf(
        new Map([
          [0, first],
          [1, second],
        ]),
      ),
    ).toBe(best);
    expect(
      bestOf(
        new Map([
          [1, second],
          [0, first],
        ]),
      ),
    ).toBe(best);
  });

  it('lets none serve that did not serve, or lacks what was acknowledged', () => {
    const alone = configuration(5, [group(1, [0], { members: [0, 1] })]);
    const disks = new Map([
      [0, disk(3, { configuration: alone })],
      [1, disk(9, { configuration: alone })],
    ]);
    expect(bestOf(disks)).toBe(0);
    const lost = resumeFrom(
      new Map([
        [0, disk(3)],
        [1, disk(9, { group: 2, applied: 0 })],
      ]),
    );
    expect(lost?.groups[0]?.best).toBe(0);
    const short = new Map([
      [0, disk(3, { configuration: alone })],
      [1, disk(9, { configuration: alone, applied: 4 })],
    ]);
    expect([bestOf(short), resumeFrom(short)?.refused]).toEqual([undefined, [1]]);
  });

  it('does not count what a primary had applied that was replaced', () => {
    const later = configuration(6, [group(1, [0], { members: [0, 1], epoch: 6 })]);
    const disks = new Map([
      [0, disk(3, { configuration: later })],
      [1, disk(9, { applied: 9 })],
    ]);
    expect(bestOf(disks)).toBe(0);
  });

  it.each<[string, Partial<Group>, number | undefined]>([
    ['that primary has come back', { primary: null, serving: [] }, 0],
    ['it waited for a primary', { primary: null }, 0],
    ['it served under the next one', { primary: 1 }, undefined],
  ])('counts it no more when %s', (_, known, best) => {
    const place = { members: [0, 1], epoch: 6 };
    const dead = configuration(7, [group(1, [], { ...place, holders: [0] })]);
    const earlier = configuration(6, [group(1, [1], { ...place, ...known })]);
    const disks = new Map([
      [0, disk(3, { configuration: dead })],
      [1, disk(9, { configuration: earlier, applied: 9 })],
    ]);
    expect(bestOf(disks)).toBe(best);
  });

  it('of a group that had died counts those that served last', () => {
    const dead = configuration(5, [group(1, [], { primary: null, members: [0, 1], holders: [1] })]);
    const disks = new Map([
      [0, disk(9, { configuration: dead })],
      [1, disk(3, { configuration: dead })],
    ]);
    expect(resumeFrom(disks)?.groups[0]).toMatchObject({ holders: [1], best: 1 });
    expect(resumeFrom(new Map([[0, disk(9, { configuration: dead })]]))?.refused).toEqual([1]);
  });

  it('knows from a server that has left that its shards have moved', () => {
    const pair = [group(1, [0]), group(2, [1])];
    const leaving = configuration(5, pair, { move: { id: 5, owners: [2, 2, 2, 2] } });
    const left = configuration(6, [group(2, [1])], { owners: [2, 2, 2, 2] });
    const getter = disk(3, { configuration: leaving, group: 2 });
    const disks = new Map([
      [0, disk(0, { configuration: left, group: null, lastEpoch: 0 })],
      [1, getter],
    ]);
    expect(resumeFrom(disks)).toMatchObject({ number: 6, owners: [2, 2, 2, 2], refused: [] });
    disks.set(0, disk(3, { configuration: leaving }));
    expect(resumeFrom(disks)).toMatchObject({ number: 5, owners: [1, 1, 1, 1], refused: [] });
  });

  it('undoes a join that was under way, and uses no number of a group again', () => {
    const joining = configuration(5, [group(1, [0]), group(2, [1])], {
      move: { id: 5, owners: [1, 1, 2, 2] },
    });
    const resumed = resumeFrom(
      new Map([
        [0, disk(3, { configuration: joining })],
        [1, disk(0, { configuration: joining, group: 2 })],
      ]),
    );
    expect(resumed?.groups.map((one) => one.group.id)).toEqual([1]);
    expect(resumed?.lastGroup).toBe(2);
    const gone = new Map([
      [0, disk(3)],
      [1, disk(0, { group: 7 })],
    ]);
    expect(resumeFrom(gone)?.lastGroup).toBe(7);
  });
});
