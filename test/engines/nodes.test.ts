// Scripts on the example nodes: a wrong one is found out, a right one is not, and whatever a script
// can do to servers and links it can do to programs of others.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/kernel/trace.ts';
import { IS_FULL } from '../support/extent.ts';
import { cluster, hasProgram, LOCAL, MAJORITY, runNodes } from './runNodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-nodes-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STALE = 'put 5 x old\nstabilize\npartition 0 | 1 2\nput 5 x new\nget 6 x\n';

describe.runIf(hasProgram('python3', '--version')).concurrent('nodes in Python', () => {
  it('that answer from their own copies are found not to be linearizable', async () => {
    const ran = await runNodes(`${cluster(LOCAL)}${STALE}`, ['--check', 'linearizable']);
    expect(ran.stdout).toBe('x:old\n');
    expect(ran.stderr).toContain('linearizable: broken');
    expect(ran.status).toBe(1);
  });

  it('are judged by what the user claims of them', async () => {
    const script = (claims: string) =>
      `${cluster(LOCAL, `claims=${claims}`)}${STALE}check claims\n`;
    const weaker = await runNodes(script('read-your-writes,monotonic-reads'));
    expect(weaker.stdout).toBe('x:old\nread-your-writes: holds\nmonotonic-reads: holds\n');
    expect(weaker.status).toBe(0);
    const usual = await runNodes(script('linearizable'));
    expect(usual.stdout).toMatch(/^x:old\nlinearizable: broken/);
    expect(usual.status).toBe(1);
    const none = await runNodes(script('nothing'));
    expect(none.stderr).toContain('protocol nodes claims nothing with these options');
    const stores = await runNodes(`${cluster(LOCAL, 'claims=convergence')}check claims\n`);
    expect(stores.stderr).toContain('claims only convergence, for which there was no stabilize');
  });

  it('that ask a majority are linearizable under the same script', async () => {
    const ran = await runNodes(`${cluster(MAJORITY)}${STALE}`, ['--check', 'linearizable']);
    expect(ran.stdout).toBe('x:old\n');
    expect(ran.stderr).toContain('stdin:10: note: ERR_UNREACHABLE: indeterminate');
    expect(ran.stderr).toContain('linearizable: holds');
    expect(ran.status).toBe(0);
  });

  it('that ask a majority count no node twice, also if messages are repeated', async () => {
    const ids = [0, 1, 2, 3, 4];
    const script = [
      `protocol nodes nodes=${ids} command=${MAJORITY}`,
      ...[...ids.map((id) => `joinServer ${id}`), 'joinClient 5 0', 'joinClient 6 3'],
      ...['link 0 1 duplication=1', 'partition 0 1 | 2 3 4', 'concurrently', 'put 5 x 1'],
      ...['sleep 300ms', 'breakConnection 5 0', 'end', 'get 6 x', 'check claims'],
    ];
    const { status, stdout, stderr } = await runNodes(script.join('\n'));
    expect(stderr).toMatch(/note: ERR_UNREACHABLE: indeterminate/);
    expect([status, stdout]).toEqual([0, 'x:ERR_KEY\nlinearizable: holds\n']);
  });

  it('get the requests of clients once, and lose what is under way to one that fails', async () => {
    const script = [
      ...['link 5 0 duplication=1', 'link 0 5 duplication=1', 'get 5 x', 'inspect 0'],
      ...['link 0 1 delay=300ms', 'put 5 x 1', 'fail 1', 'recover 1', 'sleep 400ms', 'get 6 x'],
      ...['breakConnection 0 1 oneway', 'put 5 x 2', 'heal', 'put 5 x 3'],
      ...['breakConnection 0 1 oneway', 'heal', 'sleep 400ms', 'get 6 x', 'inspect 0'],
    ];
    const { stdout, stderr } = await runNodes(cluster(LOCAL) + script.join('\n'));
    // Received: init, get, dump. Lost: three copies for server 1.
    expect(stdout).toMatch(
      /^x:ERR_KEY\n{"dropped":0,"late":0,.*"received":3,.*\n(?:x:ERR_KEY\n){2}{"dropped":3,/,
    );
    expect(stderr).toContain('messages from and to clients are never repeated');
  });

  it('keep texts as they are, show their stores, and come back empty', async () => {
    const script = [
      ...['put 5 x two  words', 'put 5 1 -42', 'put 5 01 007', 'put 5 é ""', 'stabilize'],
      ...['get 6 x', 'get 6 1', 'get 6 01', 'get 6 é', 'get 6 none', 'printStore 2'],
      ...['killServer 2', 'joinServer 2', 'printStore 2', 'inspect 2'],
    ];
    const { status, stdout, stderr } = await runNodes(cluster(LOCAL) + script.join('\n'));
    const values = ['1:-42', '01:007', 'é:'];
    expect(stdout.split('\n')).toEqual([
      ...['x:two  words', ...values, 'none:ERR_KEY'],
      ...['01:007', '1:-42', 'x:two  words', 'é:'],
      expect.stringMatching(/^\{.*"name":"n2","peers":\[0,1\].*"store":\[\],"wrong":\{\}\}$/),
      '',
    ]);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('pause and resume, lose messages in one direction, and see delays', async () => {
    const script = [
      ...['pauseServer 1', 'put 5 x 1', 'get 5 x', 'resumeServer 1'],
      ...['wait until get 6 x expect x:1 within 5s', 'breakConnection 0 1 oneway'],
      ...['put 5 x 2', 'get 6 x', 'heal', 'link 0 1 delay=700ms', 'put 5 x 3', 'get 6 x'],
      ...['wait until get 6 x expect x:3 within 5s', 'get 6 x', 'link all reset'],
      ...['fail 0', 'put 5 x 4', 'recover 0', 'put 5 x 5', 'get 5 x', 'stabilize', 'get 6 x'],
    ];
    const { status, stdout, stderr } = await runNodes(cluster(LOCAL) + script.join('\n'));
    expect(stdout.trim().split('\n')).toEqual(['x:1', 'x:1', 'x:1', 'x:3', 'x:5', 'x:5']);
    expect(stderr).toMatch(/note: ERR_UNREACHABLE: not done, no server took it/);
    expect(status).toBe(0);
  });

  it('may pass a request on in the name of its client', async () => {
    const bad = `${process.execPath} test/engines/programs/bad.js "passes on"`;
    const lines = ['get 5 x', 'breakConnection 0 1 oneway', 'inspect 0', 'get 6 x'];
    const ran = await runNodes(cluster(bad) + lines.join('\n'));
    expect(ran.stdout).toMatch(/^x:fine\n{"dropped":0,.*"wrong":{}}\nx:fine\n$/);
    expect(ran.stderr).toBe('');
  });

  it('leave a trace, a history and a report like our own', async () => {
    const files = ['trace', 'history', 'report.html'].map((name) => join(folder, name));
    const [trace = '', history = '', report = ''] = files;
    const words = ['--trace', trace, '--history', history, '--report', report];
    await runNodes(`${cluster(LOCAL)}put 5 x 1\nget 6 x\n`, words);
    const events = linesOf<TraceEvent>(trace);
    const sent = events.filter(({ event }) => event === 'send').map((event) => Object(event));
    const write = sent.find(({ method, to }) => method === 'write' && to === 0);
    expect(write).toMatchObject({ node: 5, line: 7, params: { key: 'x', value: 1 } });
    const reply = sent.find(({ answers }) => answers === write.message);
    expect(reply).toMatchObject({ node: 0, to: 5, method: 'write_ok' });
    const copies = sent.filter(({ method }) => method === 'copy').map(({ to }) => to);
    expect(copies).toEqual([1, 2]);
    const received = events.filter((event) => event.event === 'receive' && event.from === 0);
    expect(received.map(({ node }) => node)).toEqual([5, 1, 2]);
    expect(linesOf<object>(history)).toMatchObject([
      { kind: 'put', key: 'x', value: '1', server: 0, outcome: 'ok' },
      { kind: 'get', key: 'x', value: '1', server: 1, outcome: 'ok' },
    ]);
    expect(readFileSync(report, 'utf8')).toContain('<html');
  });

  it('have a command to the end of the line, and a word like an option is told', async () => {
    const ran = await runNodes(`protocol nodes command=${LOCAL} nodes=0,1\njoinServer 2\n`);
    expect(ran.stderr).toMatch(/warning: nodes=0,1 is a word of the program's command/);
    expect(ran.status).toBe(0);
  });

  it('take seeded faults of messages from the command line', async () => {
    const words = ['--protocol', 'nodes', '--set', `command=${LOCAL}`, '--faults', 'loss=1'];
    const script = 'joinServer 0\njoinServer 1\njoinClient 5 0\nput 5 x 1\n';
    const ran = await runNodes(
      `${script}link 5 0 loss=0\nlink 0 5 loss=0\nput 5 x 2\nget 5 x\n`,
      words,
    );
    expect(ran.stderr).toMatch(/stdin:4: note: ERR_UNREACHABLE: indeterminate/);
    expect(ran.stdout).toBe('x:2\n');
  });
});

describe.concurrent('nodes that use a service', () => {
  const keeper = (service: string) =>
    `${process.execPath} test/engines/programs/keeper.js ${service}`;
  const load = (clients: string) => `workload ${clients} ops=60 keys=2 reads=0.5 inflight=all\n`;

  it('lin-kv: are linearizable, also while they are cut off from each other', async () => {
    const cut = `partition 0 | 1 2\n${load('clients=2')}put 5 x a\nget 6 x\ncas 6 x a b\nget 5 x\n`;
    const ran = await runNodes(`${cluster(keeper('lin-kv'))}${cut}cas 5 x a c\ncheck claims\n`);
    expect(ran.stdout.split('\n').slice(1)).toEqual([
      ...['x:a', 'x:b', 'x:b', 'x:ERR_CAS', 'linearizable: holds', ''],
    ]);
    expect(ran.status).toBe(0);
  });

  it('seq-kv: are sequential, and stale with some seed', async () => {
    const puts = Array.from({ length: 20 }, (_, at) => `put 5 x ${at}\nget 6 x\n`).join('');
    const script = `${cluster(keeper('seq-kv'), 'quiet=0ms')}${puts}check sequential\n`;
    const ran = await runNodes(script, ['--check', 'linearizable']);
    expect(ran.stdout).toContain('sequential: holds');
    expect(ran.stderr).toContain('linearizable: broken');
  });

  it('one that does not exist: is told', async () => {
    const ran = await runNodes(`${cluster(keeper('any-kv'))}killServer 2\nfail 0\nput 5 x 1\n`);
    expect(ran.stderr).toContain('not done, no server took it');
    const asked = await runNodes(`${cluster(keeper('lin-tso'))}put 5 x 1\n`);
    expect(asked.stderr).toContain('code 10: lin-tso has no such request');
  });
});

describe('what real programs cannot do', () => {
  it.each([
    [['--sim', '--protocol', 'nodes'], 'which no simulation can run: leave --sim out'],
    [['--protocol', 'nodes', '--endpoints', 'x'], 'has no addresses for --endpoints'],
    [['--protocol', 'nodes', '--faults', 'stall=0.1:100'], 'loss, duplication, delay and tail'],
    [['--faults', 'loss=0.1'], 'only a simulation takes --faults: add --sim'],
    [['--protocol', 'nodes', '--messages'], 'has no messages of its own'],
    [['swarm', '--protocol', 'nodes'], 'which no simulation can run'],
    [['fuzz', '--protocol', 'nodes'], 'command= is missing'],
    [['replay', '--protocol', 'nodes'], 'which no simulation can run'],
    [['evaluate', 'nodes'], 'which no simulation can run'],
    [['grade', 'nodes'], 'which no simulation can run'],
  ])('%j is refused with a sentence', async (words, sentence) => {
    const { status, stdout, stderr } = await runNodes('', words);
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain(sentence);
  });

  it.each([
    ['protocol nodes command=node x\njoinServer 0', ['--sim'], 'which no simulation can run'],
    ['protocol nodes\njoinServer 0', [], 'command= is missing'],
    ['protocol nodes nodes=0,0 command=x', [], 'an id twice'],
    ['protocol nodes claims=much command=x', [], 'is no value of claims'],
    ['protocol nodes command=x "y', [], 'a quote that does not end'],
    ['protocol nodes command=""', [], 'is no value of command'],
    ['protocol nodes quiet=2s command=x', [], 'is no value of quiet'],
    ['protocol nodes nodes=0,1 command=x\njoinServer 2', [], '2 is not among nodes=0,1'],
    ['protocol nodes command=x\ndelete 5 x', [], 'protocol nodes has no delete'],
    ['protocol nodes command=x\nclock 5 +1s', [], 'protocol nodes has no clock'],
    ['protocol nodes storage=log command=x', [], 'protocol nodes keeps no log'],
  ])('%j is a bad line', async (script, words, sentence) => {
    const { status, stderr } = await runNodes(script, words);
    expect(stderr).toContain(sentence);
    expect(status).toBe(65);
  });
});

describe.runIf(IS_FULL && hasProgram('python3', '--version'))('fuzz', () => {
  const order = (command: string, seconds: string): string[] => {
    return ['fuzz', '--protocol', 'nodes', '--set', `command=${command}`, '--seconds', seconds];
  };

  it('finds nodes that answer from their own copies', { timeout: 120_000 }, async () => {
    const ran = await runNodes('', order(LOCAL, '30'));
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/^# broken: linearizable: .*\n(?:#.*\n)+protocol nodes command=/);
    expect(ran.stderr).toMatch(/seed \d+: broken: .*\n.*lines shrunk to \d+ in \d+ runs/);
  });

  it('finds stores that stay different', { timeout: 120_000 }, async () => {
    const ran = await runNodes('', [...order(LOCAL, '15'), '--set', 'claims=convergence']);
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/^# broken: convergence: After the stabilize in line \d+ server/);
    expect(ran.stdout).toMatch(/\nstabilize\n/);
  });

  it('finds nothing wrong with nodes that ask a majority', { timeout: 60_000 }, async () => {
    const ran = await runNodes('', order(MAJORITY, '20'));
    expect(ran.stderr).toMatch(/nodes: \d+ seeds in at most 20 s, none broken/);
    expect([ran.status, ran.stdout]).toEqual([0, '']);
  });
});

function linesOf<T>(path: string): T[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as T);
}
