import { describe, expect, it } from 'vitest';
import { createRandomStream, randomBelow } from '../../../src/kernel/random.ts';
import {
  formatGolden,
  type GoldenFile,
  GoldenFileError,
  parseGolden,
} from '../../../src/language/golden/goldenFile.ts';
import {
  type GoldenOutputs,
  indexOf,
  nameAll,
  nameOf,
  OutputCollection,
  type PrintedLine,
} from '../../../src/language/golden/outputs.ts';

const NO_SCRIPT = { name: 'race.txt', script: [], options: '' };

/** Each run is a list of `LINE TEXT`. */
function collect(...runs: (readonly string[])[]): GoldenOutputs {
  const collection = new OutputCollection();
  for (const [index, run] of runs.entries()) {
    const lines = run.map((printed): PrintedLine => {
      const [, line, text = ''] = /^([0-9]+) (.*)$/s.exec(printed) ?? [];
      return { line: Number(line), text };
    });
    collection.add(lines, `--seed ${index + 1}`);
  }
  return collection.end();
}

function throughText(golden: GoldenOutputs): GoldenFile {
  return parseGolden(`${formatGolden(golden, NO_SCRIPT).join('\n')}\n`);
}

describe('formatGolden', () => {
  const script = ['# comment', 'get 10 x', '\tget 11 x ', '', 'printStore 0'];

  it('has each line once, with the outputs that have it, below the line that printed it', () => {
    const red = ['2 x:red', '3 x:red', '5 x:red', '5 y:1'];
    const mixed = ['2 x:blue', '3 x:red', '5 x:red', '5 y:1'];
    const blue = ['2 x:blue', '3 x:blue', '5 x:blue', '5 y:1'];
    const golden = collect(red, mixed, red, blue, red);
    expect(formatGolden(golden, { name: 'race.txt', script, options: '' }).slice(2)).toEqual([
      'A: 3 of 5 runs, the first with --seed 1',
      'B: 1 of 5 runs, the first with --seed 2',
      'C: 1 of 5 runs, the first with --seed 4',
      ...['', '2: get 10 x', 'A> x:red', 'B,C> x:blue'],
      ...['', '3: get 11 x', 'A,B> x:red', 'C> x:blue'],
      ...['', '5: printStore 0', 'A,B> x:red', 'C> x:blue', '> y:1'],
    ]);
  });

  it('names no output where there is one', () => {
    const golden = collect(['2 x:1'], ['2 x:1']);
    expect(formatGolden(golden, { name: 'one.txt', script, options: '' }).slice(2)).toEqual([
      ...['A: 2 of 2 runs, the first with --seed 1', '', '2: get 10 x', '> x:1'],
    ]);
  });

  it('shortens long lines of the script, and has no control character of them', () => {
    const name = '\u001b[31m.txt';
    const long = { name, script: [`put 5 \u001b[31m${'v'.repeat(200)}`], options: '' };
    const lines = formatGolden(collect(['1 x']), long);
    expect(lines[0]).toContain('\\x1b[31m.txt');
    expect(lines.at(-2)).toMatch(/^1: put 5 \\x1b\[31mv+\.\.\.$/);
    expect(lines.at(-2)?.length).toBeLessThan(100);
  });
});

describe('parseGolden', () => {
  it('reads what formatGolden wrote: one output, two, and many', () => {
    for (const count of [1, 2, 40]) {
      const runs = Array.from({ length: count }, (_, index) => [`1 a`, `2 ${index}`, `3 z`]);
      const golden = collect(...runs);
      expect(golden.outputs).toHaveLength(count);
      expect(throughText(golden)).toMatchObject(golden);
    }
  });

  it('reads answers back that look like anything else in the file', () => {
    const hostile = [
      ...['', ' ', '# x', '#> x', '> x', 'A> x', 'A: 1 of 1 runs, the first with --seed 1', '2:'],
      ...['\\x5cn', '\\', 'x\ty', 'x:  two', '\u2028', 'x ', '\ufeff', '||', 'A,B> y'],
    ];
    const golden = collect(
      hostile.map((text) => `7 ${text}`),
      hostile.toReversed().map((text) => `7 ${text}`),
      [],
    );
    expect(throughText(golden)).toMatchObject(golden);
  });

  it('reads back random outputs, of repeated lines too', () => {
    const random = createRandomStream(2, 'golden');
    const drawRun = (): string[] =>
      Array.from({ length: randomBelow(random, 7) }, () => {
        return `${randomBelow(random, 3)} ${randomBelow(random, 3)}`;
      });
    for (let round = 0; round < 200; round += 1) {
      const golden = collect(...Array.from({ length: 1 + randomBelow(random, 6) }, drawRun));
      expect(throughText(golden)).toMatchObject(golden);
    }
  });

  it('does not mind comments, blank lines, a byte order mark, CRLF, or no lines at all', () => {
    const golden = collect(['2 x:1'], ['2 x:2'], []);
    const text = `\ufeff${formatGolden(golden, NO_SCRIPT).join('\r\n')}\r\n# mine\r\n \r\n`;
    expect(parseGolden(text)).toMatchObject(golden);
    expect(parseGolden('A: 1 of 1 runs, the first with --seed 1').outputs[0]?.lines).toEqual([]);
  });

  it('says the options of the runs, and none where the file names none', () => {
    const golden = collect(['2 x:1'], ['2 x:2']);
    const options = '--gossip off --storage log';
    const lines = formatGolden(golden, { ...NO_SCRIPT, options });
    expect(lines[2]).toBe(`options: ${options}`);
    expect(parseGolden(lines.join('\n'))).toMatchObject({ ...golden, options });
    expect(throughText(golden).options).toBe('');
  });

  it('says for each line where the file has it', () => {
    const golden = collect(['2 x:1', '3 end'], ['2 x:2', '3 end']);
    const text = formatGolden(golden, NO_SCRIPT);
    for (const [index, { lines }] of parseGolden(text.join('\n')).outputs.entries()) {
      const found = lines.map(({ writtenAt }) => text[(writtenAt ?? 0) - 1]);
      expect(found).toEqual([`${nameOf(index)}> x:${index + 1}`, '> end']);
    }
  });

  const A = 'A: 1 of 2 runs, the first with --seed 1\n';
  const B = 'B: 1 of 2 runs, the first with --seed 2\n';
  const ONE_LINE = 'the options stand in one line, before all outputs';
  it.each([
    ['nothing', '', 1, 'no output is named'],
    ['a row without outputs', '# x\n', 2, 'no output is named'],
    ['an output out of turn', `${A}${A}`, 2, 'the next output is B'],
    ['an unknown output', `${A}${B}C> x\n`, 3, 'no output is named C'],
    ['a range that ends beyond', `${A}${B}A-C> x\n`, 3, 'no output is named A-C'],
    ['a range that goes down', `${A}${B}B-A> x\n`, 3, 'no output is named B-A'],
    ['an empty name', `${A}${B}A,> x\n`, 3, 'no output is named '],
    ['another text', `${A}x:1\n`, 2, 'neither an output nor a line of one'],
    ['no blank after the mark', `${A}>x\n`, 2, 'neither an output nor a line of one'],
    ['options after an output', `${A}options: x\n`, 2, ONE_LINE],
    ['options twice', `options: x\noptions: x\n${A}`, 2, ONE_LINE],
    ['an output after lines', `${A}> x\n${B}`, 3, 'outputs are named before all lines'],
  ])('refuses %s', (_what, text, line, why) => {
    const refusal = new GoldenFileError(line, why);
    expect(() => parseGolden(text)).toThrow(refusal);
    try {
      parseGolden(text);
    } catch (error) {
      expect((error as GoldenFileError).line).toBe(line);
    }
  });
});

describe('the names of outputs', () => {
  it('are those of columns, and lead back to the index', () => {
    expect([0, 25, 26, 51, 52, 701, 702].map(nameOf)).toEqual([
      ...['A', 'Z', 'AA', 'AZ', 'BA', 'ZZ', 'AAA'],
    ]);
    for (let index = 0; index < 2_000; index += 1) expect(indexOf(nameOf(index))).toBe(index);
  });

  it('stand together as ranges', () => {
    expect(nameAll([0])).toBe('A');
    expect(nameAll([0, 1, 3])).toBe('A,B,D');
    expect(nameAll([0, 2, 3, 4, 25, 26, 27])).toBe('A,C-E,Z-AB');
  });
});
