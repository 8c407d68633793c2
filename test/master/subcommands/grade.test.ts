import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launch } from '../../scripts/programs.ts';
import { simulateWords } from './programs.ts';

describe('causeway grade', () => {
  it('gives a chain all of its points, and the exit status says so', async () => {
    const words = ['grade', 'chain', '--seed', '5', '--points', '23'];
    const { status, stdout, stderr } = await simulateWords(words);
    expect(stderr).toBe('');
    const points = ['3/3', '4/4', '3/3', '5/5', '5/5', '3/3', '23/23'];
    expect(stdout.match(/\d+\/\d+/g)).toEqual(points);
    expect(status).toBe(0);
  });

  it('takes options of the protocol', async () => {
    const words = ['grade', 'chain', 'storage=log', 'reads=any', '--phase', '4'];
    const { stdout, stderr } = await simulateWords(words);
    const title = 'one failure before each operation';
    expect([stdout, stderr]).toEqual([`phase 4: 10/10  ${title}\ntotal: 10/10\n`, '']);
  });

  it('plays one phase alone, the same on real processes', async () => {
    const words = ['grade', 'chain', '--phase', '2'];
    const simulated = await simulateWords(words);
    expect(simulated).toEqual({
      status: 0,
      stdout: 'phase 2: 10/10  concurrent, different keys\ntotal: 10/10\n',
      stderr: '',
    });
    expect(await launch(Buffer.from(''), [...words, '--processes'])).toEqual(simulated);
  });

  it('says what it does', async () => {
    const { status, stdout } = await simulateWords(['grade', '--help']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Usage: causeway grade \[options\] <protocol> \[settings...\]\n/);
  });

  it.each([
    ['of another purpose', ['letter.txt'], '.', 'E_LOG_FOREIGN: .* has letter.txt in it'],
    ['that is a file', ['letter.txt'], 'letter.txt', 'E_IO: .*ENOTDIR'],
    ['where none can be made', [], '/proc/causeway', 'E_IO: .*ENOENT'],
  ])('writes nothing into a folder %s', async (_what, names, path, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-grade-'));
    for (const name of names) writeFileSync(join(folder, name), '');
    const words = ['grade', 'chain', 'storage=log', '--processes', '--data', resolve(folder, path)];
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stdout]).toEqual([71, '']);
    expect(stderr).toMatch(new RegExp(`^causeway: ${why}`));
    expect(readdirSync(folder)).toEqual(names);
    rmSync(folder, { recursive: true });
  });

  it.each([
    [['grade'], "missing required argument 'protocol'"],
    [['grade', 'nothing'], "'nothing' is no protocol; there is causal, chain"],
    [['grade', 'causal'], 'cannot show all of its keys'],
    [['grade', 'chain', '--seed', 'x'], 'A seed is a whole number'],
    [['grade', 'chain', '--phase', '7'], 'Allowed choices are 1, 2, 3, 4, 5, 6'],
    [['grade', 'chain', '--points', '18'], 'Allowed choices are 60, 23'],
    [['grade', 'chain', 'causal'], "'causal' is not name=value"],
    [['grade', 'chain', 'reads=all'], "'all' is no value of reads"],
    [['grade', 'chain', '--processes', '--data', ''], 'It names no folder'],
    [['grade', 'chain', '--data', 'x'], '--data is for real processes with storage=log'],
    [['grade', 'chain', 'storage=log', '--data', 'x'], '--data is for real processes'],
  ])('%j is wrong usage', async (words, why) => {
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
  });
});
