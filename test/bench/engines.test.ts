// The figures of `npm run bench -- engines` in small: one store of others and one design of ours,
// which are asked, measured and killed as there.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { confirm, measureLoad } from '../../bench/engineLoad.ts';
import { countCalls, type Figures } from '../../bench/figures.ts';
import { measureOutages } from '../../bench/outage.ts';
import { listStores, type Open, openStore, type Store } from '../../bench/stores.ts';
import { hasProgram } from '../engines/runNodes.ts';
import { findFamily, noneOfThemLeft } from '../support/processTree.ts';

const EXTENT = { rounds: 1, inARow: 20, atOnce: 64, warmUp: 20 };
const FOR_LONG = { timeout: 120_000 };
const hasRedis = hasProgram('redis-server', '--version');

function find(name: string): Store {
  const found = listStores().find((store) => store.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const CHAIN = 'chain storage=log';
const REDIS = 'redis appendonly=yes';
const names = hasRedis ? [CHAIN, REDIS] : [CHAIN];

const { TMPDIR } = process.env;
let family: readonly number[];
beforeEach(() => {
  family = findFamily(process.pid);
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'cw-'));
});
afterEach(async () => {
  const folder = tmpdir();
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  const left = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect(left).toEqual([]);
  await noneOfThemLeft(
    findFamily(process.pid).filter((pid) => !family.includes(pid)),
    5_000,
  );
});

function expectSane({ p50, p99, alone, rates }: Figures): void {
  for (const figures of [p50, p99, alone, rates]) expect(figures).toHaveLength(EXTENT.rounds);
  const [middle = 0, slowest = 0] = [...p50, ...p99];
  expect(middle).toBeGreaterThan(0);
  expect(slowest).toBeGreaterThanOrEqual(middle);
  for (const rate of [...alone, ...rates]) expect(rate).toBeGreaterThan(0);
}

describe('stores beside each other', () => {
  it('have figures that are possible', FOR_LONG, async () => {
    const opened: Open[] = [];
    for (const name of names) opened.push(await openStore(find(name)));
    const { loads } = await measureLoad(opened, EXTENT);
    for (const open of opened) {
      const load = loads.get(open.store.name);
      if (load === undefined) throw new Error(`no figures of ${open.store.name}`);
      expectSane(load.put);
      expectSane(load.get);
      expect(load.puts).toBe(countCalls(EXTENT));
      expect(load.bytesAfter).toBeGreaterThan(load.bytesBefore);
      expect(open.readyMs).toBeGreaterThan(0);
      await open.close();
    }
  });

  it('is an error if an operation is not acknowledged', async () => {
    const none = { value: null, server: null, version: null, applied: null };
    const refused = Promise.resolve({ ...none, outcome: 'fail', error: 'E_STORAGE' } as const);
    await expect(confirm('chain', refused)).rejects.toThrow('chain: fail, E_STORAGE');
  });

  it('serve again after each role is killed', FOR_LONG, async () => {
    const { byRole, readyMs } = await measureOutages(find('chain'), 1);
    expect([...byRole.keys()]).toEqual(['head', 'middle', 'tail']);
    expect(readyMs).toHaveLength(3);
    for (const { putMs = 0, getMs = 0, promotedMs } of [...byRole.values()].flat()) {
      expect(putMs).toBeGreaterThan(0);
      expect(getMs).toBeGreaterThan(0);
      expect(promotedMs).toBeUndefined();
    }
  });

  it.runIf(hasRedis)('may need a promotion for that', FOR_LONG, async () => {
    const { byRole } = await measureOutages(find('redis'), 1);
    const [primary] = byRole.get('primary') ?? [];
    const [replica] = byRole.get('replica') ?? [];
    expect(primary?.putMs).toBeGreaterThan(primary?.promotedMs ?? Number.POSITIVE_INFINITY);
    expect(replica?.putMs).toBeGreaterThan(0);
    expect(replica?.promotedMs).toBeUndefined();
  });

  it('include every design, but for servers of the user', () => {
    const designs = new Set(listStores().map(({ design: { name } }) => name));
    expect([...designs]).toEqual(expect.arrayContaining(['etcd', 'redis', 'chain', 'sharded']));
    expect(designs).not.toContain('nodes');
  });
});
