// docs/verdicts.md is correct: each script, and each history, is followed by what the program says
// about it. UPDATE_DOCS=1 updates that.
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { check, LEVELS, type Level, STORE_LEVELS } from '../src/checkers/index.ts';
import { tellVerdicts } from '../src/language/verdictText.ts';
import { historyOf } from './checkers/notation.ts';
import { launchInTurn, simulate } from './scripts/programs.ts';

const PAGE = 'docs/verdicts.md';
const EXAMPLE = /```(script|runs|history)\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```\n/g;

/** Between two scripts that run on the same data. */
const ANOTHER_RUN = '# and later, in another run:\n';

interface Example {
  readonly kind: string;
  readonly text: string;
  readonly output: string;
}

function readExamples(page: string): Example[] {
  return [...page.matchAll(EXAMPLE)].map(([, kind = '', text = '', output = '']) => {
    return { kind, text, output };
  });
}

async function run({ kind, text }: Pick<Example, 'kind' | 'text'>): Promise<string> {
  if (kind === 'history') return judgeHistory(text);
  if (kind === 'runs') {
    const runs = await launchInTurn(text.split(ANOTHER_RUN));
    return runs.map(({ stdout, stderr }) => stdout + stderr).join('');
  }
  const { stdout, stderr } = await simulate(Buffer.from(text));
  return stdout + stderr;
}

/** A history in the notation of the checkers' tests, and a line `check` with its levels. */
function judgeHistory(text: string): string {
  const [notation = '', question = ''] = text.trimEnd().split('\n');
  const [, ...levels] = question.split(' ');
  const verdicts = levels.map((level) => check(historyOf(notation), level as Level));
  return tellVerdicts(verdicts)
    .lines.map((line) => `${line}\n`)
    .join('');
}

const page = readFileSync(PAGE, 'utf8');
const examples = readExamples(page);

describe('the page on verdicts', () => {
  it('has an example that keeps each level, and one that breaks it', () => {
    const said = examples.map(({ output }) => output).join('');
    for (const level of [...LEVELS, ...STORE_LEVELS]) {
      expect(said, level).toContain(`${level}: holds\n`);
      expect(said, level).toContain(`${level}: broken (`);
    }
  });

  it('names a script that keeps each level, and one that breaks it', () => {
    for (const level of [...LEVELS, ...STORE_LEVELS]) {
      const [kept, broken] = [level, `${level}-broken`];
      expect(page).toContain(`(../inputs/weak/${kept}.txt) | [\`${broken}.txt\`](../inputs/weak/`);
      expect(readFileSync(`test/golden/weak/${kept}.out`, 'utf8')).toContain(`${level}: holds\n`);
      const said = readFileSync(`test/golden/weak/${broken}.out`, 'utf8');
      expect(said).toContain(`${level}: broken (`);
    }
  });

  it('has every example between marks that this test knows', () => {
    expect(page.match(/^```/gm)).toHaveLength(4 * examples.length);
  });

  it.each(examples)('shows what is said about: $text', async (example) => {
    const said = await run(example);
    if (process.env.UPDATE_DOCS === '1') {
      const block = (output: string): string =>
        `\`\`\`${example.kind}\n${example.text}\`\`\`\n\n\`\`\`text\n${output}\`\`\`\n`;
      const current = readFileSync(PAGE, 'utf8');
      writeFileSync(
        PAGE,
        current.replace(block(example.output), () => block(said)),
      );
      return;
    }
    expect(example.output).toBe(said);
  });
});
