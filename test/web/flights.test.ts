// The messages on their way, and what is set for them.
import { describe, expect, it } from 'vitest';
import { type LinkChange, LinkSettings } from '../../src/kernel/linkSettings.ts';
import { placeNodes } from '../../src/web/cursor/circle.ts';
import { flightsAt } from '../../src/web/cursor/flights.ts';
import { type LinkLabels, labelLinks, placeLabels } from '../../src/web/cursor/linkLabels.ts';
import { describeSetting, linkSettingsAt } from '../../src/web/cursor/linkTexts.ts';
import { formatMs, momentAt } from '../../src/web/cursor/moment.ts';
import { topologyAt } from '../../src/web/cursor/topology.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { written } from './support/sources.ts';
import { changes, dropped, received, sent, start } from './support/traces.ts';

describe('messages on their way', () => {
  const events = [
    sent('0.1#1', 0, 1, 10),
    sent('0.1#2', 0, 2, 12),
    received('0.1#1', 1, 0, 20),
    dropped('0.1#2', 0, 2, 22),
    sent('1.1#1', 1, 0, 22),
  ];

  it('are those that have been sent and have not ended', () => {
    const names = [0, 1, 2, 3, 4, 5].map((cursor) =>
      flightsAt(events, cursor).map(({ message }) => message),
    );
    expect(names).toEqual([[], ['0.1#1'], ['0.1#1', '0.1#2'], ['0.1#2'], [], ['1.1#1']]);
  });

  it('are as far on their way as time has passed', () => {
    expect(flightsAt(events, 2).map(({ share }) => share)).toEqual([0.2, 0]);
    expect(flightsAt(events, 3)[0]).toMatchObject({ from: 0, to: 2, share: 0.8 });
  });
});

describe('the settings of links', () => {
  const script = `joinServer 0
joinServer 1
link all delay=0..20ms
joinClient 5 0
link 0 1 loss=0.25 reorder=off
link 0 7 loss=1
put 5 a b
link all reset
`;

  it('are those of the lines before the cursor, without refused ones', async () => {
    const view = await runScript(written(script));
    const after = (line: number) => view.events.findLastIndex((one) => one.line === line) + 1;
    const textsAt = (cursor: number) => {
      const topology = topologyAt(view.events, cursor);
      const { usual, labels } = labelLinks(topology, linkSettingsAt(view, cursor));
      return [usual, ...labels.map(({ described }) => described)].filter(Boolean);
    };
    expect(textsAt(after(2))).toEqual([]);
    expect(textsAt(after(4))).toEqual(['all links: delay 0 to 20 ms']);
    expect(textsAt(after(7) - 1)).toEqual([
      'all other links: delay 0 to 20 ms',
      '0 \u2192 1: delay 0 to 20 ms, loss 25 %, in order; 1 \u2192 0: delay 0 to 20 ms',
    ]);
    expect(textsAt(view.events.length)).toEqual([]);
    expect(linkSettingsAt(await runScript(written('joinServer 0\n')), 1)).toBeUndefined();
  });

  it('are described in words', () => {
    expect(describeSetting({ delay: { kind: 'uniform', leastMs: 5, mostMs: 5 } })).toBe(
      'delay 5 ms',
    );
    const delay = { kind: 'normal', meanMs: 50, deviationMs: 10 } as const;
    expect(describeSetting({ delay, duplication: 0.1 })).toBe(
      'delay normal(50, 10) ms, duplication 10 %',
    );
    expect(describeSetting({ isOrdered: false })).toBe('');
  });
});

