// Processes that are started ahead: as many as are needed, but never many at once.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { NodeProcess } from '../../src/processes/nodeProcess.ts';
import { createProcessPool, type ProcessPool } from '../../src/processes/processPool.ts';
import { findProcesses, isAlive, nothingLeft } from '../support/processTree.ts';
import { useTinyBundles } from '../support/tinyBundles.ts';

const folder = useTinyBundles();
const pools: ProcessPool[] = [];

function openPool(): ProcessPool {
  const pool = createProcessPool({ bundles: folder() });
  pools.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop()));
});

describe('a pool', () => {
  it('starts what is expected, some ahead, and more when some are taken', async () => {
    const pool = openPool();
    pool.expect({ server: 1_000, client: 1_000 });
    expect(pool.spare()).toBe(16);
    const taken = await Promise.all([pool.take('server'), pool.take('client')]);
    expect(pool.spare()).toBe(16);
    expect(taken.map(({ program }) => program)).toEqual(['server', 'client']);
    await Promise.all(taken.map((process) => process.kill()));
  });

  it('keeps no process ready that is not expected', async () => {
    const pool = openPool();
    expect(pool.spare()).toBe(0);
    const process = await pool.take('client');
    expect([process.program, isAlive(process.pid), pool.spare()]).toEqual(['client', true, 0]);
    await process.kill();
    expect(isAlive(process.pid)).toBe(false);
  });

  it('gives what was started ahead, then starts more', async () => {
    const pool = openPool();
    pool.expect({ server: 1 });
    expect(pool.spare()).toBe(1);
    const processes = await Promise.all([pool.take('server'), pool.take('server')]);
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(2);
    await Promise.all(processes.map((process) => process.kill()));
  });

  it('gives nothing that has died while it waited', async () => {
    const pool = openPool();
    pool.expect({ server: 1, client: 1 });
    const client = await pool.take('client');
    const first = await vi.waitFor(() => {
      const [found] = findProcesses(`${folder()}/server.cjs`);
      expect(found).toBeTypeOf('number');
      return found;
    });
    process.kill(Number(first), 'SIGKILL');
    await nothingLeft(`${folder()}/server.cjs`, 10_000);
    // The death is known for sure when a later one is.
    await client.kill();
    const server = await pool.take('server');
    expect(isAlive(server.pid)).toBe(true);
    expect(server.pid).not.toBe(first);
    await server.kill();
  });

  it('lets processes load the protocol while they wait, also one that starts later', async () => {
    const prepare = vi.spyOn(NodeProcess.prototype, 'prepare');
    const pool = openPool();
    pool.expect({ server: 2 });
    pool.prepare('causal');
    pool.expect({ client: 1 });
    await vi.waitFor(() => expect(prepare.mock.calls).toEqual(Array(3).fill(['causal'])));
    const processes = await Promise.all([pool.take('server'), pool.take('client')]);
    await Promise.all(processes.map((process) => process.kill()));
  });

  it('passes a failure on to the caller that takes the process', async () => {
    const pool = createProcessPool({ bundles: `${folder()}/nowhere` });
    pools.push(pool);
    pool.expect({ server: 2 });
    const process = await pool.take('server');
    expect(await process.gone).toEqual({ why: 'exit status 1', isBug: false });
  });

  it('leaves nothing behind after stop, even of what is taken later', async () => {
    const pool = openPool();
    pool.expect({ server: 2 });
    const process = await pool.take('server');
    await pool.stop();
    const late = await pool.take('server');
    expect([isAlive(late.pid), pool.spare()]).toEqual([false, 0]);
    await process.kill();
  });
});
