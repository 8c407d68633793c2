// The programs of server and client by themselves: they are nothing without a master; and what
// makes them start quickly.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
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

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** What a launcher does, up to the question whether V8 took the cache. */
const SAY_WHETHER_REJECTED = `
  const filename = process.argv[1];
  const read = require('node:fs').readFileSync;
  const options = { filename, cachedData: read(filename + '.cache') };
  const script = new (require('node:vm').Script)(read(filename, 'latin1'), options);
  process.stdout.write(String(script.cachedDataRejected));
`;

it.each(['server', 'client'])('V8 takes the built code cache of the %s', (program) => {
  const bundle = readdirSync(DIST).find(
    (name) => name.startsWith(`${program}-`) && name.endsWith('.js'),
  );
  const flags = ['--disable-proto=throw', '-e', SAY_WHETHER_REJECTED];
  const { stdout } = spawnSync(process.execPath, [...flags, join(DIST, String(bundle))], {
    encoding: 'utf8',
  });
  expect(stdout).toBe('false');
});
