// A run through a report and back; and what a page says of data that is no run.
import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { encodeRun } from '../../src/web/file/encode.ts';
import { decodeRun } from '../../src/web/page/report/decode.ts';
import { runScript } from '../../src/web/run/runScript.ts';

const SCRIPT = `protocol quorum
joinServer 0
joinServer 1
joinServer 2
joinClient 5 0
workload ops=200
stabilize
`;

const view = await runScript({ script: SCRIPT, protocol: 'causal', seed: 3, faults: 'loss=0.1' });

test('a whole run comes back, byte by byte', async () => {
  expect(view.events.length).toBeGreaterThan(1_000);
  expect(JSON.stringify(await decodeRun(encodeRun(view)))).toBe(JSON.stringify(view));
});

test('events of a later version come back with what is new in them', async () => {
  const events = [{ ...view.events[0], event: 'vote', term: { of: [1, '2.1#3', null] } }];
  const later = { ...view, events, theme: 'dark' } as unknown as typeof view;
  expect(await decodeRun(encodeRun(later))).toEqual(later);
});

describe('a page says what is wrong with', () => {
  const whole = encodeRun(view);
  const pack = (data: unknown) => deflateSync(JSON.stringify(data)).toString('base64');
  const content = JSON.parse(inflateSync(Buffer.from(whole, 'base64')).toString());

  test.each([
    ['no base64', '%%%', 'it is no base64'],
    ['nothing', '', 'it cannot be inflated'],
    ['half of the data', whole.slice(0, whole.length / 2), 'it cannot be inflated'],
    ['one changed letter', flip(whole, 100), 'it cannot be inflated'],
    ['no JSON', deflateSync('{').toString('base64'), 'its text is no JSON'],
    ['other JSON', pack([1]), 'is not a run'],
    ['a later version', pack({ ...content, version: 2 }), 'reads version 1 of a run, not 2'],
    ['columns that do not fit', pack({ ...content, run: { kinds: 5 } }), 'is damaged'],
    ['an incomplete run', pack({ ...content, run: { kinds: 0, count: 1 } }), 'is incomplete'],
  ])('%s', async (_name, base64, why) => {
    await expect(decodeRun(base64)).rejects.toThrow(why);
  });
});

/** Another letter of base64 in the place of one. */
function flip(text: string, at: number): string {
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
}
