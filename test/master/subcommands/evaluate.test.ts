// `causeway evaluate`: its output, its file, and what it refuses.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { launch } from '../../scripts/programs.ts';
import { IS_FULL } from '../../support/extent.ts';
import { simulateWords } from './programs.ts';

/** The evaluation starts eight servers for each variant: a quick run simulates them. */
const PROCESSES = IS_FULL ? ['--processes'] : [];

const folder = mkdtempSync(join(tmpdir(), 'causeway-evaluate-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  readonly experiments: readonly {
    readonly kind: string;
    readonly rows: readonly Record<string, unknown>[];
  }[];
}

function read(path: string): Written {
  return JSON.parse(readFileSync(path, 'utf8')) as Written;
}

describe('causeway evaluate', () => {
  it('prints a table for each experiment, and writes all results', async () => {
    const path = join(folder, 'all.json');
    const words = ['evaluate', 'quorum', '--rounds', '1', '--seed', '5', '--json', path];
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stderr]).toEqual([0, '']);
    const titles = stdout.split('\n').filter((line) => /^[a-z]+: /.test(line));
    expect(titles.map((title) => title.split(':')[0])).toEqual(['staleness', 'times', 'failures']);
    expect(stdout).toMatch(/^4 {2}2 {2}3 {2}normal\(50ms,50ms\) +100\.0 +\(95\.1\)/m);
    const written = read(path);
    expect(written).toMatchObject({
      ...{ protocol: 'quorum', world: 'simulation', seed: 5, rounds: 1 },
      experiments: [{ kind: 'staleness' }, { kind: 'times' }, { kind: 'failures' }],
    });
    const [staleness, times, failures] = written.experiments;
    expect(staleness?.rows).toHaveLength(8);
    expect(staleness?.rows[0]).toMatchObject({ labels: { N: '4', R: '1', W: '1' } });
    expect(staleness?.rows[0]?.points).toHaveLength(16);
    expect(times?.rows.map(({ requests }) => requests)).toEqual([10, 10, 10, 10]);
    expect(failures?.rows).toHaveLength(24);
  });

  it('gives the same results for the same seed', async () => {
    const run = async (name: string, seed: string) => {
      const path = join(folder, name);
      const words = ['evaluate', 'quorum', '--only', 'times', '--rounds', '2', '--seed', seed];
      return { ...(await simulateWords([...words, '--json', path])), written: read(path) };
    };
    const first = await run('first.json', '5');
    expect(await run('again.json', '5')).toEqual(first);
    expect((await run('other.json', '6')).stdout).not.toBe(first.stdout);
  });

  it('by the built program measures one experiment alone, with options', async () => {
    const path = join(folder, 'processes.json');
    const words = ['evaluate', 'quorum', 'repair=hints', '--only', 'times', '--rounds', '1'];
    const { status, stdout } = await launch(Buffer.from(''), [
      ...[...words, ...PROCESSES, '--json', path],
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^times: .*\n.*\n4 {2}1 {2}3 {2}get /);
    const [times] = read(path).experiments;
    expect(times?.rows.map(({ count }) => count)).toEqual([10, 10, 10, 10]);
    for (const { meanMs } of times?.rows ?? []) expect(meanMs).toBeGreaterThan(20);
  });

  it.each([
    [['evaluate'], "missing required argument 'protocol'"],
    [['evaluate', 'nothing'], "'nothing' is no protocol"],
    [['evaluate', 'causal'], 'causal has no experiments; there are some for quorum'],
    [['evaluate', 'quorum', 'n=2'], 'the experiments set n themselves'],
    [['evaluate', 'quorum', 'repair=both'], 'the experiments set repair themselves'],
    [['evaluate', 'quorum', '--only', 'times', 'repair=maybe'], "'maybe' is no value of repair"],
    [['evaluate', 'quorum', '--only', 'failures', 'repair=off'], 'quorum=sloppy needs hints'],
    [['evaluate', 'quorum', 'speed=1'], "has no option 'speed'"],
    [['evaluate', 'quorum', '--only', 'speed'], 'Allowed choices are staleness, times, failures'],
    [
      ['evaluate', 'quorum', '--json', ''],
      "'--json <file>' argument '' is invalid. It names no file",
    ],
    [['evaluate', 'quorum', '--rounds', '0'], 'Rounds are a whole number'],
    [['evaluate', 'quorum', '--seed', 'x'], 'A seed is a whole number'],
  ])('refuses %j', async (words, why) => {
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(why);
  });

  it('says which file it cannot write', async () => {
    const path = join(folder, 'none', 'results.json');
    const words = ['evaluate', 'quorum', '--only', 'times', '--rounds', '1', '--json', path];
    const { status, stderr } = await simulateWords(words);
    expect(status).toBe(71);
    expect(stderr).toContain(path);
  });
});
