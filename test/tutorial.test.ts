// docs/tutorial.md is correct: its commands run in the order in which they stand, in a copy of the
// project, and print what the page shows. The part before a protocol of one's own needs no build,
// and runs each time. UPDATE_DOCS=1 writes what they print; with CAUSEWAY_FULL=1 for all of them.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IS_FULL } from './support/extent.ts';
import { readBlocks, replaceBlock, Walk } from './support/walkthrough.ts';

const PAGE = 'docs/tutorial.md';
/** From here on the page changes sources, builds, and runs hundreds of random scripts. */
const SLOW_FROM = '\n## A protocol of your own\n';
const NOT_COPIED = ['.git', 'coverage', 'node_modules'];
const STEP_MS = 600_000;

const page = readFileSync(PAGE, 'utf8');
const isUpdate = process.env.UPDATE_DOCS === '1';
const blocks = readBlocks(page).filter(({ at }) => IS_FULL || at < page.indexOf(SLOW_FROM));
const folder = mkdtempSync(join(tmpdir(), 'causeway-tutorial-'));
const walk = new Walk(folder);

beforeAll(() => {
  for (const name of readdirSync('.').filter((name) => !NOT_COPIED.includes(name))) {
    if (IS_FULL) cpSync(name, join(folder, name), { recursive: true });
    else symlinkSync(join(process.cwd(), name), join(folder, name));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the tutorial', () => {
  it('has a slow half, and no block of an unknown kind', () => {
    expect(page).toContain(SLOW_FROM);
    expect(page.match(/^```/gm)).toHaveLength(2 * readBlocks(page).length);
  });

  it.each([
    ['what was printed in place of what was not', 'a\nc\n', 'a\nb\n'],
    ['a line of which a part is left out', 'a\n...b\n', 'a\n...b\n'],
    ['lines that are left out', '...\nb\n', '...\nb\n'],
    ['a wrong line after them', '...\nc\n', '...\nb\n'],
    ['what the page lacks', 'a\n', 'a\nb\n'],
  ])('shows %s', (_what, shown, seen) => {
    const block = { kind: 'console', file: '', index: 0, at: 0, line: 1 };
    const command = "$ printf 'a\\nb\\n'\n";
    expect(walk.follow({ ...block, text: command + shown })).toBe(command + seen);
  });

  it('needs at most a hundred lines that its reader writes', () => {
    const changes = readBlocks(page).filter(({ kind }) => kind === 'diff');
    const written = changes.flatMap(({ text }) => text.match(/^\+(?!\+\+ )/gm) ?? []);
    expect(written.length).toBeGreaterThan(20);
    expect(written.length).toBeLessThan(100);
  });

  it.each(blocks)('is right from line $line on', { timeout: STEP_MS }, (block) => {
    const seen = walk.follow(block);
    if (isUpdate) writeFileSync(PAGE, replaceBlock(readFileSync(PAGE, 'utf8'), block.index, seen));
    else expect(seen).toBe(block.text);
  });
});
