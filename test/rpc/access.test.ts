// Tokens and addresses: which callers are accepted, and under which host names.
import { describe, expect, it } from 'vitest';
import {
  createRankOf,
  createTokens,
  digestTokens,
  isOwnHost,
  isOwnOrigin,
} from '../../src/rpc/access.ts';

const tokens = createTokens();
const digests = digestTokens(tokens);
const rankOf = createRankOf(digests);

describe('tokens', () => {
  it('are three secrets of 256 bits, new for each run', () => {
    const all = [...Object.values(tokens), ...Object.values(createTokens())];
    expect(new Set(all).size).toBe(6);
    for (const token of all) expect(Buffer.from(token, 'base64url')).toHaveLength(32);
  });

  it('are known by their digests, from which they cannot be told', () => {
    expect(rankOf(`Bearer ${tokens.master}`)).toBe('master');
    expect(rankOf(`Bearer ${tokens.server}`)).toBe('server');
    expect(rankOf(`Bearer ${tokens.client}`)).toBe('client');
    for (const digest of Object.values(digests)) {
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(rankOf(`Bearer ${digest}`)).toBeUndefined();
    }
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', `bearer ${tokens.master}`, tokens.master, [], 7])(
    'are not what %j says',
    (header) => {
      expect(rankOf(header)).toBeUndefined();
    },
  );
});

describe('addresses', () => {
  it('are the names of this machine with the very port', () => {
    for (const host of ['127.0.0.1:80', 'localhost:80', '[::1]:80']) {
      expect(isOwnHost(host, 80)).toBe(true);
      expect(isOwnOrigin(`http://${host}`, 80)).toBe(true);
    }
    expect(isOwnOrigin(undefined, 80)).toBe(true);
  });

  it.each(['', '127.0.0.1', '127.0.0.1:81', 'localhost6:80', '0.0.0.0:80', 'evil.example:80'])(
    'do not include %j',
    (host) => {
      expect(isOwnHost(host, 80)).toBe(false);
      expect(isOwnOrigin(`http://${host}`, 80)).toBe(false);
    },
  );

  it('do not include what is missing, or another scheme', () => {
    expect(isOwnHost(undefined, 80)).toBe(false);
    expect(isOwnOrigin('https://127.0.0.1:80', 80)).toBe(false);
    expect(isOwnOrigin('null', 80)).toBe(false);
  });
});
