// A failure as a file: it says what broke, with its own line numbers, and how to reproduce it.
import { expect, test } from 'vitest';
import { writeScript } from '../../src/fuzz/scriptFile.ts';
import { NO_FAULTS } from '../../src/sim/faultPlan.ts';
import { plain } from '../support/tinyProtocols.ts';
import { createFakeLanguage } from './fakeLanguage.ts';

const testCase = { protocol: plain, seed: 7, faults: NO_FAULTS, lines: ['heal', 'stabilize'] };
const language = createFakeLanguage((lines) =>
  lines.includes('heal') ? `C4: broke in line ${lines.length}` : undefined,
);

test('the lines that it names are those of the file', async () => {
  const failure = { kind: 'C4', sentence: 'C4: broke in line 1', line: 1, ending: [] };
  expect(await writeScript(language, { testCase, failure }, 'found.txt')).toBe(
    [
      '# broken: C4: broke in line 6',
      '# protocol plain, seed 7, faults none',
      '# judged again:   node master.js replay --protocol plain --seed 7 found.txt',
      '# in simulation:  node master.js --sim --protocol plain --seed 7 found.txt',
      '# on processes:   node master.js --protocol plain --seed 7 found.txt',
      'heal',
      'stabilize',
      '',
    ].join('\n'),
  );
});

test('faults are named, and a guarantee is asked for', async () => {
  const faults = { ...NO_FAULTS, loss: 0.1 };
  const failure = { kind: 'monotonic-reads', sentence: 'went back', line: 1, ending: [] };
  const text = await writeScript(language, { testCase: { ...testCase, faults }, failure }, 'f');
  expect(text).toContain('replay --protocol plain --seed 7 --faults loss=0.1 f\n');
  expect(text).toContain('--seed 7 --faults loss=0.1 --check monotonic-reads f\n');
  expect(text).toContain('node master.js --protocol plain --seed 7 --check monotonic-reads f\n');
});

test('what needs a second run on the same disks is run twice on processes', async () => {
  const faults = { ...NO_FAULTS, newRun: 1 };
  const failure = { kind: 'C4', sentence: 'C4: broke', line: 1, ending: [] };
  const text = await writeScript(language, { testCase: { ...testCase, faults }, failure }, 'f');
  const once = 'node master.js --protocol plain --seed 7 --data DATA f';
  expect(text).toContain(`# on processes:   ${once}; ${once}\n`);
});
