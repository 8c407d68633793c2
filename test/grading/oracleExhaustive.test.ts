// The oracle against every run that there is, for small scripts about one key.
import { describe, expect, it } from 'vitest';
import { permits } from '../../src/grading/oracle/oracle.ts';
import { readAssignment } from '../../src/grading/oracle/script.ts';
import type { AssignmentScript } from '../../src/grading/oracle/steps.ts';
import { createRandomStream, randomBelow } from '../../src/kernel/random.ts';
import { IS_FULL } from '../support/extent.ts';
import { listOutputs } from './exhaustive.ts';

const SCRIPTS = IS_FULL ? 1_000 : 120;
const MOST_PUTS = 4;
const MOST_GETS = 4;
const LINES = 12;

/** Two or three servers, two clients that always have a server, one key. */
function drawSmall(seed: number): string {
  const random = createRandomStream(seed, 'small script');
  const below = (count: number): number => randomBelow(random, count);
  const servers = 2 + below(2);
  const lines = Array.from({ length: servers }, (_, id) => `joinServer ${id}`);
  lines.push('joinClient 10 0', `joinClient 11 ${1 + below(servers - 1)}`);
  if (below(2) === 0) lines.push('breakConnection 0 1');
  let [puts, gets] = [0, 0];
  while (lines.length < servers + LINES) {
    const client = 10 + below(2);
    const kind = below(12);
    const [a, b] = [below(servers), below(servers)];
    if (kind < 3 && puts < MOST_PUTS) {
      puts += 1;
      lines.push(`put ${client} a v${seed % 3 === 0 ? below(2) : puts}`);
    } else if (kind < 7 && gets < MOST_GETS) {
      gets += 1;
      lines.push(`get ${client} a`);
    } else if (kind === 7) lines.push('stabilize');
    else if (kind === 8 && a !== b) {
      lines.push(`${below(2) === 0 ? 'break' : 'create'}Connection ${a} ${b}`);
    } else if (kind === 9) lines.push(`createConnection ${client} ${a}`);
    else if (kind === 10) lines.push('stabilize', `createConnection ${a === b ? client : a} ${b}`);
    else if (kind === 11 && seed % 4 === 0) {
      lines.push(`killServer ${a}`, `joinServer ${a}`);
      for (const id of [10, 11]) lines.push(`createConnection ${id} ${a}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Every output that has an answer for each get. */
function allOutputs({ steps }: AssignmentScript): string[] {
  const values = new Set(steps.flatMap((step) => (step.kind === 'put' ? [step.value] : [])));
  const answers = [...values, 'ERR_KEY', 'ERR_DEP'];
  const gets = steps.filter(({ kind }) => kind === 'get').length;
  let outputs = [''];
  for (let count = 0; count < gets; count += 1) {
    outputs = outputs.flatMap((output) => answers.map((answer) => `${output}a:${answer}\n`));
  }
  return outputs;
}

describe('the oracle', { timeout: IS_FULL ? 300_000 : 30_000 }, () => {
  it('permits an output exactly if some run has it', () => {
    const wrong: string[] = [];
    let [permitted, refused] = [0, 0];
    for (let seed = 1; seed <= SCRIPTS; seed += 1) {
      const text = drawSmall(seed);
      const script = readAssignment(text);
      const expected = listOutputs(script);
      for (const output of allOutputs(script)) {
        const { outcome } = permits(script, output);
        if (outcome === 'permitted') permitted += 1;
        else refused += 1;
        const isRight = outcome === (expected.has(output) ? 'permitted' : 'refused');
        if (!isRight) wrong.push(`seed ${seed}: ${outcome}\n${text}---\n${output}`);
      }
    }
    expect(wrong.slice(0, 2)).toEqual([]);
    expect(Math.min(permitted, refused)).toBeGreaterThan(SCRIPTS);
  });
});
