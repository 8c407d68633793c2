// Scripts on NATS's own servers: what a script can do to servers and links of ours it can do to
// them, nothing gets round a cut, and what a real cluster cannot do is said.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findPort } from '../../src/engines/tcp/ports.ts';
import { IS_FULL } from '../support/extent.ts';
import { describeScripts, FOR_LONG } from './engineScripts.ts';
import { hasProgram, runNodes } from './runNodes.ts';

const isThere = hasProgram('nats-server', '--version');
const folder = mkdtempSync(join(tmpdir(), 'causeway-nats-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const THREE = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 10 0\njoinClient 12 2\n';

describeScripts('nats', isThere);

describe('protocol nats', () => {
  it('names the package if there is no such program', async () => {
    const ran = await runNodes('protocol nats binary=no-such-nats\njoinServer 0\n');
    expect(ran.status).toBe(71);
    expect(ran.stderr).toContain("there is no such program; Debian's package nats-server has it");
  });

  it('says what a program wrote that is no server of NATS', async () => {
    const ran = await runNodes('protocol nats binary=ls\njoinServer 0\n');
    expect(ran.status).toBe(71);
    expect(ran.stderr).toMatch(/E_SPAWN: server 0 ended.*exit status 2.*stderr: .*unrecognized/);
  });

  it('refuses what a link over TCP cannot have, and what it lacks', async () => {
    const script = 'protocol nats\nlink all loss=0.1\nclock 0 +1s\nput 1 x 1 leader\n';
    const ran = await runNodes(script);
    expect(ran.stderr).toMatch(/stdin:2: E_ARGS: .*TCP, which loses and repeats nothing/);
    expect(ran.stderr).toMatch(/stdin:3: E_UNSUPPORTED: protocol nats has no clock/);
  });
});

describe.runIf(isThere && IS_FULL).concurrent('a cluster of NATS', () => {
  it('does operations, and shows its stores', FOR_LONG, async () => {
    const script = [
      ...[
        'put 12 x a  b',
        'get 10 x',
        'put 10 é.>* ""',
        'get 12 é.>*',
        'cas 10 x a 1',
        'put 10 y 1',
      ],
      ...['cas 12 y 1 2', 'cas 12 none 1 2', 'delete 12 y', 'get 10 y leader', 'delete 10 none'],
      ...['printStore 2', 'moveLeader 2', 'inspect 0', 'check linearizable claims'],
    ];
    const ran = await runNodes(`protocol nats\n${THREE}${script.join('\n')}`);
    const lines = ran.stdout.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      ...['x:a  b', 'é.>*:', 'x:ERR_CAS', 'y:2', 'none:ERR_CAS', 'y:ERR_KEY', 'x:a  b', 'é.>*:'],
    ]);
    expect(JSON.parse(lines[8] ?? '')).toEqual({
      ...{ leader: 2, metaLeader: 2, replicas: 3, sequence: 6 },
      store: [
        { key: 'x', value: 'a  b', version: [1, 0, 0] },
        { key: 'é.>*', value: '', version: [2, 0, 0] },
      ],
    });
    expect(lines.slice(9)).toEqual([
      ...['linearizable: holds', 'monotonic-writes: holds', 'writes-follow-reads: holds', ''],
    ]);
    expect([ran.status, ran.stderr]).toEqual([0, '']);
  });

  it('tries a cas again that came too late', FOR_LONG, async () => {
    // Each round has one value that all three clients may expect.
    const round = (at: number): string[] => {
      const cas = [10, 11, 12].map((client) => `cas ${client} x ${at} ${client}`);
      return [`put 10 x ${at}`, 'concurrently', ...cas, 'end'];
    };
    const rounds = Array.from({ length: 10 }, (_, at) => round(at)).flat();
    const script = `protocol nats\n${THREE}joinClient 11 1\n${rounds.join('\n')}`;
    const ran = await runNodes(script);
    const answers = ran.stdout.trim().split('\n');
    expect(answers).toHaveLength(30);
    expect(answers.filter((answer) => !/^x:(1[012]|ERR_CAS)$/.test(answer))).toEqual([]);
  });

  it('gives a replica to a server that comes while another one is down', FOR_LONG, async () => {
    const joins = ['killServer 2', 'joinServer 3', 'joinClient 13 3', 'get 13 x', 'joinServer 2'];
    const rest = ['printStore 3', 'inspect 2'];
    const first = `protocol nats\n${THREE}moveLeader 0\nput 10 x 1\n`;
    const ran = await runNodes(`${first}${[...joins, ...rest].join('\n')}`);
    expect(ran.stdout).toMatch(/^x:1\nx:1\n{.*"replicas":4,"sequence":1,.*}\n$/);
    expect([ran.status, ran.stderr]).toEqual([0, '']);
  });

  it('is cut one way, paused, deaf, and slow where its links are', FOR_LONG, async () => {
    const script = [
      // What the leader sends does not arrive at server 2, which stays behind.
      ...['moveLeader 0', 'breakConnection 0 2 oneway', 'breakConnection 1 2 oneway', 'put 10 x 1'],
      ...['printStore 2', 'get 10 x', 'heal', 'get 12 x'],
      ...['pauseServer 2', 'put 10 x 2', 'get 10 x', 'resumeServer 2', 'get 12 x'],
      ...['fail 2', 'put 10 x 3', 'get 12 x', 'recover 2', 'get 12 x'],
      ...['link 0 2 delay=300ms', 'put 10 x 4', 'get 12 x', 'check linearizable'],
    ];
    const ran = await runNodes(`protocol nats timeout=2s\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual([
      ...['x:1', 'x:1', 'x:2', 'x:2', 'x:ERR_UNREACHABLE', 'x:3', 'x:4', 'linearizable: holds', ''],
    ]);
  });

  it('lets nothing round a cut', FOR_LONG, async () => {
    // Server 1 is in touch with both others, and tells each one of the other when they meet. That
    // is over before server 2, which does not hear the leader, begins an election.
    const script = [
      ...['moveLeader 0', 'breakConnection 1 2', 'breakConnection 0 2', 'createConnection 1 2'],
      ...['sleep 2s', 'put 10 x 1', 'sleep 300ms', 'inspect 2', 'get 10 x'],
    ];
    const ran = await runNodes(`protocol nats reaction=open\n${THREE}${script.join('\n')}`);
    expect(ran.stdout).toMatch(/^{.*"sequence":0,"store":\[\]}\nx:1\n$/);
  });

  it('takes a fifth server and no sixth', FOR_LONG, async () => {
    const joins = ['joinServer 3', 'joinServer 4', 'joinServer 5', 'inspect 4', 'printStore 3'];
    const ran = await runNodes(`protocol nats\n${THREE}put 10 x 1\n${joins.join('\n')}`);
    expect(ran.stderr).toMatch(/server 5 could not join: .*a bucket has 5 replicas at most/);
    expect(ran.stdout).toMatch(/^{.*"replicas":5,"sequence":1,.*}\nx:1\n$/);
  });

  it('does not take a server without a majority, and goes on', FOR_LONG, async () => {
    const script = [
      ...['killServer 1', 'killServer 2', 'put 10 x 2', 'joinServer 3', 'joinServer 1', 'get 10 x'],
    ];
    const ran = await runNodes(
      `protocol nats timeout=1s\n${THREE}moveLeader 2\nput 10 x 1\n${script.join('\n')}`,
    );
    expect(ran.stderr).toMatch(/note: ERR_NATS_NO_RESPONDERS: not done/);
    expect(ran.stderr).toMatch(/note: server 3 could not join: .*the cluster does not take it/);
    expect(ran.stdout).toBe('x:1\n');
  });

  it('leaves open what it does not answer', FOR_LONG, async () => {
    const history = join(folder, 'history');
    const script = [
      ...['put 10 x 1', 'breakConnection 0 10 oneway', 'put 10 x 2', 'heal', 'get 12 x'],
      ...['moveLeader 0', 'killServer 1', 'killServer 2', 'put 10 x 3', 'check linearizable'],
    ];
    const ran = await runNodes(`protocol nats timeout=1s\n${THREE}${script.join('\n')}`, [
      ...['--history', history],
    ]);
    expect(ran.stdout).toBe('x:2\nlinearizable: holds\n');
    const operations = readFileSync(history, 'utf8').trim().split('\n');
    const outcomes = operations.map((line) => JSON.parse(line).outcome);
    expect(outcomes).toEqual(['ok', 'unknown', 'ok', 'unknown']);
    expect(JSON.parse(operations[2] ?? '')).toMatchObject({
      ...{ version: [2, 0, 0], applied: [[0, 0, 2]] },
    });
  });

  it('of somebody else is asked, and nothing is left there', FOR_LONG, async (test) => {
    const [port, monitor] = [await findPort(), await findPort()];
    const flags = ['-a', '127.0.0.1', '-p', `${port}`, '-m', `${monitor}`];
    const other = spawn('nats-server', [...flags, '-js', '-sd', join(folder, 'other')], {
      stdio: 'ignore',
    });
    const streams = async (): Promise<unknown> => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/jsz`).catch(() => undefined);
      return answer && ((await answer.json()) as { streams: number }).streams;
    };
    try {
      await test.expect.poll(streams, FOR_LONG).toBe(0);
      const script = [
        ...['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'put 5 x 1', 'get 5 x'],
        ...['cas 5 x 1 2', 'printStore 0', 'stabilize', 'killServer 0', 'check linearizable'],
      ];
      const first = `protocol nats endpoints=127.0.0.1:${port}`;
      const ran = await runNodes(`${first}\n${script.join('\n')}`);
      expect(ran.stdout).toBe('x:1\nx:2\nx:2\nlinearizable: holds\n');
      expect(ran.stderr).toMatch(/stdin:3: E_BAD_ID: 1 is not among the 1 addresses/);
      expect(ran.stderr).toMatch(/stdin:10: E_UNSUPPORTED: .*endpoints= are not of this run/);
      expect(await streams()).toBe(0);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('is stale over a slow link if lines do not wait', FOR_LONG, async () => {
    const load = 'workload ops=400 reads=0.5 keys=2 inflight=2\ncheck linearizable\n';
    const first = `reaction=open\n${THREE}moveLeader 0\nlink 0 2 delay=30ms\n${load}`;
    const ran = await runNodes(`protocol nats ${first}`);
    expect(ran.stdout).toContain('linearizable: broken');
    const atLeader = await runNodes(`protocol nats reads=leader ${first}`);
    expect(atLeader.stdout).toContain('linearizable: holds');
  });

  it('keeps its claims under random scripts, also while it elects', FOR_LONG, async () => {
    // Its stores may differ: inputs/nats/diverged.txt.
    const claims = 'claims=monotonic-writes,writes-follow-reads';
    const settings = ['reaction=open', 'timeout=1s', claims].flatMap((one) => ['--set', one]);
    const order = ['fuzz', '--protocol', 'nats', ...settings, '--seconds', '30'];
    const ran = await runNodes('', order);
    expect(ran.stderr).toMatch(/nats: \d+ seeds? in at most 30 s, none broken/);
    expect(ran.status).toBe(0);
  });

  it('leaves no process and no folder, also if the master is killed', FOR_LONG, async (test) => {
    const own = mkdtempSync(join(folder, 'tmp-'));
    const master = spawn(process.execPath, ['master.js'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, TMPDIR: own },
    });
    master.stdin.write('protocol nats\njoinServer 0\njoinServer 1\npauseServer 1\ninspect 0\n');
    await once(master.stdout, 'data');
    expect(runningIn(own)).toHaveLength(2);
    master.kill('SIGKILL');
    await test.expect.poll(() => runningIn(own), { timeout: 20_000 }).toEqual([]);
    await test.expect.poll(() => readdirSync(own), { timeout: 20_000 }).toEqual([]);
  });
});

/** The programs whose data are in that folder. */
function runningIn(path: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes(`--config ${path}`));
}
