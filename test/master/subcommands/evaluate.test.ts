// `causeway evaluate`: its output, its file, and what it refuses.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/kernel/protocol.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
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

/** The protocols, of which sharded pops nothing: each pop gives the empty text. */
function withoutPops(): readonly Protocol[] {
  return PROTOCOLS.map((protocol) => ({
    ...protocol,
    createSession: (...setup) => {
      const session = protocol.createSession(...setup);
      const put = session.put.bind(session);
      session.command = async (name, [key = '', value = '']) => {
        if (name !== 'append') return { ...(await session.get(key)), outcome: 'ok', value: '' };
        const held = await session.get(key);
        return put(key, `${held.value ?? ''}${value}`);
      };
      return session;
    },
  }));
}

describe('causeway evaluate', () => {
  it.runIf(IS_FULL)('prints a table for each experiment, and writes all results', async () => {
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
      const words = ['evaluate', 'quorum', '--only', 'times', '--rounds', '1', '--seed', seed];
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
      ...[...words, ...PROCESSES, '--json', path, '--report', `${path}.html`],
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^times: .*\n.*\n4 {2}1 {2}3 {2}get /);
    const [times] = read(path).experiments;
    expect(times?.rows.map(({ count }) => count)).toEqual([10, 10, 10, 10]);
    for (const { meanMs } of times?.rows ?? []) expect(meanMs).toBeGreaterThan(20);
    const page = readFileSync(`${path}.html`, 'utf8');
    expect(page).toContain('<title>Evaluation of quorum</title>');
    expect(page).toContain('--series-0:');
    expect(page.match(/<svg /g)).toHaveLength(3);
  });

  it('runs an experiment by its number, and compares the protocols that are named', async () => {
    const path = join(folder, 'sharded.json');
    const words = ['evaluate', 'sharded', '--sim', '1', 'cache=off', '--json', path];
    const { status, stdout, stderr } = await simulateWords(words);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^single: .*\n.*\nsimple +1 +23 +0 /);
    const written = read(path);
    expect(written).toMatchObject({ protocol: 'sharded', world: 'simulation', seconds: 8 });
    expect(written).not.toHaveProperty('rounds');
    expect(written.experiments.map(({ kind }) => kind)).toEqual(['single']);
    const causal = ['evaluate', 'compare', '--sim', '--seconds', '0.1', 'causal', '--json', path];
    expect((await simulateWords(causal)).status).toBe(0);
    const [compared] = read(path).experiments;
    expect(read(path)).toMatchObject({ protocol: null, seconds: 0.1 });
    expect(compared?.rows.map(({ protocol, servers }) => [protocol, servers])).toEqual([
      ['causal', 2],
      ['causal', 4],
      ['causal', 8],
    ]);
  });

  it('ends with status 1, and says what is wrong, when an answer is another', async () => {
    const path = join(folder, 'wrong.json');
    const words = ['evaluate', 'sharded', '--sim', '1', '--json', path];
    const { status, stdout, stderr } = await simulateWords(words, '', withoutPops());
    expect(status).toBe(1);
    const said = 'causeway: wrong: single: simple, servers 1: lpop 45 gave "", not "h"\n';
    expect(stderr.match(/simple, /g)).toHaveLength(7);
    expect(stderr).toContain(said);
    expect(stdout).toMatch(/^simple +1 +23 +7 /m);
    expect(read(path).experiments[0]?.rows[0]?.wrong).toHaveLength(7);
  });

  /** All parts with moves would start fifty processes. */
  it.runIf(IS_FULL)('by the built program evaluates sharded on real processes', async () => {
    const words = ['evaluate', 'sharded', '1', '3', '--seconds', '0.5'];
    const { status, stdout, stderr } = await launch(Buffer.from(''), words);
    expect([status, stderr]).toEqual([0, '']);
    const titles = stdout.split('\n').filter((line) => /^[a-z]+: /.test(line));
    expect(titles.map((title) => title.split(':')[0])).toEqual(['single', 'groups']);
  });

  it.each([
    [['evaluate'], "missing required argument 'protocol'"],
    [['evaluate', 'nothing'], "'nothing' is no protocol"],
    [
      ['evaluate', 'causal'],
      'causal has no experiments; there are some for quorum, sharded, and compare',
    ],
    [['evaluate', 'quorum', 'n=2'], 'the experiments set n themselves'],
    [['evaluate', 'quorum', 'repair=both'], 'the experiments set repair themselves'],
    [['evaluate', 'quorum', '--only', 'times', 'repair=maybe'], "'maybe' is no value of repair"],
    [['evaluate', 'quorum', '--only', 'failures', 'repair=off'], 'quorum=sloppy needs hints'],
    [['evaluate', 'quorum', 'speed=1'], "has no option 'speed'"],
    [
      ['evaluate', 'quorum', '--only', 'speed'],
      'Allowed choices are staleness, times, failures, single',
    ],
    [['evaluate', 'quorum', '--only', 'groups'], 'there is staleness, times, failures'],
    [['evaluate', 'quorum', '--seconds', '3'], '--seconds has no effect here; use --rounds'],
    [['evaluate', 'sharded', '--rounds', '3'], '--rounds has no effect here; use --seconds'],
    [['evaluate', 'sharded', '--seconds', '0'], 'Seconds are a number above 0'],
    [['evaluate', 'sharded', '4'], "'4'"],
    [['evaluate', 'sharded', '1', '--only', 'groups'], 'there is single, shards, groups'],
    [['evaluate', 'sharded', 'sync=1'], 'the experiments set sync themselves'],
    [['evaluate', 'sharded', '--sim', '--processes'], 'cannot be used with'],
    [['evaluate', 'compare', 'sharded', 'n=3'], "sharded has no option 'n'"],
    [['evaluate', 'compare', 'nothing'], "'nothing'"],
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
