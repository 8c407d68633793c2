import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LINE_BYTES, readLines, type ScriptLine } from '../../src/language/lines.ts';
import { inChunks } from '../support/runScript.ts';

async function read(...chunks: (string | Uint8Array)[]): Promise<ScriptLine[]> {
  const lines: ScriptLine[] = [];
  for await (const batch of readLines(inChunks(...chunks))) lines.push(...batch);
  return lines;
}

async function texts(...chunks: (string | Uint8Array)[]): Promise<(string | undefined)[]> {
  return (await read(...chunks)).map((line) => ('text' in line ? line.text : line.problem));
}

function bytewise(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

describe('lines', () => {
  test('A1 empty input has no lines', async () => {
    expect(await read()).toEqual([]);
    expect(await read('')).toEqual([]);
  });

  test('A3 a last line without newline is a line, an end behind a newline is none', async () => {
    expect(await texts('a\nb')).toEqual(['a', 'b']);
    expect(await texts('a\nb\n')).toEqual(['a', 'b']);
    expect(await texts('a\n\n')).toEqual(['a', '']);
  });

  test('A4 CRLF is LF, wherever the chunks are cut', async () => {
    expect(await texts('a\r\nb\r\n')).toEqual(['a', 'b']);
    expect(await texts('a\r', '\nb\r')).toEqual(['a', 'b']);
    expect(await texts('\r\n\r\n')).toEqual(['', '']);
  });

  test('lines of one chunk are the same as lines byte by byte', async () => {
    const bad = Buffer.from([0x61, 0xff, 0x0a]);
    for (const odd of ['é\t\u2028', 'b\u0001', 'b\rc', '\ufeffb', 'b\r', bad]) {
      const parts = ['a\nb\r\n\n', odd, '\nc\nd\r\ne'].map((part) => Buffer.from(part));
      const whole = Buffer.concat(parts);
      const bytes = Array.from(whole, (_byte, at) => whole.subarray(at, at + 1));
      expect(await read(whole)).toEqual(await read(...bytes));
    }
  });

  test('A5 a lone carriage return makes the line bad, and no second line', async () => {
    expect(await read('put 1 k a\rput 1 k b\nc\n')).toEqual([
      {
        number: 1,
        problem: 'E_CONTROL_CHAR',
        why: 'the control character \\x0d, at character 10 of the line',
        isFatal: false,
        legible: 'put 1 k a\rput 1 k b',
      },
      { number: 2, text: 'c' },
    ]);
    expect(await texts('a\r\r\n')).toEqual(['E_CONTROL_CHAR']);
  });

  test.each(['\u0001', '\u0007', '\u001b', '\u007f', '\u0085', '\u009b'])(
    'the control character %j is refused',
    async (character) => {
      expect(await texts(`put 1 k a${character}b\n`)).toEqual(['E_CONTROL_CHAR']);
    },
  );

  test('the tab and the separators of Unicode are no control characters', async () => {
    expect(await texts('a\tb\u2028c\u00a0d\n')).toEqual(['a\tb\u2028c\u00a0d']);
  });

  test('A6 a byte order mark is dropped, at the very beginning only', async () => {
    expect(await texts('\u{feff}joinServer 0\n\u{feff}x')).toEqual(['joinServer 0', '\u{feff}x']);
    expect(await texts(...bytewise(Buffer.from('\u{feff}a\n')))).toEqual(['a']);
    expect(await texts('\u{feff}')).toEqual(['']);
  });

  test('A7 a NUL byte ends the reading, after the lines before it', async () => {
    const lines = await read('a\nb\0c\nd\n', 'e\n');
    expect(lines.slice(0, 1)).toEqual([{ number: 1, text: 'a' }]);
    expect(lines.slice(1)).toMatchObject([{ number: 2, problem: 'E_ENCODING', isFatal: true }]);
  });

  test.each([
    ['little-endian', Buffer.from('\u{feff}joinServer 0\n', 'utf16le')],
    ['without a mark', Buffer.from('joinServer 0\n', 'utf16le')],
    ['big-endian', Buffer.from('\u{feff}joinServer 0\n', 'utf16le').swap16()],
    ['of no ASCII at all', Buffer.from('\u{feff}\u{3042}\n\u{3044}', 'utf16le')],
  ])('A7 UTF-16 %s ends the reading at line 1', async (_name, bytes) => {
    const lines = await read(bytes);
    expect(lines).toMatchObject([{ number: 1, problem: 'E_ENCODING', isFatal: true }]);
  });

  test('A7 a NUL byte inside an overlong line is found too', async () => {
    const lines = await read(Buffer.alloc(2 * LINE_BYTES, 'a'), Buffer.alloc(1), 'b\n');
    expect(lines.map((line) => [line.number, 'problem' in line && line.problem])).toEqual([
      [1, 'E_LINE_TOO_LONG'],
      [1, 'E_ENCODING'],
    ]);
  });

  test('A8 invalid UTF-8 spoils its line only, and U+FFFD itself is valid', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a'),
      Buffer.from([0xff, 0x0a]),
      Buffer.from('b\ufffd\n'),
    ]);
    expect(await texts(bytes)).toEqual(['E_ENCODING', 'b\ufffd']);
    expect(await texts(Buffer.from([0xc3, 0x0a]))).toEqual(['E_ENCODING']);
  });

  test('A10 a line over 1 MiB is reported once and skipped up to its newline', async () => {
    const most = 'x'.repeat(LINE_BYTES);
    expect(await texts(`${most}\r\n${most}y\nz\n`)).toEqual([most, 'E_LINE_TOO_LONG', 'z']);
    expect(await texts(most, 'y', most, '\nz')).toEqual(['E_LINE_TOO_LONG', 'z']);
    expect(await texts(most, 'y\nz')).toEqual(['E_LINE_TOO_LONG', 'z']);
    expect(await texts(most, '\r', '\nz')).toEqual([most, 'z']);
  });

  test('A11 endless input without a newline takes no memory', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 300; count += 1) yield chunk;
    }
    const before = process.memoryUsage().rss;
    const problems: string[] = [];
    for await (const batch of readLines(endless())) {
      for (const line of batch) problems.push('problem' in line ? line.problem : line.text);
    }
    expect(problems).toEqual(['E_LINE_TOO_LONG']);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test('A12 the next bytes are asked for only when the batch has been dealt with', async () => {
    let given = 0;
    async function* producer(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 1;
        yield Buffer.from('# one\n# two\n');
      }
    }
    let taken = 0;
    for await (const batch of readLines(producer())) {
      taken += 1;
      expect(given).toBe(taken);
      expect(batch).toHaveLength(2);
      if (taken === 1000) break;
    }
  });

  test('a line that comes byte by byte is read in linear time', async () => {
    const byte = Buffer.from('x');
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < LINE_BYTES; count += 1) yield byte;
    }
    // Copying the line for each of its bytes would move half a terabyte.
    for await (const [line] of readLines(slow()))
      expect(line).toHaveProperty('text.length', LINE_BYTES);
  });

  test('however the bytes are cut, the lines are the same', async () => {
    const piece = fc.constantFrom('a', '\n', '\r\n', '\r', 'é', '\u{feff}', '\t', '\0', '\u0007');
    const script = fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join('')));
    await fc.assert(
      fc.asyncProperty(script, async (bytes) => {
        expect(await read(...bytewise(bytes))).toEqual(await read(bytes));
      }),
    );
  });
});
