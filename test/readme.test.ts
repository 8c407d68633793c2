// The README is correct: its script, its options, its exit statuses.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { listOptions } from '../src/master/commandLine.ts';
import { EXIT_MEANINGS } from '../src/master/exitStatus.ts';
import { FAULT_NAMES, listFaults, parseFaults } from '../src/sim/faultText.ts';

const readme = readFileSync('README.md', 'utf8');
const [script = '', output = ''] = [...readme.matchAll(/```\n([\s\S]*?)```/g)].map(
  ([, block]) => block ?? '',
);

function run(text: string, ...options: string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['master.js', ...options], {
    input: text,
    encoding: 'utf8',
  });
  return { stdout, stderr, status };
}

describe('the README', () => {
  it.each([['real processes'], ['the simulation', '--sim']])(
    'shows what its script prints with %s',
    (_world, ...options) => {
      expect(script.trim().split('\n')).toHaveLength(6);
      expect(run(script, ...options)).toEqual({ stdout: output, stderr: '', status: 0 });
      const stabilized = script.replace(/^get/m, 'stabilize\nget');
      expect(run(stabilized, ...options).stdout).toBe('tea:green\n');
    },
  );

  it('has no long lines, but for tables and pictures', () => {
    const long = readme
      .split('\n')
      .filter((line) => line.length > 120 && !/^(?:\||!\[)/.test(line));
    expect(long).toEqual([]);
  });

  it('names every option', () => {
    for (const [flags] of listOptions()) expect(readme).toContain(`  ${flags}`);
  });

  it('names every exit status, with its meaning', () => {
    const rows = EXIT_MEANINGS.map(([status, meaning]) => `| ${status} | ${meaning} |`);
    expect(readme).toContain(`| exit status | when |\n|---|---|\n${rows.join('\n')}\n\n`);
  });

  it('names every fault of a simulation, with an example', () => {
    const [, listed = ''] =
      /--faults <plan> +the faults of a simulation: ((?:\S+,\s+)*\S+)/.exec(readme) ?? [];
    const plan = listed.replaceAll(/\s/g, '');
    expect(listFaults(parseFaults(plan))).toEqual(FAULT_NAMES);
  });
});