describe('the labels of links', () => {
  const events = [
    ...[0, 1, 2].map((id) => start(id)),
    ...[changes('link', 0, 1), changes('link', 0, 2), changes('link', 1, 2)],
  ];
  const topology = topologyAt(events, events.length);
  const settings = (...all: LinkChange[]): LinkSettings => {
    const made = new LinkSettings();
    for (const change of all) made.change(change);
    return made;
  };
  const delay = { kind: 'uniform', leastMs: 5, mostMs: 9 } as const;
  const linesOf = (labels: LinkLabels) => labels.labels.map(({ lines }) => lines);

  it('are none if nothing is set, or if it is set between nodes without a link', () => {
    expect(labelLinks(topology, undefined)).toEqual({ usual: '', labels: [] });
    const apart = topologyAt([start(0), start(1)], 2);
    const lossy = settings({ direction: [0, 1], setting: { loss: 1 } });
    expect(labelLinks(apart, lossy)).toEqual({ usual: '', labels: [] });
  });

  it('are short texts, a line for each direction that differs from the other', () => {
    const both = labelLinks(
      topology,
      settings(
        { direction: [0, 1], setting: { delay, loss: 0.1 } },
        { direction: [1, 0], setting: { delay, loss: 0.1 } },
        { direction: [2, 0], setting: { duplication: 0.5, isOrdered: true } },
      ),
    );
    expect(both.usual).toBe('');
    expect(linesOf(both)).toEqual([
      ['5\u20139 ms, lost 10 %'],
      ['2 \u2192 0: twice 50 %, in order'],
    ]);
  });

  it('tell what most links have once, and mark a link that has nothing', () => {
    const most = labelLinks(
      topology,
      settings(
        { direction: 'all', setting: { delay } },
        { direction: [0, 1], setting: { delay: { ...delay, mostMs: 5 } } },
        { direction: [1, 0], setting: { delay: { ...delay, mostMs: 5 } } },
      ),
    );
    expect(most.usual).toBe('all other links: delay 5 to 9 ms');
    expect(linesOf(most)).toEqual([['5 ms']]);
  });

  it('tell only what differs from most links', () => {
    const one = labelLinks(
      topology,
      settings(
        { direction: 'all', setting: { delay } },
        { direction: [0, 1], setting: { loss: 0.25 } },
      ),
    );
    expect(linesOf(one)).toEqual([['0 \u2192 1: lost 25 %']]);
    expect(one.labels[0]?.described).toBe(
      '0 \u2192 1: delay 5 to 9 ms, loss 25 %; 1 \u2192 0: delay 5 to 9 ms',
    );
  });

  it('name the direction of a one-way cut', () => {
    const cut = topologyAt([...events, changes('mute', 1, 2)], events.length + 1);
    const labels = labelLinks(cut, settings({ direction: 'all', setting: { delay } }));
    expect(labels.usual).toBe('all links: delay 5 to 9 ms');
    expect(linesOf(labels)).toEqual([['only 2 \u2192 1']]);
  });

  it.each([3, 5, 9])('cover neither a node nor each other: %i servers', (count) => {
    const ids = Array.from({ length: count }, (_, id) => id);
    const ring = [
      ...ids.map((id) => start(id)),
      ...ids.map((id) => changes('link', id, (id + 1) % count)),
    ];
    const places = placeNodes(ring, { w: 380, h: 290 });
    const lossy = settings(
      { direction: 'all', setting: { loss: 0.1 } },
      ...ids.map(
        (id): LinkChange => ({ direction: [id, (id + 1) % count], setting: { loss: id / 10 } }),
      ),
    );
    const placed = placeLabels(labelLinks(topologyAt(ring, ring.length), lossy).labels, places);
    expect(placed.length).toBeGreaterThan(1);
    for (const [index, { at }] of placed.entries()) {
      expect(Math.abs(at.x - places.box.x - places.box.w / 2)).toBeLessThan(places.box.w / 2);
      for (const { at: other } of placed.slice(0, index)) {
        expect(Math.hypot(at.x - other.x, at.y - other.y)).toBeGreaterThan(20);
      }
      for (const node of places.byId.values()) {
        expect(Math.hypot(at.x - node.x, at.y - node.y)).toBeGreaterThan(places.nodeRadius);
      }
    }
  });
});

describe('a moment', () => {
  it('has the time of the last event, and the last line that caused one', () => {
    const events = [start(0, 'server', { at: 3, line: 1 }), start(1, 'server', { at: 8 })];
    expect(momentAt(events, 0)).toEqual({ cursor: 0, at: 0, line: undefined });
    expect(momentAt(events, 2)).toEqual({ cursor: 2, at: 8, line: 1 });
  });

  it('is told in milliseconds, a long time in seconds', () => {
    expect([formatMs(0), formatMs(286.42), formatMs(12_345), formatMs(1_200_000)]).toEqual([
      '0.0 ms',
      '286.4 ms',
      '12.3 s',
      '1200 s',
    ]);
  });
});
