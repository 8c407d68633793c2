// The text of the console's `help`.
import { describe, expect, test } from 'vitest';
import { CommandTable } from '../../src/language/commandTable.ts';
import { describeHelp, wrapWords } from '../../src/language/help.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';

const commands = new CommandTable(PROTOCOLS).all('sharded');
const WIDTHS = [20, 40, 59, 60, 80, 132, 1000];

describe('help', () => {
  test.each(WIDTHS)('fits %i columns, and loses no word', (width) => {
    const lines = describeHelp(commands, undefined, width);
    const long = lines.filter((line) => line.length > width && line.trim().includes(' '));
    expect(long).toEqual([]);
    const words = lines.join(' ').split(/ +/).filter(Boolean);
    const all = commands.flatMap(({ usage, about }) => `${usage} ${about}`.split(' '));
    expect(words).toEqual(all);
  });

  test('stands in two columns where there is room', () => {
    const lines = describeHelp(commands, undefined, 80);
    expect(lines).toContain(
      'joinServer s                   starts a server and connects it to every live',
    );
    expect(lines).toContain('                               server, across partitions too');
    expect(lines).toContain('expect [exactly|any|lines|like|nothing] v');
  });

  test('tells what one command does, and prints', () => {
    expect(describeHelp(commands, 'get', 80)).toEqual([
      'get c k',
      '  reads',
      '  prints `k:value`, `k:ERR_KEY`, `k:ERR_DEP` or `k:ERR_UNREACHABLE`',
    ]);
    expect(describeHelp(commands, 'get', 40).slice(2)).toEqual([
      '  prints `k:value`, `k:ERR_KEY`,',
      '  `k:ERR_DEP` or `k:ERR_UNREACHABLE`',
    ]);
  });

  test('names the nearest of an unknown word', () => {
    expect(describeHelp(commands, 'joinServr', 80)).toEqual([
      "'joinServr' is no command; the nearest is joinServer; help alone lists all",
    ]);
    expect(describeHelp(commands, '\u001b[2Jx', 80)).toEqual([
      "'\\x1b[2Jx' is no command; help alone lists all",
    ]);
  });
});

describe('words', () => {
  test.each([
    ['', 10, 0, ['']],
    ['a b c', 3, 0, ['a b', 'c']],
    ['a b c', 3, 1, [' a', ' b', ' c']],
    ['longest word', 4, 0, ['longest', 'word']],
  ])('%j in %i columns after %i blanks', (text, width, indent, lines) => {
    expect(wrapWords(text, width, indent)).toEqual(lines);
  });
});
