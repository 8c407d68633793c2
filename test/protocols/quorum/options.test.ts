import { describe, expect, it } from 'vitest';
import { claimsOf, completeOptions } from '../../../src/kernel/protocol.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import { options, readSettings, refuseKey } from '../../../src/protocols/quorum/options.ts';

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
      ['partitioner', 'tokens'],
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
  ])('refuse %s=%s with a reason', (name = '', text = '') => {
    expect(options[name]?.refuse(text)).toMatch(/\w/);
  });

  it('are read as settings', () => {
    expect(readSettings(withDefaults({}))).toEqual({
      ...{ partitioner: 'hash', n: 3, vnodes: 16, read: 'quorum', write: 'quorum' },
      ...{ hasHints: true, hasReadRepair: true, timeoutMs: 2_000, suspectsOnError: true },
    });
    const other = { read: 'ALL', write: '2', timeout: '250ms', suspectOnError: 'off' };
    expect(readSettings(withDefaults({ ...other, repair: 'read' }))).toMatchObject({
      ...{ read: 'all', write: 2, timeoutMs: 250, suspectsOnError: false },
      ...{ hasHints: false, hasReadRepair: true },
    });
    expect(readSettings(withDefaults({ repair: 'hints' }))).toMatchObject({
      ...{ hasHints: true, hasReadRepair: false },
    });
    expect(readSettings(withDefaults({ repair: 'off' }))).toMatchObject({
      ...{ hasHints: false, hasReadRepair: false },
    });
  });
});

describe('a key', () => {
  it('is any text with partitioner=hash', () => {
    expect(['x', '', '256', '-1'].map((key) => refuseKey(key, withDefaults({})))).toEqual(
      Array(4).fill(undefined),
    );
  });

  it('is a number from 0 to 255 in decimal with byteOrdered', () => {
    const ordered = withDefaults({ partitioner: 'byteOrdered' });
    const refused = ['', 'x', '256', '-1', '01', '1.0', '1e2', ' 1', '1000'];
    for (const key of refused) expect(refuseKey(key, ordered), key).toMatch(/0 to 255/);
    for (const key of ['0', '9', '63', '255']) expect(refuseKey(key, ordered), key).toBe(undefined);
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
