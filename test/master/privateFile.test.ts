// Files for their owner only: never written through an existing file or link.
import {
  linkSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makePrivateFolders, replacePrivateFile } from '../../src/master/privateFile.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'causeway-private-'));
  path = join(folder, 'file');
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (name: string): number => statSync(name).mode & 0o777;

describe('a private file', () => {
  test('is readable by its owner only, and leaves nothing beside it', () => {
    replacePrivateFile(path, 'secret');
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['secret', 0o600]);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('takes the place of one that others may read: who has that open sees nothing', () => {
    writeFileSync(path, 'old', { mode: 0o644 });
    linkSync(path, join(folder, 'other'));
    replacePrivateFile(path, 'secret');
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['secret', 0o600]);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('old');
  });

  test('takes another name for a while where one is taken, and leaves that alone', () => {
    const [taken, link] = [`${path}.${process.pid}.1`, `${path}.${process.pid}.2`];
    writeFileSync(taken, 'left', { mode: 0o644 });
    symlinkSync(taken, link);
    replacePrivateFile(path, 'secret');
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['secret', 0o600]);
    expect([readFileSync(taken, 'utf8'), modeOf(taken)]).toEqual(['left', 0o644]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('is not written through a link', () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'old');
    symlinkSync(other, path);
    replacePrivateFile(path, 'secret');
    expect([readFileSync(other, 'utf8'), lstatSync(path).isFile()]).toEqual(['old', true]);
  });

  test.each([
    ['a folder', '.'],
    ['nowhere', 'no/file'],
    ['a device', '../../../../../../dev/null'],
  ])('that is %s is the fault of the environment', (_what, name) => {
    expect(() => replacePrivateFile(join(folder, name), 'secret')).toThrow(
      expect.objectContaining({ name: 'EnvironmentError', code: 'E_IO' }),
    );
    expect(readdirSync(folder)).toEqual([]);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});

describe('private folders', () => {
  test('are made with those above them, for their owner only', () => {
    const inner = join(folder, 'a', 'b');
    makePrivateFolders(inner);
    makePrivateFolders(inner);
    expect([modeOf(inner), modeOf(dirname(inner))]).toEqual([0o700, 0o700]);
  });

  test.each([
    ['where the system makes none', () => '/proc/a/b'],
    ['below a file', () => join(path, 'a')],
  ])('%s are refused at once', (_where, choose) => {
    writeFileSync(path, '');
    expect(() => makePrivateFolders(choose())).toThrow(expect.objectContaining({ code: 'E_IO' }));
  });
});
