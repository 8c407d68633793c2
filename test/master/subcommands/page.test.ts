// `causeway page`: what it writes, what it says, and what it refuses.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Interruption } from '../../../src/master/interruption.ts';
import { runProgram } from '../../../src/master/program.ts';
import { Collector, createInput } from '../../support/streams.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-page-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function page(...words: string[]) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const status = await runProgram({
    ...{ words: ['page', ...words], protocols: [], stdin: createInput('') },
    ...{ stdout, stderr, interruption },
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

test('writes the folder and the single file, and names them on stderr', async () => {
  const out = join(folder, 'new', 'page');
  const { status, stdout, stderr } = await page('--out', out);
  const names = ['index.html', 'page.js', 'page.css', 'causeway.html'];
  const list = names.map((name) => join(out, name)).join(', ');
  expect([status, stdout, stderr]).toEqual([0, '', `causeway: wrote ${list}\n`]);
  expect(readdirSync(out).sort()).toEqual([...names].sort());
  const single = readFileSync(join(out, 'causeway.html'), 'utf8');
  expect(single).not.toMatch(/<link rel="?stylesheet|<(?:img|iframe)\b|<script[^>]*\bsrc=/);
  const style = readFileSync(join(out, 'page.css'), 'utf8');
  expect(style).not.toMatch(/@import|url\((?!["']?data:)/);
});

test('needs a folder that has a name', async () => {
  expect(await page()).toMatchObject({ status: 64, stdout: '' });
  const { status, stderr } = await page('--out', '');
  expect(status).toBe(64);
  expect(stderr).toContain('It names no folder.');
});

test('says where it cannot write', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { status, stdout, stderr } = await page('--out', join(file, 'page'));
  expect([status, stdout]).toEqual([71, '']);
  expect(stderr).toContain(`causeway: E_IO: ${file}`);
  expect(stderr.match(/\n/g)).toHaveLength(1);
});
