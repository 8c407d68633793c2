// Words that commands print keep their meaning when a user pastes them into a shell.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { quoteWord } from '../../src/master/quoteWord.ts';

test.each([
  'found.txt',
  'loss=0.1,delay=1..40',
  '',
  'two words.txt',
  "it's",
  '$HOME `id` "x" \\ * ; | & ~',
  '-n',
  'line\nbreak',
  'é😀',
])('%j', (word) => {
  const command = `for word in ${quoteWord(word)}; do printf '<%s>' "$word"; done`;
  expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toBe(`<${word}>`);
});

test('a plain word is left alone', () => {
  expect(quoteWord('--faults=loss=0.1,tail=0.05:2000')).toBe('--faults=loss=0.1,tail=0.05:2000');
});
