// Scripts on etcd's own servers: what a script can do to servers and links of ours it can do to
// them, and what a real cluster cannot do is said.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPort } from '../../src/engines/tcp/ports.ts';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { IS_FULL } from '../support/extent.ts';
import { describeScripts, FOR_LONG } from './engineScripts.ts';
import { hasProgram, runNodes } from './runNodes.ts';

const isThere = hasProgram('etcd', '--version');
const folder = mkdtempSync(join(tmpdir(), 'causeway-etcd-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const THREE = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 10 0\njoinClient 12 2\n';

describeScripts('etcd', isThere);

describe('protocol etcd', () => {
  it('names the package if there is no such program', async () => {
    const ran = await runNodes('protocol etcd binary=no-such-etcd\njoinServer 0\n');
    expect(ran.status).toBe(71);
    expect(ran.stderr).toContain(
      "E_SPAWN: cannot start server 0: no-such-etcd: there is no such program; Debian's package " +
        'etcd-server has it, and binary=PATH names another one',
    );
  });

  it('says what a program wrote that is no etcd', async () => {
    const ran = await runNodes('protocol etcd binary=ls\njoinServer 0\n');
    expect(ran.status).toBe(71);
    expect(ran.stderr).toMatch(/E_SPAWN: server 0 ended.*exit status 2.*stderr: .*unrecognized/);
  });

  it('refuses what a link over TCP cannot have, and what it lacks', async () => {
    const script = 'protocol etcd\nlink all loss=0.1\nclock 0 +1s\nput 1 x 1 serializable\n';
    const ran = await runNodes(script);
    expect(ran.stderr).toMatch(/stdin:2: E_ARGS: .*TCP, which loses and repeats nothing/);
    expect(ran.stderr).toMatch(/stdin:3: E_UNSUPPORTED: protocol etcd has no clock/);
    expect((await runNodes('', ['--protocol', 'etcd', '--faults', 'loss=0.1'])).stderr).toContain(
      'TCP, which loses and repeats nothing',
    );
  });
});

describe.runIf(isThere && IS_FULL).concurrent('a cluster of etcd', () => {
  it('survives pauses and one-way cuts, and is slow where its links are', FOR_LONG, async () => {
    const script = [
      ...['moveLeader 0', 'pauseServer 0', 'put 12 x 1', 'resumeServer 0', 'get 10 x'],
      // What the leader sends does not arrive at server 2, which stays behind.
      ...['moveLeader 0', 'breakConnection 0 2 oneway', 'breakConnection 1 2 oneway', 'put 10 x 2'],
      ...['get 12 x serializable', 'heal', 'get 12 x'],
      ...['link 0 2 delay=400ms', 'put 10 x 3', 'link all reset', 'get 12 x serializable'],
      ...['fail 2', 'put 10 x 4', 'get 12 x', 'recover 2', 'get 12 x serializable', 'check claims'],
    ];
    const ran = await runNodes(`protocol etcd\n${THREE}${script.join('\n')}`);
    const answers = ['x:1', 'x:1', 'x:2', 'x:3', 'x:ERR_UNREACHABLE', 'x:4'];
    const verdicts = ['monotonic-writes: holds', 'writes-follow-reads: holds', ''];
    expect(ran.stdout.split('\n')).toEqual([...answers, ...verdicts]);
    expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining('broken')]);
  });

  it(
    'leaves open what it does not answer, and says what is lost on a one-way link',
    FOR_LONG,
    async () => {
      const history = join(folder, 'history');
      const script = [
        ...['put 10 x 1', 'breakConnection 0 10 oneway', 'put 10 x 2', 'heal', 'get 12 x'],
        ...['partition 0 | 1 2', 'put 10 x 3', 'check linearizable'],
      ];
      const ran = await runNodes(`protocol etcd\n${THREE}${script.join('\n')}`, [
        '--history',
        history,
      ]);
      expect(ran.stdout).toBe('x:2\nlinearizable: holds\n');
      const operations = linesOf<{ outcome: string; version: unknown }>(history);
      const outcomes = operations.map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['ok', 'unknown', 'ok', 'unknown']);
      expect(operations[0]?.version).toEqual([2, 0, 0]);
    },
  );

  it('does not take a server without a majority, and goes on', FOR_LONG, async () => {
    const script = [
      ...['killServer 1', 'killServer 2', 'joinServer 3', 'joinServer 1', 'get 10 x'],
      ...['joinServer 2', 'joinServer 3', 'joinServer 4', 'printStore 4'],
    ];
    const ran = await runNodes(`protocol etcd\n${THREE}put 10 x 1\n${script.join('\n')}`);
    expect(ran.stderr.match(/note: server .*/g)).toEqual([
      expect.stringMatching(/server 3 could not join: .*the cluster does not add it: no majority/),
    ]);
    expect(ran.stdout).toBe('x:1\nx:1\n');
  });

  it(
    'shows its messages with clients, and its stores, in a trace and a report',
    FOR_LONG,
    async () => {
      const [trace, report] = [join(folder, 'trace'), join(folder, 'report.html')];
      const words = ['--trace', trace, '--report', report];
      const ran = await runNodes(`protocol etcd\n${THREE}put 10 x 1\ninspect 0\n`, words);
      expect(JSON.parse(ran.stdout)).toMatchObject({
        ...{ revision: 2, votes: true, store: [{ key: 'x', value: '1', version: [2, 0, 0] }] },
      });
      const events = linesOf<TraceEvent>(trace);
      const [sent, received, told, heard] = events.filter((one) => 'method' in one);
      expect(sent).toMatchObject({ event: 'send', node: 10, to: 0, method: 'put' });
      expect(received).toMatchObject({ event: 'receive', node: 0, from: 10 });
      expect(told).toMatchObject({ event: 'send', node: 0, to: 10, answers: Object(sent).message });
      expect(heard).toMatchObject({ event: 'receive', node: 10, from: 0 });
      expect(readFileSync(report, 'utf8')).toContain('etcd');
    },
  );

  it('of somebody else is asked, and nothing is done to it', FOR_LONG, async (test) => {
    const [client, peer] = [`http://127.0.0.1:${await findPort()}`, 'http://127.0.0.1:0'];
    const flags = ['--data-dir', join(folder, 'other'), '--listen-peer-urls', peer];
    const urls = ['--listen-client-urls', client, '--advertise-client-urls', client];
    const other = spawn('etcd', [...flags, ...urls, '--log-level', 'error'], { stdio: 'ignore' });
    try {
      await test.expect.poll(() => countKeys(client), FOR_LONG).toBe(0);
      const script = [
        ...['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'put 5 x 1', 'get 5 x'],
        ...['cas 5 x 1 2', 'printStore 0', 'stabilize', 'killServer 0', 'check linearizable'],
      ];
      const ran = await runNodes(`protocol etcd endpoints=${client}\n${script.join('\n')}`);
      expect(ran.stdout).toBe('x:1\nx:2\nx:2\nlinearizable: holds\n');
      expect(ran.stderr).toMatch(/stdin:3: E_BAD_ID: 1 is not among the 1 addresses/);
      expect(ran.stderr).toMatch(/stdin:10: E_UNSUPPORTED: .*endpoints= are not of this run/);
      expect(await countKeys(client)).toBe(0);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('keeps its claims under random scripts, also while it elects', FOR_LONG, async () => {
    const settings = ['--set', 'reaction=open', '--set', 'timeout=2s', '--kills'];
    const order = ['fuzz', '--protocol', 'etcd', ...settings, '--seconds', '20'];
    const ran = await runNodes('', order);
    expect(ran.stderr).toMatch(/etcd: \d+ seeds in at most 20 s, none broken/);
    expect(ran.status).toBe(0);
  });

  it('leaves no process and no folder, also if the master is killed', FOR_LONG, async (test) => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const master = spawn(process.execPath, ['master.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: own },
    });
    master.stdin.write('protocol etcd\njoinServer 0\njoinServer 1\npauseServer 1\ninspect 0\n');
    await once(master.stdout, 'data');
    expect(runningIn(own)).toHaveLength(2);
    master.kill('SIGKILL');
    await test.expect.poll(() => runningIn(own), { timeout: 20_000 }).toEqual([]);
    await test.expect.poll(() => readdirSync(own), { timeout: 20_000 }).toEqual([]);
  });
});

function linesOf<T>(path: string): T[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

/** All keys of a cluster; undefined if it does not answer. */
async function countKeys(url: string): Promise<number | undefined> {
  const body = JSON.stringify({ key: 'AA==', range_end: 'AA==', count_only: true });
  const answer = await fetch(`${url}/v3/kv/range`, { method: 'POST', body }).catch(() => undefined);
  if (answer === undefined) return undefined;
  const { count = '0' } = (await answer.json()) as { count?: string };
  return Number(count);
}

/** The programs whose data are in that folder. */
function runningIn(path: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(`--data-dir=${path}`));
}
