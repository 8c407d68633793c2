// The line that a user types, on a screen as a terminal shows it.
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { LineEditor } from '../../src/master/lineEditor.ts';
import { Screen } from '../support/screen.ts';

const COLUMNS = 20;
const CTRL_C = '\u0003';
const LEFT = '\u001b[D';

const opened: LineEditor[] = [];
afterEach(() => {
  for (const editor of opened.splice(0)) editor.close();
});

function open() {
  const [input, screen] = [new PassThrough(), new Screen(COLUMNS)];
  const interrupts: boolean[] = [];
  const editor = new LineEditor({
    input,
    screen,
    history: [],
    completer: () => [[], ''],
    onInterrupt: (hasText) => interrupts.push(hasText),
  });
  opened.push(editor);
  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) input.write(key);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const say = (text: string): void => editor.beside(() => screen.write(text));
  return { editor, screen, interrupts, press, say };
}

describe('other output', () => {
  test('appears above a line that is half typed', async () => {
    const { editor, screen, press, say } = open();
    const line = editor.next('> ');
    await press(...'put 5 k');
    say('a server died\n');
    expect(screen.rows).toEqual(['a server died', '> put 5 k']);
    await press(...' v', '\r');
    expect(await line).toBe('put 5 k v');
    expect(screen.rows).toEqual(['a server died', '> put 5 k v', '']);
  });

  test.each([0, 3, 19, 25, 40])(
    'appears above a line of three rows, with the cursor %i characters before its end',
    async (back) => {
      const { editor, screen, press, say } = open();
      const line = editor.next('> ');
      const typed = 'put 5 a-key and-words of some length';
      await press(...typed);
      await press(...Array.from({ length: Math.min(back, typed.length) }, () => LEFT));
      const before = screen.cursor;
      say('first\nsecond\n');
      const shown = ['> put 5 a-key and-wo', 'rds of some length'];
      expect(screen.rows).toEqual(['first', 'second', ...shown]);
      expect(screen.cursor).toEqual({ row: before.row + 2, column: before.column });
      say('third\n');
      await press('!', '\r');
      const at = typed.length - Math.min(back, typed.length);
      expect(await line).toBe(`${typed.slice(0, at)}!${typed.slice(at)}`);
      expect(screen.rows.slice(0, 3)).toEqual(['first', 'second', 'third']);
      expect(screen.rows.slice(3, 5).join('')).toBe(`> ${typed.slice(0, at)}!${typed.slice(at)}`);
    },
  );

  test('appears above what is typed while a command runs, and under no prompt', async () => {
    const { editor, screen, press, say } = open();
    const line = editor.next('> ');
    await press('a', '\r');
    await line;
    say('answer 1\n');
    await press(...'next');
    say('answer 2\n');
    expect(screen.rows).toEqual(['> a', 'answer 1', 'answer 2', 'next']);
    const second = editor.next('> ');
    expect(screen.rows).toEqual(['> a', 'answer 1', 'answer 2', '> next']);
    await press('\r');
    expect(await second).toBe('next');
  });
});

describe('a line', () => {
  test('that was typed ahead is taken in its turn, and shown again', async () => {
    const { editor, screen, press } = open();
    const first = editor.next('> ');
    await press('a', '\r', 'b', '\r', 'c', '\r');
    expect([await first, await editor.next('> '), await editor.next('> ')]).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(screen.rows).toEqual(['> a', 'b', 'c', '> b', '> c', '']);
  });

  test('that was typed ahead can be forgotten', async () => {
    const { editor, press } = open();
    const first = editor.next('> ');
    await press('a', '\r', 'b', '\r', 'c', '\r');
    await first;
    expect(editor.forgetAhead()).toBe(2);
    const next = editor.next('> ');
    await press('d', '\r');
    expect(await next).toBe('d');
  });

  test('is taken back by Ctrl-C, also from its middle', async () => {
    const { editor, press, interrupts } = open();
    const line = editor.next('> ');
    await press(...'abc', LEFT, CTRL_C, CTRL_C, 'd', '\r');
    expect(await line).toBe('d');
    expect(interrupts).toEqual([true, false]);
  });

  test('does not come after the end, but those before it do', async () => {
    const { editor, press } = open();
    const line = editor.next('> ');
    await press('a', '\r', 'b', '\r', '\u0004');
    expect([await line, await editor.next('> ')]).toEqual(['a', 'b']);
    expect(await editor.next('> ')).toBeUndefined();
  });
});
