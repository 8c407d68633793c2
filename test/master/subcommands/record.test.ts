// `causeway record`, and runs that are compared with its file by `--golden`.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulateWords } from './programs.ts';

/** Either write may win, and each client may have seen the other's write or not. */
const RACE = [
  ...['joinServer 0', 'joinServer 1', 'joinClient 10 0', 'joinClient 11 1', 'concurrently'],
  ...['put 10 x red', 'put 11 x blue', 'get 10 x', 'get 11 x', 'end', 'stabilize', 'printStore 0'],
];
const ALONE = ['joinServer 0', 'joinClient 5 0', 'put 5 k a\\x1b #> |', 'get 5 k', 'get 5 none'];

const folder = mkdtempSync(join(tmpdir(), 'causeway-record-'));
afterAll(() => rmSync(folder, { recursive: true }));
const place = (name: string): string => join(folder, name);
const readText = (name: string): string => readFileSync(place(name), 'utf8');

function write(name: string, lines: readonly string[]): string {
  writeFileSync(place(name), `${lines.join('\n')}\n`);
  return place(name);
}

const race = write('race.txt', RACE);
const alone = write('alone.txt', ALONE);

describe('record', () => {
  test('writes the outputs of a race beside the script, the same bytes each time', async () => {
    const first = await simulateWords(['record', '--seeds', '30', race]);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const text = readText('race.golden');
    expect(text).not.toContain(folder);
    const count = Number(/^record: ([0-9]+) outputs in 90 runs\n$/.exec(first.stdout)?.[1]);
    expect(count).toBeGreaterThan(1);
    expect(text.match(/^[A-Z]+: [0-9]+ of 90 runs, the first with --seed /gm)).toHaveLength(count);
    expect(text).toMatch(/^8: get 10 x\n.*> x:(?:red|blue)\n.*> x:(?:red|blue)$/m);
    await simulateWords(['record', '--seeds', '30', '--out', place('again.golden'), race]);
    expect(readText('again.golden')).toBe(text);
  });

  test('counts every run once, and names options that print an output again', async () => {
    await simulateWords(['record', '--seeds', '30', race]);
    const text = readText('race.golden');
    const found = [...text.matchAll(/^([A-Z]+): ([0-9]+) of 90 runs, the first with (.*)$/gm)];
    expect(found.reduce((sum, [, , runs]) => sum + Number(runs), 0)).toBe(90);
    for (const [, name, , first = ''] of found) {
      const words = ['--sim', ...first.split(' '), '--golden', place('race.golden'), race];
      const { status, stderr } = await simulateWords(words);
      expect(status).toBe(0);
      expect(stderr).toContain(`this is output ${name} of `);
    }
  });

  test('has answers as they are printed, and the outcomes of a script that fails', async () => {
    const failing = write('failing.txt', [...ALONE, 'expect none:x', 'nonsense', 'get 5 k']);
    const { status, stdout, stderr } = await simulateWords(['record', '--seeds', '2', failing]);
    expect([status, stdout]).toEqual([65, 'record: 1 output in 6 runs\n']);
    expect(stderr.match(/E_EXPECT.*\(first with --seed 1\)$/gm)).toHaveLength(1);
    expect(stderr.match(/E_UNKNOWN_COMMAND.*\(first with --seed 1\)$/gm)).toHaveLength(1);
    expect(readText('failing.golden').split('\n').slice(4)).toEqual([
      ...['4: get 5 k', '> k:a\\x5cx1b #> |', '', '5: get 5 none', '> none:ERR_KEY'],
      ...['', '8: get 5 k', '> k:a\\x5cx1b #> |', ''],
    ]);
  });

  test('numbers the answers of a file that is included by the line of its include', async () => {
    write('part.txt', ALONE);
    const whole = write('whole.txt', ['# the rest', 'include part.txt']);
    expect(await simulateWords(['record', '--seeds', '1', whole])).toMatchObject({ status: 0 });
    expect(readText('whole.golden')).toContain('2: include part.txt\n> k:a');
  });

  test.each([
    ['no script', [], 'missing required argument'],
    ['stdin', ['-'], 'a script from stdin cannot be run often'],
    ['its own script', ['--out', alone, alone], 'is the same file as'],
    ['no seeds', ['--seeds', '0', alone], 'whole number from 1 to 999999999'],
    ['seeds of real runs', ['--runs', '1', '--seeds', '3', alone], 'leave --seeds'],
  ])('refuses %s', async (_what, words, why) => {
    const { status, stdout, stderr } = await simulateWords(['record', ...words]);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
    expect(readText('alone.txt')).toBe(`${ALONE.join('\n')}\n`);
  });

  test('writes nothing where a file is missing', async () => {
    const { status } = await simulateWords(['record', place('nothing.txt')]);
    expect(status).toBe(71);
    expect(existsSync(place('nothing.golden'))).toBe(false);
  });
});

