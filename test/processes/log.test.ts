// Real servers with logs: killed and joined again, in one run and over several.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Death } from '../../src/kernel/cluster.ts';
import type { NodeId } from '../../src/kernel/ids.ts';
import type { ProcessCluster } from '../../src/processes/processCluster.ts';
import { createProcessPool } from '../../src/processes/processPool.ts';
import { createProcessCluster } from '../../src/processes/realWorld.ts';
import { openDataFolder } from '../../src/rpc/dataFolder.ts';
import { useTinyBundles } from '../support/tinyBundles.ts';
import { tiny } from '../support/tinyProtocol.ts';

const bundles = useTinyBundles();
const clusters: ProcessCluster[] = [];
let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'causeway-test-'));
});
afterEach(async () => {
  await Promise.all(clusters.splice(0).map((cluster) => cluster.stop()));
  rmSync(path, { recursive: true });
});

interface Run {
  readonly cluster: ProcessCluster;
  readonly warnings: string[];
  join(id: NodeId): Promise<void>;
  put(key: string, value: string): Promise<string>;
  store(id: NodeId): Promise<unknown>;
}

/** A run on the folder; client 9 uses server 0. */
async function begin(): Promise<Run> {
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  const pool = createProcessPool({ bundles: bundles() });
  const setup = { protocol: tiny, options: { storage: 'log' }, seed: 1, warn };
  const cluster = createProcessCluster(setup, { pool, data: await openDataFolder(path) });
  clusters.push(cluster);
  const lives = new Map<NodeId, number>();
  return {
    cluster,
    warnings,
    join: async (id) => {
      const incarnation = (lives.get(id) ?? cluster.formerLives) + 1;
      lives.set(id, incarnation);
      await cluster.start({ role: id === 9 ? 'client' : 'server', id, incarnation });
      if (id === 9) await cluster.ask(9, 'connect', { peer: 0, role: 'server' });
      await cluster.link(9, 0).catch(() => undefined);
    },
    put: async (key, value) => {
      const answer = await cluster.ask(9, 'put', { key, value });
      return (answer as { outcome: string }).outcome;
    },
    store: async (id) => {
      const answer = await cluster.ask(id, 'printStore', {});
      return (answer as { entries: unknown }).entries;
    },
  };
}

const pidOf = ({ cluster }: Run, id: NodeId): number =>
  cluster.pids().find((node) => node.id === id)?.pid as number;

describe('a server that is killed', () => {
  it('has everything again that it acknowledged, puts under way or not', async () => {
    const run = await begin();
    await run.join(0);
    await run.join(9);
    const acked: string[] = [];
    for (let life = 0; life < 5; life += 1) {
      let isGone = false;
      const put = async (lane: number): Promise<void> => {
        for (let count = 0; !isGone; count += 1) {
          const key = `${life}.${lane}.${count}`;
          if ((await run.put(key, 'v')) === 'ok') acked.push(key);
          // It dies in the middle of this, at a moment that is never the same.
          if (acked.length > 40 * (life + 1) && !isGone) {
            isGone = true;
            await run.cluster.kill(0);
          }
        }
      };
      await Promise.all([0, 1, 2, 3].map(put));
      await run.join(0);
      const keys = new Set(((await run.store(0)) as [string, string][]).map(([key]) => key));
      expect(acked.filter((key) => !keys.has(key))).toEqual([]);
    }
    expect(acked.length).toBeGreaterThan(200);
  });

  it('is recovered by another run too, and no life is counted twice', async () => {
    const first = await begin();
    await first.join(0);
    await first.join(9);
    await first.put('a', '1');
    await first.cluster.kill(0);
    await first.join(0);
    await first.cluster.stop();
    const second = await begin();
    expect(second.cluster.formerLives).toBe(2);
    await second.join(0);
    expect(await second.store(0)).toEqual([['a', '1']]);
    expect(readdirSync(join(path, 'server-0')).filter((name) => !name.startsWith('lock'))).toEqual([
      'log',
      'manifest',
    ]);
    await second.cluster.stop();
    expect(readdirSync(path).sort()).toEqual(['manifest', 'server-0']);
  });

  it('warns of a torn tail, once', async () => {
    const run = await begin();
    await run.join(0);
    await run.join(9);
    await run.put('a', '1');
    await run.cluster.kill(0);
    const log = join(path, 'server-0', 'log');
    writeFileSync(log, Buffer.concat([readFileSync(log), Buffer.alloc(100)]));
    await run.join(0);
    expect(run.warnings).toEqual([
      expect.stringMatching(/^server 0: .*server-0\/log: a torn tail was cut off, 100 B at byte/),
    ]);
    expect(await run.store(0)).toEqual([['a', '1']]);
    await run.cluster.kill(0);
    await run.join(0);
    expect(run.warnings.length).toBe(1);
  });
});

describe('a log that is no good', () => {
  it.each([
    ['damaged', 'E_LOG_CORRUPT', (bytes: Buffer) => bytes.fill('?', 150, 151)],
    ['of a later version', 'E_LOG_VERSION', () => Buffer.from('causeway log 7\n')],
  ])('lets no server begin when it is %s', async (_what, code, change) => {
    const run = await begin();
    await run.join(0);
    await run.join(9);
    for (const key of ['a', 'b', 'c']) await run.put(key, '1');
    await run.cluster.kill(0);
    const log = join(path, 'server-0', 'log');
    writeFileSync(log, change(readFileSync(log)));
    await expect(run.join(0)).rejects.toMatchObject({ name: 'EnvironmentError', code });
    expect(run.cluster.pids().map(({ id }) => id)).toEqual([9]);
  });

  it("of another run's folder is refused (F9)", async () => {
    const run = await begin();
    await run.join(0);
    await run.cluster.stop();
    rmSync(join(path, 'manifest'));
    const server = join(path, 'server-0');
    const kept = readdirSync(server).map(
      (name) => [name, readFileSync(join(server, name))] as const,
    );
    rmSync(server, { recursive: true });
    const other = await begin();
    await other.join(1);
    for (const [name, bytes] of kept) writeFileSync(join(path, 'server-1', name), bytes);
    await other.cluster.kill(1);
    await expect(other.join(1)).rejects.toMatchObject({ code: 'E_LOG_FOREIGN' });
  });
});

it('a disk that fails ends the server, which is noticed, and the rest goes on (F16)', async () => {
  const run = await begin();
  await run.join(0);
  await run.join(9);
  const died = new Promise<Death>((resolve) => run.cluster.onDeath(resolve));
  await run.put('a', '1');
  // A compaction finds a folder in the place of its new file: that is no lack of room.
  mkdirSync(join(path, 'server-0', 'log.new'));
  const compaction = run.cluster.ask(0, 'command', { name: 'compact', args: ['now'] });
  await expect(compaction).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' });
  expect(await died).toMatchObject({ id: 0, why: 'exit status 71' });
  expect(pidOf(run, 0)).toBeUndefined();
  expect(await run.put('b', '2')).not.toBe('ok');
});
