// A script whose parts are in files that it includes, in both worlds. It is not among the shipped
// scripts, whose transcripts are of one file each, and which tests also read from stdin: `include`
// does not work there.
import { execa } from 'execa';
import { expect, test } from 'vitest';

const STORY = 'test/scripts/included/story.txt';
const FOLDER = 'test/scripts/included/questions';
const ANSWERS = 'tea:green\ntea:green\ntea:black\ntea:green\n';
const refusal = (line: number): string =>
  `causeway: ${FOLDER}/other.txt:2: E_EXISTS: server 0 is alive ` +
  `(included at ${FOLDER}/ask.txt:2, ${STORY}:${line})\n`;

test.each([
  ['in simulation', ['--sim']],
  ['on real processes', []],
])('%s it answers as one text would, and names each place', async (_world, words) => {
  const ran = await execa(process.execPath, ['master.js', ...words, STORY], {
    reject: false,
    stripFinalNewline: false,
  });
  expect(ran).toMatchObject({ exitCode: 65, stdout: ANSWERS, stderr: refusal(5) + refusal(8) });
});
