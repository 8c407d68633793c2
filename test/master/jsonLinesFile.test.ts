import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkText } from '../../src/language/lines.ts';
import { JsonLinesFile } from '../../src/master/jsonLinesFile.ts';
import { countJoins } from '../../src/master/worlds.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

const unbroken = (error: Error): never => {
  throw error;
};

describe('a file of JSON lines', () => {
  test('has every record, in order, also those beyond what is gathered', () => {
    const path = join(folder, 'many');
    const file = new JsonLinesFile(path, unbroken);
    for (let index = 0; index < 5000; index += 1) file.write({ index, text: 'é'.repeat(20) });
    expect(readFileSync(path, 'utf8').length).toBeGreaterThan(64 * 1024);
    file.close();
    file.close();
    file.write({ late: true });
    const records = readFileSync(path, 'utf8').trim().split('\n');
    expect(records.map((line) => JSON.parse(line).index)).toEqual([...Array(5000).keys()]);
  });

  test('replaces what was there', () => {
    const path = join(folder, 'twice');
    for (const run of [1, 2]) {
      const file = new JsonLinesFile(path, unbroken);
      file.write({ run });
      file.close();
    }
    expect(readFileSync(path, 'utf8')).toBe('{"run":2}\n');
  });

  test('a folder that is not there is the fault of the environment', () => {
    expect(() => new JsonLinesFile(join(folder, 'no', 'file'), unbroken)).toThrow(
      expect.objectContaining({ code: 'E_IO' }),
    );
  });

  test('on a full disk says so once, and takes no more', () => {
    const said: string[] = [];
    const file = new JsonLinesFile('/dev/full', ({ code, message }) => {
      said.push(`${code}: ${message}`);
    });
    for (let index = 0; index < 3_000; index += 1) file.write({ text: 'x'.repeat(50) });
    file.close();
    expect(said).toEqual([expect.stringMatching(/^E_IO: \/dev\/full: ENOSPC/)]);
  });
});

describe('foreseeing', () => {
  test('counts the processes that lines will need', () => {
    const lines = [
      'joinServer 0',
      '  joinServer\t1',
      'joinClient 5 0',
      'joinClient 5 1',
      '# joinServer 2',
      'joinServer x',
      'killServer 0',
      'joinServer 0',
      'joinServer 9\u0007',
    ];
    expect(countJoins(lines.map((text, index) => checkText(index + 1, text)))).toEqual({
      server: 3,
      client: 1,
    });
  });
});
