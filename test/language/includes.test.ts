// Lines of other files in the place of `include`: where they come from is kept, and what cannot be
// read ends the script with a clear error.
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readWithIncludes, type ScriptFiles } from '../../src/language/includes.ts';
import { readLines, type ScriptLine } from '../../src/language/lines.ts';
import { Report } from '../../src/language/report.ts';
import { inChunks, runScript } from '../support/runScript.ts';

const filesOf = (files: { readonly [path: string]: string }): ScriptFiles => ({
  resolve: (name, from) => posix.join(posix.dirname(from), name),
  identify: (path) => path,
  whyUnreadable: (path) => (Object.hasOwn(files, path) ? undefined : `${path}: there is none`),
  read: (path) => readLines(inChunks(files[path] ?? '')),
});

async function read(files: { readonly [path: string]: string }, path = 'a.txt') {
  const lines: ScriptLine[] = [];
  const own = readLines(inChunks(files[path] ?? ''));
  for await (const batch of readWithIncludes(path, own, filesOf(files))) lines.push(...batch);
  return lines;
}

/** As a diagnostic names them: `b.txt:2: text`. */
async function told(files: { readonly [path: string]: string }): Promise<string[]> {
  const report = new Report(
    { answer: () => undefined, diagnostic: () => undefined },
    { isJson: false, isQuiet: false },
    'a.txt',
  );
  return (await read(files)).flatMap((line) => {
    if ('problem' in line) return [`${report.nameOf(line)}: ${line.problem}: ${line.why}`];
    return line.isIncluded ? [] : [`${report.nameOf(line)}: ${line.text}`];
  });
}

describe('include', () => {
  test('stands for the lines of the file, with their places', async () => {
    const files = {
      'a.txt': 'one\ninclude lib/b.txt\ntwo',
      'lib/b.txt': 'b1\r\ninclude c.txt\nb3',
      'lib/c.txt': 'c1\n',
    };
    expect(await told(files)).toEqual([
      'a.txt:1: one',
      'lib/b.txt:1: b1',
      'lib/c.txt:1: c1',
      'lib/b.txt:3: b3',
      'a.txt:3: two',
    ]);
    const inner = (await read(files)).find((line) => 'text' in line && line.text === 'c1');
    expect(inner).toEqual({
      number: 2,
      text: 'c1',
      origin: { file: 'lib/c.txt', number: 1, includedAt: ['lib/b.txt:2', 'a.txt:2'] },
    });
  });

  test('may be repeated, and name one file twice', async () => {
    const files = { 'a.txt': 'include b.txt\n \tinclude \t b.txt ', 'b.txt': 'x' };
    expect(await told(files)).toEqual(['b.txt:1: x', 'b.txt:1: x']);
  });

  test('leaves scripts without it as they are', async () => {
    const files = { 'a.txt': '# include b.txt\nput 1 x include b.txt\nincludes b.txt' };
    expect(await told(files)).toEqual([
      'a.txt:1: # include b.txt',
      'a.txt:2: put 1 x include b.txt',
      'a.txt:3: includes b.txt',
    ]);
  });

  test('A59 of a file that includes it is refused, with the way there', async () => {
    const files = { 'a.txt': 'x\ninclude b.txt\ny', 'b.txt': 'z\n\ninclude a.txt\n' };
    expect(await told(files)).toEqual([
      'a.txt:1: x',
      'b.txt:1: z',
      'b.txt:2: ',
      "b.txt:3: E_INCLUDE: 'a.txt' would include itself: a.txt:2, b.txt:3; the script ends here",
    ]);
    expect(await told({ 'a.txt': 'include a.txt' })).toEqual([
      "a.txt:1: E_INCLUDE: 'a.txt' would include itself: a.txt:1; the script ends here",
    ]);
  });

  test.each([
    ['include', 'E_ARGS: the file is missing; usage: include file'],
    ['include no.txt', 'E_INCLUDE: no.txt: there is none'],
  ])('%s is refused, and nothing after it is read', async (line, why) => {
    const files = { 'a.txt': `include b.txt\nx`, 'b.txt': `${line}\ny` };
    expect(await told(files)).toEqual([`b.txt:1: ${why}; the script ends here`]);
  });

  test('has a limit on the depth and the number of files', async () => {
    const deep = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`f${index}.txt`, `include f${index + 1}.txt`]),
    );
    const told16 = await told({ ...deep, 'a.txt': 'include f0.txt' });
    expect(told16).toEqual(['f15.txt:1: E_LIMIT: 16 files deep is the most; the script ends here']);
    const wide = await told({ 'a.txt': 'include b.txt\n'.repeat(1_001), 'b.txt': '' });
    expect(wide).toEqual(['a.txt:1001: E_LIMIT: 1000 includes are the most; the script ends here']);
  });

  test('of a file that is no text ends the script in that file', async () => {
    const files = { 'a.txt': 'include b.txt\nx', 'b.txt': 'y\n\0z\n' };
    expect(await told(files)).toEqual([
      'b.txt:1: y',
      expect.stringMatching(/^b\.txt:2: E_ENCODING: a NUL byte/),
    ]);
  });

  test('has no place in a script that is no file', async () => {
    const { stderr, isOver } = await runScript('joinServer 0\ninclude b.txt\njoinServer 1\n');
    expect(stderr).toBe(
      'causeway: stdin:2: E_NOT_HERE: there is no file to start from: include works in the ' +
        'scripts of a command line\n',
    );
    expect(isOver).toBe(true);
  });
});

describe('a report', () => {
  test('names the file of an included line, and where it was included', () => {
    const said: string[] = [];
    const sink = {
      answer: (text: string) => void said.push(text),
      diagnostic: (text: string) => void said.push(text),
    };
    const origin = { file: 'lib/b.txt', number: 7, includedAt: ['c.txt:2', 'a.txt:3'] };
    const place = { number: 3, origin };
    const report = new Report(sink, { isJson: true, isQuiet: false }, 'a.txt').forLine(place);
    report.error('E_ARGS', 'no');
    report.note('so');
    report.print(['x:1'], { key: 'x' });
    expect(said).toEqual([
      'causeway: lib/b.txt:7: E_ARGS: no (included at c.txt:2, a.txt:3)\n',
      'causeway: lib/b.txt:7: note: so\n',
      '{"line":3,"at":"lib/b.txt:7","key":"x"}\n',
    ]);
  });
});
