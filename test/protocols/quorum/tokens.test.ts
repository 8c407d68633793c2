// A ring of tokens in simulation: placement, servers without a token, owners that never joined.
import { describe, expect, it } from 'vitest';
import { drawTestCase } from '../../../src/fuzz/draw.ts';
import { chooseOptions } from '../../../src/language/choice.ts';
import { quorum } from '../../../src/protocols/quorum/index.ts';
import { ORDERED_FOUR, play } from './simulatedRun.ts';

const TOKENS = `protocol quorum partitioner=tokens;${ORDERED_FOUR}`;
const LOOKS = 'printStore 0;printStore 1;printStore 2;printStore 3';

describe('partitioner=tokens', () => {
  it('places a key at the owner of its token, and at the next servers clockwise', async () => {
    const { stores } = await play(`${TOKENS};put 13 2 a;put 13 0 b;put 10 7 c;${LOOKS}`);
    expect(stores).toEqual(['0:b 2:a 7:c', '0:b 2:a', '2:a 7:c', '0:b 7:c']);
  });

  it('counts levels against N where there are fewer servers', async () => {
    const two = 'protocol quorum partitioner=tokens owners=0,1,1,0';
    const said = await play(
      `${two};joinServer 0;joinServer 1;joinClient 10 0;put 10 2 a;put 10 2 b all;get 10 2;` +
        'printStore 0;printStore 1',
    );
    expect(said.outcomes).toEqual(['ok', 'fail', 'ok']);
    expect(said.stores).toEqual(['2:a', '2:a']);
  });

  it('refuses what is no key, and options that contradict each other', async () => {
    const { notes } = await play(`${TOKENS};put 10 8 a;get 10 x`);
    expect(notes.join()).toMatch(/E_BAD_KEY: '8' is no key.*0 to 7.*E_BAD_KEY: 'x' is no key/s);
    const given = new Map([['read', '4']]);
    expect(() => chooseOptions(quorum, given)).toThrow('read=4 is more than n=3 replicas');
  });

  it.each([
    ['hash', 'keys', '16'],
    ['hash', 'q', '4'],
    ['byteOrdered', 'owners', '0,1'],
    ['byteOrdered', 'vnodes', '4'],
    ['tokens', 'vnodes', '4'],
  ])('with partitioner=%s refuse %s=%s, which would have no effect', (partitioner, name, text) => {
    const given = new Map([
      ['partitioner', partitioner],
      [name, text],
    ]);
    const partner = name === 'vnodes' ? 'hash' : 'tokens';
    expect(() => chooseOptions(quorum, given)).toThrow(
      `${name}=${text} has no effect without partitioner=${partner}`,
    );
    const usual = new Map([...given, [name, quorum.options[name]?.fallback ?? '']]);
    expect(chooseOptions(quorum, usual)).toMatchObject({ partitioner });
  });

  it('has an owner that never joined as a dead member, which copies when it joins', async () => {
    const three =
      'protocol quorum partitioner=tokens;joinServer 0;joinServer 1;joinServer 2;joinClient 10 0';
    const { states, stores, outcomes } = await play(
      `${three};put 10 0 a;put 10 2 b all;put 10 0 c all;inspect 0;joinServer 3;printStore 3;` +
        'inspect 3;inspect 0;stabilize;printStore 3',
    );
    expect(outcomes).toEqual(['ok', 'ok', 'fail']);
    expect(states[0]).toMatchObject({ members: [0, 1, 2, 3], suspected: [3] });
    expect(states[0]?.hints).toMatchObject([{ owner: 3, key: '0', value: 'a' }]);
    expect(states[1]?.isComplete).toBe(true);
    expect(states[2]?.hints).toEqual([]);
    expect(stores).toEqual(['0:a', '0:a']);
  });

  it('lets a server without a token pass requests on', async () => {
    const { stores, warnings } = await play(
      `${TOKENS};joinServer 7;joinClient 17 7;put 17 2 a;printStore 7;printStore 0`,
    );
    expect(stores).toEqual(['', '2:a']);
    expect(warnings.join()).toMatch(/server 7 has no place on the ring/);
  });

  it('shows who owns which token', async () => {
    const { states } = await play(`${TOKENS};put 10 0 a;inspect 0`);
    expect(states[0]).toMatchObject({
      ring: [
        { server: 3, token: '1' },
        { server: 0, token: '3' },
        { server: 1, token: '5' },
        { server: 2, token: '7' },
      ],
    });
  });

  it('is in random scripts, with keys of its own and options that agree', () => {
    const heads = Array.from({ length: 300 }, (_, seed) => drawTestCase(quorum, seed).lines);
    const drawn = heads.filter(([head]) => head?.includes('partitioner=tokens'));
    expect(drawn.length).toBeGreaterThan(30);
    expect(drawn.some(([head]) => head?.includes('q=4'))).toBe(true);
    for (const lines of drawn) {
      const keys = lines.flatMap((line) => /^put \d+ (\S+) v\d+/.exec(line)?.[1] ?? []);
      for (const key of keys) expect(['0', '2', '4', '7']).toContain(key);
      expect(lines[0]?.includes('q=4')).toBe(lines[0]?.includes('owners=1,0'));
    }
  });
});
