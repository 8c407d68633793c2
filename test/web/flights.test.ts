// The messages on their way, and what is set for them.
import { describe, expect, it } from 'vitest';
import { LinkSettings } from '../../src/kernel/linkSettings.ts';
import { flightsAt } from '../../src/web/cursor/flights.ts';
import { describeSetting, linkSettingsAt } from '../../src/web/cursor/linkTexts.ts';
import { formatMs, momentAt } from '../../src/web/cursor/moment.ts';
import { topologyAt } from '../../src/web/cursor/topology.ts';
import { remarksOn } from '../../src/web/cursor/topologyTexts.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import { written } from './support/sources.ts';
import { dropped, received, sent, start } from './support/traces.ts';

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
      const settings = linkSettingsAt(view, cursor);
      return remarksOn(topologyAt(view.events, cursor), settings).map(
        ({ term, text }) => `${term}: ${text}`,
      );
    };
    expect(textsAt(after(2))).toEqual([]);
    expect(textsAt(after(4))).toEqual(['delay 0 to 20 ms: all links']);
    expect(textsAt(after(7) - 1)).toEqual([
      'delay 0 to 20 ms, loss 25 %, in order: 0 \u2192 1',
      'delay 0 to 20 ms: 1 \u2192 0, 0 \u2192 5, 5 \u2192 0',
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

  it('of nodes without a link are no remarks', () => {
    const settings = new LinkSettings();
    settings.change({ direction: [0, 1], setting: { loss: 1 } });
    expect(remarksOn(topologyAt([start(0), start(1)], 2), settings)).toEqual([]);
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
