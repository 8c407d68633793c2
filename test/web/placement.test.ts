// Where keys are: the ring, preference lists, chains, groups, hints.
import { describe, expect, it } from 'vitest';
import { Ring } from '../../src/replication/ring.ts';
import { escapeUnseen } from '../../src/web/cursor/escape.ts';
import { Holders, ringOf } from '../../src/web/cursor/holders.ts';
import { placementAt, preferenceOf } from '../../src/web/cursor/placement.ts';
import { arcPath, arcsOf, pointOnRing, positionOfKey } from '../../src/web/cursor/ringPicture.ts';
import { runScript } from '../../src/web/run/runScript.ts';
import type { Look, RunView } from '../../src/web/view.ts';
import { lookOnce, shipped, written } from './support/sources.ts';

/** A ring of so many servers as inspections show it. */
function shown(servers: number, tokensPerServer: number) {
  const { tokens } = new Ring(
    Array.from({ length: servers }, (_, id) => id),
    tokensPerServer,
  );
  return tokens.map(({ owner, token }) => ({ server: owner, token: token.slice(0, 8) }));
}

describe('a ring', () => {
  it('is found again from the tokens that are shown', () => {
    expect(ringOf(shown(5, 16))?.tokens.length).toBe(80);
    expect(ringOf([{ server: 0, token: '00000000' }])).toBeUndefined();
    expect(ringOf([])).toBeUndefined();
  });

  it('has arcs that cover the circle once', () => {
    const arcs = arcsOf(shown(3, 4));
    const sizes = arcs.map(({ from, to }) => to - from);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeCloseTo(1, 9);
    expect(arcsOf(shown(1, 1))[0]).toMatchObject({ server: 0 });
  });

  it('has tokens of equal size if they are no hashes', () => {
    const tokens = ['1', '3', '5', '7'].map((token, server) => ({ server, token }));
    expect(arcsOf(tokens).map(({ from, to }) => [from, to])).toEqual([
      [0, 0.25],
      [0.25, 0.5],
      [0.5, 0.75],
      [0.75, 1],
    ]);
  });

  it('has a key in the arc of its owner', () => {
    const tokens = shown(5, 16);
    const ring = ringOf(tokens) as Ring;
    const arcs = arcsOf(tokens);
    for (let index = 0; index < 100; index += 1) {
      const part = positionOfKey(`k${index}`);
      const arc = arcs.find(({ from, to }) => (from < part && part <= to) || part - 1 > from);
      const walk = ring.walkFrom(tokenFor(`k${index}`));
      expect((arc ?? arcs[0])?.server).toBe(walk[0]);
    }
  });

  it('is drawn clockwise from the top', () => {
    expect(pointOnRing(0.25, 10)).toEqual({ x: 10, y: 0 });
    expect(arcPath({ from: 0.75, to: 1 }, 10)).toBe('M-10 0A10 10 0 0 1 0 -10');
    const whole = 'M-10 0A10 10 0 0 1 10 0A10 10 0 0 1 -10 0';
    expect(arcPath({ from: -0.25, to: 0.75 }, 10)).toBe(whole);
  });
});

function tokenFor(key: string): string {
  return Math.round(positionOfKey(key) * 16 ** 8)
    .toString(16)
    .padStart(8, '0')
    .padEnd(40, '0');
}

async function lastLook(source: Parameters<typeof runScript>[0]): Promise<[Look, RunView]> {
  const view = await runScript(source);
  return [view.looks.at(-1) as Look, view];
}

const PUTS = Array.from({ length: 12 }, (_, index) => `put 9 k${index} v`).join('\n');

function cluster(protocol: string, options = ''): string {
  const joins = [0, 1, 2, 3, 4].map((id) => `joinServer ${id}`).join('\n');
  return `protocol ${protocol} ${options}\n${joins}\njoinClient 9 0\n${PUTS}\nstabilize\n`;
}

