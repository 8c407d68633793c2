// docs/nodes.md is correct: its commands run in the order in which they stand, and print what the
// page shows. UPDATE_DOCS=1 writes what they print.
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readBlocks, replaceBlock, Walk } from '../support/walkthrough.ts';
import { hasProgram } from './runNodes.ts';

const PAGE = 'docs/nodes.md';
const IN_GO = '\n## In Go\n';

const page = readFileSync(PAGE, 'utf8');
const isUpdate = process.env.UPDATE_DOCS === '1';
const folder = mkdtempSync(join(tmpdir(), 'causeway-nodes-page-'));
const walk = new Walk(folder);
const hasPython = hasProgram('python3', '--version');
const hasGo = hasProgram('go', 'version');
const blocks = readBlocks(page).filter(({ at }) => hasGo || at < page.indexOf(IN_GO));

for (const name of ['master.js', 'dist', 'examples', 'package.json', 'node_modules']) {
  symlinkSync(join(process.cwd(), name), join(folder, name));
}
afterAll(() => rmSync(folder, { recursive: true }));

describe.runIf(hasPython)("the page of one's own servers", () => {
  it('has the example as its server', () => {
    expect(page).toContain(IN_GO);
    const [server] = readBlocks(page);
    expect(server?.text).toBe(readFileSync('examples/nodes/python/local.py', 'utf8'));
  });

  it.each(blocks)('is right from line $line on', { timeout: 120_000 }, (block) => {
    const seen = walk.follow(block);
    if (isUpdate) writeFileSync(PAGE, replaceBlock(readFileSync(PAGE, 'utf8'), block.index, seen));
    else expect(seen).toBe(block.text);
  });
});
