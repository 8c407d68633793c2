// The programs of server and client by themselves: they are nothing without a master.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
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
