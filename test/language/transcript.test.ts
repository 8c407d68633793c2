import { expect, it } from 'vitest';
import { splitScript, transcribe } from '../../src/language/transcript.ts';

const LINES = ['# a script', 'get 5 k', '', 'printStore 0'];

it('has what each line said below it, in order, and is the script without that', () => {
  const said = [
    { line: 4, text: 'k:\n' },
    { line: 2, text: 'k:v\n' },
    { line: undefined, text: 'causeway: note: of no line\n' },
    { line: 4, text: '#> l: \n' },
    { line: 9, text: 'there is no such line\n' },
  ];
  const transcript = transcribe(LINES, said);
  expect(transcript).toEqual([
    ...['# a script', 'get 5 k', '#> k:v', '', 'printStore 0', '#> k:', '#> #> l: '],
  ]);
  expect(transcript.filter((line) => !line.startsWith('#> '))).toEqual(LINES);
  expect(transcribe(LINES, [])).toEqual(LINES);
});

it.each([
  ['a\nb\n', ['a', 'b']],
  ['a\r\nb', ['a', 'b']],
  ['a\n\n', ['a', '']],
  ['', []],
])('numbers the lines of %j', (text, lines) => {
  expect(splitScript(text)).toEqual(lines);
});
