import { chmodSync, existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeFolder } from '../../../src/master/submissions/removeFolder.ts';

it('removes a folder that its owner may not write into', () => {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-remove-'));
  mkdirSync(join(folder, 'a', 'b'), { recursive: true });
  writeFileSync(join(folder, 'a', 'b', 'file'), '');
  chmodSync(join(folder, 'a', 'b'), 0o500);
  chmodSync(join(folder, 'a'), 0);
  expect(removeFolder(folder)).toBeUndefined();
  expect(existsSync(folder)).toBe(false);
});

it('tells why it cannot, and throws nothing', () => {
  expect(removeFolder(join(tmpdir(), 'causeway-never-there'))).toBeUndefined();
  expect(removeFolder('/dev/null/x')).toBeDefined();
});
