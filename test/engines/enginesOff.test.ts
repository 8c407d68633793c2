// Stores of others can be switched off, so that a stranger's script starts no program.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'causeway-off-'));
afterAll(() => rmSync(folder, { recursive: true }));

function run(words: readonly string[], input: string, engines: string) {
  const env = { ...process.env, CAUSEWAY_ENGINES: engines };
  return spawnSync(process.execPath, ['master.js', ...words], { input, env, encoding: 'utf8' });
}

const proof = join(folder, 'was-here');
const chosen = `protocol nodes nodes=0 start=5s command=touch ${proof}\n`;

test.each([
  ['by its script', [], chosen, 65, /E_UNSUPPORTED.*stores of others are switched off/],
  [
    'by the command line',
    ['--protocol', 'nodes', '--set', 'nodes=0', '--set', `command=touch ${proof}`],
    '',
    71,
    /E_SPAWN: stores of others are switched off/,
  ],
])('no program is started that is named %s', (_by, words, line, status, said) => {
  const off = run(words, `${line}joinServer 0\n`, 'off');
  expect(off.stderr).toMatch(said);
  expect([off.status, existsSync(proof)]).toEqual([status, false]);
  // The same order with the switch open.
  run(words, `${line}joinServer 0\n`, '');
  expect(existsSync(proof)).toBe(true);
  rmSync(proof);
});
