// The programs of server and client by themselves: they are nothing without a master.
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useTinyBundles } from '../support/tinyBundles.ts';

const folder = useTinyBundles();

it.each(['server', 'client'])('the %s says that it needs a master', (program) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder(), `${program}.cjs`)],
    { encoding: 'utf8' },
  );
  expect([status, stdout]).toEqual([64, '']);
  expect(stderr).toBe('causeway: this program is started by the master\n');
});

it.each(['server', 'client'])('the %s loads a protocol before it has a node', async (program) => {
  const file = fileURLToPath(new URL(`../../dist/${program}.cjs`, import.meta.url));
  const child = fork(file, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const prepare = (protocol: string) => ({
    jsonrpc: '2.0',
    method: 'world.prepare',
    params: { protocol },
  });
  child.send([prepare('causal')]);
  child.send([prepare('nowhere')]);
  const [status] = await once(child, 'close');
  expect([status, said.split('\n')[0]]).toEqual([70, expect.stringContaining('nowhere')]);
});
