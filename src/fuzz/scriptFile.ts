// Writes a failure as a script. Its comments say what broke and how to reproduce it.
import { LEVELS } from '../checkers/index.ts';
import { DEFAULT_SEED } from '../kernel/seed.ts';
import { NO_FAULTS } from '../sim/faultPlan.ts';
import { formatFaults } from '../sim/faultText.ts';
import { runTwice } from './search.ts';
import type { ScriptLanguage } from './session.ts';
import { type Failure, type TestCase, tellFailure } from './testCase.ts';

/** The command-line options that reproduce the seed and the faults of a test case. */
export function describeOptions({ protocol, seed, faults }: TestCase): string {
  const plan = formatFaults(faults);
  const named = plan === formatFaults(NO_FAULTS) ? '' : ` --faults ${plan}`;
  return `--protocol ${protocol.name} --seed ${seed}${named}`;
}

/**
 * The text of the file; `file` is its name, used in the commands, quoted for the shell. Runs the
 * test case again in its final form, so that the sentence has the line numbers of the file.
 */
export async function writeScript(
  language: ScriptLanguage,
  { testCase, failure }: { readonly testCase: TestCase; readonly failure: Failure },
  file: string,
): Promise<string> {
  const options = describeOptions(testCase);
  const { protocol, seed, faults } = testCase;
  const level = LEVELS.find((known) => known === failure.kind);
  const judged = level === undefined ? '' : ` --check ${level}`;
  // A second run begins on the same disks: so do processes that are started twice.
  const data = faults.newRun > 0 ? ' --data DATA' : '';
  // It decides there too, such as which server a client asks.
  const seeded = seed === DEFAULT_SEED ? '' : ` --seed ${seed}`;
  const real = `node master.js --protocol ${protocol.name}${seeded}${data}${judged} ${file}`;
  const head = (told: string): string[] => [
    `# ${told.replace(/\s+/g, ' ')}`,
    `# protocol ${protocol.name}, seed ${seed}, faults ${formatFaults(faults)}`,
    `# judged again:   node master.js replay ${options} ${file}`,
    `# in simulation:  node master.js --sim ${options}${judged} ${file}`,
    `# on processes:   ${data === '' ? real : `${real}; ${real}`}`,
  ];
  const placed = { ...testCase, lines: [...head(''), ...testCase.lines] };
  const again = (await runTwice(language, placed)).failure ?? failure;
  return `${[...head(`broken: ${tellFailure(again)}`), ...testCase.lines].join('\n')}\n`;
}
