// docs/histories.md is correct: its commands give the output that it shows, and its conversion to
// another tool and back works.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORMATS } from '../src/histories/index.ts';

const page = readFileSync('docs/histories.md', 'utf8');
const MASTER = resolve('master.js');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-page-'));
  const write = (name: string, block: RegExp): void =>
    writeFileSync(join(folder, name), block.exec(page)?.[1] ?? '');
  write('stale.edn', /```edn\n([\s\S]*?)```/);
  write('lost.edn', /```edn\n[\s\S]*?```edn\n([\s\S]*?)```/);
  write('half.txt', /```plume\n([\s\S]*?)```/);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(words: string) {
  const given = words
    .replace('inputs/', `${resolve('inputs')}/`)
    .split(' ')
    .slice(2);
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const { stdout, stderr, status } = spawnSync(process.execPath, [MASTER, ...given], options);
  return { stdout, stderr, status };
}

describe('the page on histories', () => {
  const shown = [...page.matchAll(/```\n\$ (.*)\n([\s\S]*?)```/g)];

  it('shows commands', () => expect(shown).toHaveLength(5));

  it.each(shown.map(([, command = '', output]) => [command, output]))('%s', (command, output) => {
    const { stdout, stderr, status } = run(command);
    expect(stdout).toBe(output);
    expect(status).toBe(command.includes('--level') ? 1 : 0);
    for (const note of stderr.split('\n').filter(Boolean)) expect(page).toContain(`\`${note}\``);
  });

  it('goes to another tool and back', () => {
    const [, block = ''] = /```\n(node master\.js --sim[\s\S]*?)```/.exec(page) ?? [];
    const results = block.trim().split('\n').map(run);
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0]);
    for (const { stdout } of results.slice(1)) expect(stdout).toBe('causal: holds\n');
  });

  it('shows a program that judges a history and writes it in another format', () => {
    const [, program = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(resolve('.'), join(folder, 'node_modules', 'causeway-kv'));
    writeFileSync(
      join(folder, 'user.mjs'),
      `import { readFileSync } from 'node:fs';
      const text = readFileSync('stale.edn', 'utf8');
      ${program}
      process.stdout.write([outcome, ...lines, ...losses].join('\\n'));`,
    );
    const options = { cwd: folder, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(process.execPath, ['user.mjs'], options);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'broken',
      '{:process 0, :type :invoke, :f :put, :key "x", :value "1"}',
      '{:process 0, :type :ok, :f :put, :key "x", :value "1"}',
      '{:process 1, :type :invoke, :f :get, :key "x", :value nil}',
      '{:process 1, :type :ok, :f :get, :key "x", :value ""}',
      'times other than their order',
    ]);
  });

  it('names every format', () => {
    for (const { name } of FORMATS) expect(page).toContain(`| \`${name}\` |`);
  });
});
