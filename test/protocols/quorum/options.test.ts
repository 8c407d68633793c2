import { describe, expect, it } from 'vitest';
import { claimsOf, completeOptions } from '../../../src/kernel/protocol.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import {
  leastReplicas,
  options,
  readSettings,
  refuseOptions,
} from '../../../src/protocols/quorum/options.ts';

const withDefaults = (given: Record<string, string>) => completeOptions(quorum, given);
const claims = (given: Record<string, string>, words: readonly string[] = []) =>
  claimsOf(quorum, withDefaults({ storage: 'log', ...given }), words);

describe('the options of quorum', () => {
  it('accept their fallbacks and samples', () => {
    for (const [name, { fallback, samples = [], refuse }] of Object.entries(options)) {
      for (const text of [fallback, ...samples])
        expect(refuse(text), `${name}=${text}`).toBe(undefined);
    }
  });

  it.each([
    ...[
      ['partitioner', 'random'],
      ['n', '0'],
      ['n', '65'],
      ['n', '03'],
      ['n', 'x'],
    ],
    ...[
      ['vnodes', '0'],
      ['vnodes', '257'],
      ['read', 'two'],
      ['read', '0'],
      ['write', 'w=2'],
    ],
    ...[
      ['repair', 'on'],
      ['timeout', '2'],
      ['timeout', '0s'],
      ['timeout', '5s'],
      ['timeout', '1ms'],
    ],
    ...[
      ['suspectOnError', 'yes'],
      ['storage', 'disk'],
    ],
    ...[
      ['gossip', 'yes'],
      ['interval', '1'],
      ['interval', '0.5'],
      ['interval', '9ms'],
      ['interval', '0.8s..0.5s'],
      ['interval', '1s..61s'],
      ['interval', '1s..'],
    ],
    ...[
      ['keys', '0'],
      ['keys', '1048577'],
      ['q', '0'],
      ['owners', ''],
      ['owners', '0,'],
      ['owners', '0, 1'],
      ['owners', '0,01'],
      ['owners', '0,1000000'],
    ],
  ])('refuse %s=%s with a reason', (name = '', text = '') => {
    expect(options[name]?.refuse(text)).toMatch(/\w/);
  });

  it('are read as settings', () => {
    expect(readSettings(withDefaults({}))).toEqual({
      ...{
        partitioner: 'hash',
        n: 3,
        vnodes: 16,
        antiEntropyMs: null,
        callMs: 2_000,
        isSloppy: false,
        versions: 'lww',
        read: 'quorum',
        write: 'quorum',
      },
      ...{ hasHints: true, hasReadRepair: true, timeoutMs: 2_000, suspectsOnError: true },
      ...{ isGossiping: false, intervalMs: { least: 500, most: 800 } },
    });
    const other = { read: 'ALL', write: '2', timeout: '250ms', suspectOnError: 'off' };
    expect(readSettings(withDefaults({ ...other, repair: 'read' }))).toMatchObject({
      ...{ read: 'all', write: 2, timeoutMs: 250, suspectsOnError: false },
      ...{ hasHints: false, hasReadRepair: true },
    });
    expect(readSettings(withDefaults({ gossip: 'on', interval: '20ms..1.5s' }))).toMatchObject({
      ...{ isGossiping: true, intervalMs: { least: 20, most: 1_500 } },
    });
    expect(readSettings(withDefaults({ interval: '2s' }))).toMatchObject({
      intervalMs: { least: 2_000, most: 2_000 },
    });
    expect(readSettings(withDefaults({ repair: 'hints' }))).toMatchObject({
      ...{ hasHints: true, hasReadRepair: false },
    });
    expect(readSettings(withDefaults({ repair: 'off' }))).toMatchObject({
      ...{ hasHints: false, hasReadRepair: false },
    });
  });
});

describe('options that contradict each other', () => {
  const refusal = (given: Record<string, string>) => refuseOptions(withDefaults(given));
  const tokens = { partitioner: 'tokens' };

  it.each([
    [{ read: '4' }, 'read=4 is more than n=3 replicas'],
    [{ write: '3', n: '2' }, 'write=3 is more than n=2 replicas'],
    [{ ...tokens, q: '3' }, 'q=3 does not divide keys=8'],
    [
      { ...tokens, owners: '0,1,2' },
      'owners names 3 servers, and keys / q is 4 tokens: each has one owner',
    ],
    [{ ...tokens, keys: '16' }, 'owners names 4 servers, and keys / q is 8 tokens'],
    [{ ...tokens, keys: '1025', q: '1' }, 'keys / q is 1025 tokens, and 1024 are the most'],
  ])('are refused: %j', (given, why) => {
    expect(refusal(given)).toContain(why);
  });

  it('are none by default, nor where another partitioner counts', () => {
    for (const partitioner of ['hash', 'tokens', 'byteOrdered']) {
      expect(refusal({ partitioner })).toBe(undefined);
    }
    expect(refusal({ q: '3' })).toBe(undefined);
    expect(refusal({ read: '3', write: 'ALL' })).toBe(undefined);
    expect(refusal({ ...tokens, q: '4', owners: '7,7' })).toBe(undefined);
  });
});

describe('the replicas that a get needs', () => {
  it('are those of the default level, if no owner of a token is missing', () => {
    expect(leastReplicas(withDefaults({ read: 'one' }), [])).toBe(1);
    const tokens = withDefaults({ partitioner: 'tokens', read: 'all' });
    expect(leastReplicas(tokens, [0, 1, 2, 3, 4])).toBe(3);
    expect(leastReplicas(tokens, [0, 1, 2])).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('read your writes', () => {
  it('is claimed where reads overlap writes, with logs', () => {
    expect(claims({})).toContain('read-your-writes');
    expect(claims({ read: 'one', write: 'all' })).toContain('read-your-writes');
    expect(claims({ read: 'one' })).not.toContain('read-your-writes');
    expect(claims({ n: '1', read: 'one', write: 'one' })).toContain('read-your-writes');
    expect(claims({ n: '4', read: '2', write: '2' })).not.toContain('read-your-writes');
    expect(claims({ n: '4', read: '2', write: '3' })).toContain('read-your-writes');
  });

  it('is not claimed without logs', () => {
    expect(claims({ storage: 'memory' })).not.toContain('read-your-writes');
    expect(claims({ storage: 'memory' })).toContain('convergence');
  });

  it('counts every level that an operation of the run has', () => {
    expect(claims({}, ['all', 'QUORUM'])).toContain('read-your-writes');
    expect(claims({}, ['ONE'])).not.toContain('read-your-writes');
    expect(claims({ read: 'all' }, ['w=1'])).toContain('read-your-writes');
    expect(claims({ read: 'all' }, ['r=1'])).not.toContain('read-your-writes');
    expect(claims({ write: 'all' }, ['r=1'])).toContain('read-your-writes');
  });
});