describe('the servers of a key', () => {
  it.each([
    ['quorum', ''],
    ['quorum', 'vnodes=1 n=2'],
    ['chain', ''],
  ])('are those that hold it: %s %s', async (protocol, options) => {
    const [look, view] = await lastLook(written(cluster(protocol, options)));
    const holders = new Holders(look);
    for (let index = 0; index < 12; index += 1) {
      const key = `k${index}`;
      const holding = look.servers
        .filter(({ state }) => state?.store?.some((entry) => entry.key === key))
        .map(({ id }) => id);
      expect(holding.length).toBeGreaterThan(1);
      expect(holders.of(key)).toEqual(holding);
      const preference = preferenceOf(key, look, view.options) ?? [];
      expect([...preference].sort()).toEqual(holding);
    }
  });

  it('are told for a key that no server has, too, by the rule of the ring', async () => {
    const [look, { options }] = await lastLook(written(cluster('quorum', 'n=2')));
    const { servers, service } = look;
    const stripped = servers.map(({ id, state }) => ({ id, state: { ...state, lists: [] } }));
    for (let index = 0; index < 12; index += 1) {
      const key = `k${index}`;
      const told = preferenceOf(key, look, options);
      expect(preferenceOf(key, { cursor: 0, servers: stripped, service }, options)).toEqual(told);
    }
  });

  it('are told with tokens of equal size', async () => {
    const script = cluster('quorum', 'partitioner=tokens').replaceAll(/put 9 k(\d)+ v/g, '');
    const [look, { options }] = await lastLook(written(`${script}put 9 5 v\n`));
    const told = preferenceOf('5', look, options);
    expect(told?.length).toBe(3);
    const stripped = look.servers.map(({ id, state }) => ({ id, state: { ...state, lists: [] } }));
    expect(preferenceOf('5', { ...look, servers: stripped }, options)).toEqual(told);
    expect(preferenceOf('x', look, options)).toBeUndefined();
  });

  it('are all servers with full replication', async () => {
    const [look] = await lastLook(written(cluster('causal')));
    expect(new Holders(look).of('k0')).toBeUndefined();
    expect(placementAt(look)).toMatchObject({ ring: [], chains: [], groups: [] });
  });
});

describe('the placement of real runs', () => {
  it('has a chain for each arc', async () => {
    const [look] = await lastLook(written(cluster('chain')));
    const { chains } = placementAt(look);
    expect(chains.map(({ arc }) => arc)).toEqual([0, 1, 2, 3, 4]);
    expect(chains.every(({ arc, members }) => members[0] === arc)).toBe(true);
  });

  it('has the groups with their shards', async () => {
    const [look] = await lastLook(shipped('sharded/manual-join'));
    const { groups, isMoving } = placementAt(look);
    expect(groups.map(({ primary, shards }) => [primary, shards])).toEqual([
      [1, 4],
      [0, 4],
    ]);
    expect(isMoving).toBe(false);
  });

  it('tells of hints, suspicions and moves while there are any', async () => {
    const found = new Set<string>();
    for (const name of ['quorum/hint-recovery', 'sharded/moved-shards']) {
      const source = shipped(name);
      const { events } = await runScript(source);
      for (let cursor = 1; cursor < events.length; cursor += Math.ceil(events.length / 40)) {
        const look = await lookOnce(source, cursor);
        const shownThen = placementAt(look ?? { cursor, servers: [], service: null });
        for (const { holder, owner } of shownThen.hints) if (holder !== owner) found.add('hint');
        if (shownThen.suspicions.length > 0) found.add('suspicion');
        if (shownThen.isMoving) found.add('moving');
      }
    }
    expect([...found].sort()).toEqual(['hint', 'moving', 'suspicion']);
  });
});

describe('a text of a user', () => {
  it('shows what is not seen, and keeps letters that are joined', () => {
    expect(escapeUnseen('a\u202eb\u200bc\u0007')).toBe('a\\u{202e}b\\u{200b}c\\x07');
    const family = '\u{1f468}\u200d\u{1f469}';
    expect(escapeUnseen(family)).toBe(family);
  });
});