describe('--golden', () => {
  beforeAll(async () => {
    await simulateWords(['record', '--seeds', '2', '--out', place('alone.golden'), alone]);
  });

  const compare = (file: string, ...words: string[]) =>
    simulateWords(['--golden', place(file), ...words, alone]);

  function mutate(name: string, change: (text: string) => string): string {
    const before = readText('alone.golden');
    const after = change(before);
    expect(after).not.toBe(before);
    writeFileSync(place(name), after);
    return name;
  }

  const ANSWERS = 'k:a\\x5cx1b #> |\nnone:ERR_KEY\n';

  test('says nothing of the one output that there is, in both worlds', async () => {
    const kept = { status: 0, stdout: ANSWERS, stderr: '' };
    expect(await compare('alone.golden', '--sim')).toEqual(kept);
    expect(await compare('alone.golden')).toEqual(kept);
  });

  test('refuses another answer, with its line and what was recorded', async () => {
    const file = mutate('other.golden', (text) => text.replace('ERR_KEY', 'value'));
    const seen = await compare(file, '--sim');
    expect([seen.status, seen.stdout]).toEqual([1, ANSWERS]);
    expect(seen.stderr.replaceAll(`${folder}/`, '')).toBe(
      [
        'causeway: alone.txt: E_GOLDEN: this is no output of other.golden; the nearest output ' +
          'is A (6 of 6 runs):',
        'causeway: other.golden:9: E_GOLDEN: -none:value',
        'causeway: alone.txt:5: E_GOLDEN: +none:ERR_KEY',
        '',
      ].join('\n'),
    );
    const real = await compare(file, '--quiet');
    expect(real.status).toBe(1);
    expect(real.stderr).toContain('the simulation never printed this in the 6 runs of ');
  });

  test('refuses an answer more and one less', async () => {
    const more = mutate('more.golden', (text) => `${text}> one more\n`);
    expect(await compare(more, '--sim')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/more\.golden:10: E_GOLDEN: -one more\n$/),
    });
    const less = mutate('less.golden', (text) => text.replace('> none:ERR_KEY\n', ''));
    expect(await compare(less, '--sim')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/alone\.txt:5: E_GOLDEN: \+none:ERR_KEY\n$/),
    });
  });

  test('accepts any of several, and says where known answers never came together', async () => {
    const [a, b] = ['A: 1 of 2 runs, the first with x', 'B: 1 of 2 runs, the first with y'];
    const known = ['4:', 'A> k:a\\x5cx1b #> |', 'B> k:b', '5:'];
    write('two.golden', [a, b, ...known, 'A> none:ERR_KEY', 'B> none:c']);
    const seen = await compare('two.golden', '--sim');
    expect(seen.status).toBe(0);
    expect(seen.stderr).toMatch(/^causeway: note: this is output A of .*; not seen: B\n$/);
    write('mixed.golden', [a, b, ...known, 'A> none:c', 'B> none:ERR_KEY']);
    const mixed = await compare('mixed.golden', '--sim');
    expect(mixed.status).toBe(1);
    expect(mixed.stderr).toMatch(/note: each line printed what it did in some output/);
  });

  test('shows some of very many differences', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `> ${index}`);
    mutate('many.golden', (text) => `${text}${many.join('\n')}\n`);
    const { status, stderr } = await compare('many.golden', '--sim');
    expect(status).toBe(1);
    expect(stderr.match(/many\.golden:[0-9]+: E_GOLDEN: -[0-9]+$/gm)).toHaveLength(20);
    expect(stderr).toMatch(/: E_GOLDEN: and 80 more lines\n$/);
  });

  test('counts beside other checks, of which bad lines are the most severe', async () => {
    const script = write('bad.txt', [...ALONE, 'nonsense']);
    const file = mutate('bad.golden', (text) => text.replace('ERR_KEY', 'value'));
    const seen = await simulateWords(['--sim', '--golden', place(file), script]);
    expect(seen.status).toBe(65);
    expect(seen.stderr).toContain('E_GOLDEN: -none:value');
  });

  test('refuses a file that is none, before the script runs', async () => {
    write('none.golden', ['A: 1 of 1 runs, the first with x', 'k:a']);
    const seen = await compare('none.golden', '--sim');
    expect([seen.status, seen.stdout]).toEqual([65, '']);
    expect(seen.stderr).toMatch(/none\.golden:2: neither an output nor a line of one\n$/);
    expect(await compare('missing.golden', '--sim')).toMatchObject({ status: 71, stdout: '' });
  });

  test('is of one script and of plain answers, and no file that is written', async () => {
    const file = place('alone.golden');
    for (const words of [
      [alone, alone],
      ['--json', alone],
      ['--trace', file, alone],
    ]) {
      const seen = await simulateWords(['--sim', '--golden', file, ...words]);
      expect(seen, String(words)).toMatchObject({ status: 64, stdout: '' });
    }
  });

  test('says which outputs several real runs printed, and which they never did', async () => {
    const before = readText('alone.golden').replace('A: 6 of 6', 'A: 5 of 6');
    const second = 'B: 1 of 6 runs, the first with --seed 9\n';
    const both = before.replace(/(A: .*\n)/, `$1${second}`).replace('> none', 'A> none');
    writeFileSync(place('both.golden'), both);
    const words = ['record', '--runs', '2', '--out', place('both.golden'), alone];
    expect(await simulateWords(words)).toEqual({
      status: 0,
      stdout: [
        'output A: 2 of 2; in simulation 5 of 6',
        'output B: never; in simulation 1 of 6',
        'another output: never',
        '',
      ].join('\n'),
      stderr: '',
    });
    writeFileSync(place('both.golden'), both.replaceAll('ERR_KEY', 'value'));
    const other = await simulateWords(words);
    expect(other.status).toBe(1);
    expect(other.stdout).toContain('another output: 2 of 2\n');
  });
});
