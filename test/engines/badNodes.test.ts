// Nodes that do something wrong: each gives a clear error or answer, in time, and leaves no
// process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { nodes } from '../../src/engines/nodes/index.ts';
import { completeOptions } from '../../src/kernel/design.ts';
import { findProcesses, nothingLeft } from '../support/processTree.ts';
import { type Ran, runNodes } from './runNodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-bad-'));
afterAll(() => rmSync(folder, { recursive: true }));

let runs = 0;

/** Runs lines after the joins of two servers and client 5, and waits until no process is left. */
async function runBad(mode: string, lines: readonly string[] = [], options = ''): Promise<Ran> {
  runs += 1;
  // A text that stands in the command lines of this run's programs only.
  const mark = `${folder}/run${runs}-`;
  const command = `${process.execPath} test/engines/programs/bad.js "${mode}" ${mark}`;
  const joins = ['joinServer 0', 'joinServer 1', 'joinClient 5 0'];
  const first = `protocol nodes nodes=0,1 ${options} command=${command}`;
  const ran = await runNodes([first, ...joins, ...lines].join('\n'));
  await nothingLeft(mark, 1_000);
  return ran;
}

describe.concurrent('a node that cannot start', () => {
  it.each([
    ['silence', /did not answer init within 700 ms; it wrote nothing to stdout \(does it flush/],
    ['init without a number', /in_reply_to: {"type":"init_ok"}\n.*did not answer init within/],
    ['init without an end', /within 700 ms; the line that it has written has no end yet/],
    ['a refused init', /server 0 is not ready: init was answered with .*"code":13/],
    [
      'exits at once',
      /server 0 ended \(exit status 3\) before it .*; stderr: no config.*; stderr: Traceback/,
    ],
  ])('%s', async (mode, message) => {
    const { status, stdout, stderr } = await runBad(mode, [], 'start=700ms');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^causeway: E_SPAWN: /m);
    expect([status, stdout]).toEqual([71, '']);
  });

  it.each([
    ['/nonexistent/program', /cannot start server 0: \/nonexistent\/program: there is no such/],
    ['no-such-program-4711', /cannot start server 0: no-such-program-4711: there is no such prog/],
    ['TEXT', /cannot start server 0: .*text: it is not executable/],
  ])('%s', async (command, message) => {
    const path = join(folder, 'text');
    writeFileSync(path, 'hello\n');
    const script = `protocol nodes command=${command.replace('TEXT', path)}\njoinServer 0\n`;
    const { status, stderr } = await runNodes(script);
    expect(stderr).toMatch(message);
    expect(status).toBe(71);
  });
});

describe.concurrent('a node that writes what is no message', () => {
  it.each([
    ['garbage', /server 0: a line on its stdout is no message: it is not JSON: "Server is ready"/],
    ['not a message', /is no message: it has no src, dest and body: "{\\"hello\\": 1}"/],
    ['a long line', /is no message: it is longer than 1048576 bytes/],
    ['not UTF-8', /is no message: it is not UTF-8/],
    ['nobody', /server 0: it sent a message to "somebody", which there is not/],
    ['the name of another', /server 0: it sent a message in the name of "n7"/],
  ])('%s: the run goes on, and says so once', async (mode, message) => {
    const { status, stdout, stderr } = await runBad(mode, ['get 5 x', 'get 5 y']);
    expect(stdout).toBe('x:fine\ny:fine\n');
    expect(stderr).toMatch(message);
    expect(stderr.match(/server 0: (?:a line|it sent)/g)).toHaveLength(1);
    expect(status).toBe(0);
  });

  it('much of it: it is counted', async () => {
    const { stderr } = await runBad('garbage', ['get 5 x', 'killServer 0']);
    expect(stderr).toContain('server 0: 2 lines on its stdout that are no messages');
  });
});

describe.concurrent('a node that answers badly', () => {
  it('twice: the first answer counts', async () => {
    const { status, stdout } = await runBad('twice', ['get 5 x', 'get 5 y', 'inspect 0']);
    expect(stdout).toMatch(/^x:fine\ny:fine\n.*"late":2,/);
    expect(status).toBe(0);
  });

  it('in two ways: the first answer counts, and it is told', async () => {
    const { stderr } = await runBad('contradicts itself', ['put 5 x 1', 'put 5 x 2']);
    expect(stderr).toMatch(/stdin:5: note: ERR_NODE_UNAVAILABLE: not done/);
    expect(stderr.match(/server 0: it answered a request of client 5 twice/g)).toHaveLength(1);
  });

  const LATE = [
    ...['concurrently', 'get 5 x', 'sleep 30ms', 'breakConnection 5 0', 'end', 'killClient 5'],
  ];

  it('late: a reply to an earlier life of a client is none to its next', async () => {
    const lines = [...LATE, 'joinClient 5 0', 'get 5 y', 'inspect 0'];
    const { stdout, stderr } = await runBad('keeps the first answer', lines);
    expect(stdout).toMatch(/^x:ERR_UNREACHABLE\ny:fine\n.*"late":1,.*"wrong":{}/);
    expect(stderr).not.toContain('server 0');
  });

  it('late: a reply to a client that has ended is no fault', async () => {
    const lines = [...LATE, 'joinClient 6 0', 'get 6 y', 'inspect 0'];
    const { stdout, stderr } = await runBad('keeps the first answer', lines);
    expect(stdout).toMatch(/^x:ERR_UNREACHABLE\ny:fine\n.*"late":1,.*"wrong":{}/);
    expect(stderr).not.toContain('server 0');
  });

  it('with a text as the number: it is no answer, and it is told', async () => {
    // The get waits as long as it may, which is longer than any machine needs for the answer.
    const { stdout, stderr } = await runBad('a text as a number', ['get 5 x']);
    expect(stdout).toBe('x:ERR_UNREACHABLE\n');
    expect(stderr).toMatch(/server 0: it sent client 5 a reply to nothing that was asked/);
  });

  it.each([
    ['another type', /ERR_BAD_REPLY: .* \(the type "write_ok"\)/],
    ['no text', /ERR_BAD_REPLY: .* \(the value {"a":1}\)/],
  ])('%s: the outcome is open', async (mode, message) => {
    const { stdout, stderr } = await runBad(mode, ['get 5 x', 'put 5 x 1']);
    expect(stdout).toBe('x:ERR_BAD_REPLY\n');
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/ERR_NODE_ERROR: indeterminate, .* \(code 1234: what\?\)/);
  });

  it('a question that nobody asked: it is told', async () => {
    const { stderr } = await runBad('an answer that nobody asked for', [
      // Its answer to the get comes after the one that nobody asked for.
      ...['breakConnection 5 0', 'killServer 1', 'joinServer 1', 'createConnection 5 1', 'get 5 x'],
    ]);
    expect(stderr).toMatch(/server 1: it sent client 5 a reply to nothing that was asked/);
  });

  it('never: each line ends by its deadline', async () => {
    const { status, stdout, stderr } = await runBad('never', [
      ...['concurrently', 'get 5 x', 'printStore 0', 'inspect 1', 'end', 'stabilize'],
    ]);
    expect(stdout).toMatch(/^x:ERR_UNREACHABLE\n{"dropped":0,.*"name":"n1".*}\n$/);
    expect(stderr).toMatch(/E_NO_METHOD: server 0: there is no answer to dump/);
    expect(stderr).toMatch(/stabilize waited until no message passed/);
    expect(status).toBe(0);
  });

  it('a store that is none: printStore says why', async () => {
    const { stderr } = await runBad('a bad dump', ['printStore 0', 'stabilize']);
    expect(stderr).toMatch(/E_NO_METHOD: server 0: its dump has a value that is no text: k/);
  });

  it('nothing but an error to dump: printStore and stabilize say so', async () => {
    const { stdout, stderr } = await runBad('', ['printStore 0', 'stabilize', 'inspect 1']);
    expect(stderr).toMatch(/E_NO_METHOD: server 0: dump is answered with .*"code":10/);
    expect(stderr).toMatch(/stabilize waited until no message passed for 200 ms/);
    expect(stdout).toMatch(/^{"dropped":0,"late":0,"name":"n1",/);
  });
});

describe.concurrent('a node that dies or does not die', () => {
  it('death in mid-line: it is told, with the last lines of its stderr', async () => {
    const { stdout, stderr } = await runBad('death in mid-line', ['get 5 x', 'get 5 y']);
    expect(stdout).toBe('x:ERR_UNREACHABLE\ny:ERR_UNREACHABLE\n');
    expect(stderr).toContain('server 0: its last message has no end of line');
    expect(stderr).toContain('server 0: stderr: about to die');
    expect(stderr).toContain('server 0 died: exit status 7');
  });

  it('grandchildren: they end with their server, and no others do', async () => {
    const mark = `${folder}/family-`;
    const command = `${process.execPath} test/engines/programs/bad.js grandchildren ${mark}`;
    const options = completeOptions(nodes, { nodes: '0,1', command });
    const world = await nodes.createCluster({ protocol: nodes, options, seed: 1 });
    for (const id of [0, 1]) await world.start({ role: 'server', id, incarnation: 1 });
    // The program and two that it has started.
    await vi.waitFor(() => expect(findProcesses(mark)).toHaveLength(6), 10_000);
    await world.kill(1);
    await vi.waitFor(() => expect(findProcesses(mark)).toHaveLength(3), 1_000);
    await world.stop();
    await nothingLeft(mark, 1_000);
  });

  it.each(['ignores SIGTERM', 'grandchildren', 'a closed stdout'])(
    '%s: nothing of it is left',
    async (mode) => {
      const { stdout } = await runBad(mode, ['pauseServer 1', 'killServer 0', 'joinServer 0']);
      expect(stdout).toBe('');
    },
  );

  it('much on stderr: it is read, and only the end is kept', async () => {
    const { status, stdout, stderr } = await runBad('much on stderr', ['get 5 x']);
    expect([status, stdout, stderr]).toEqual([0, 'x:fine\n', '']);
  });

  it.each([...['a flood to nobody', 'a flood of short lines']])(
    '%s: requests are served',
    async (mode) => {
      const { stdout } = await runBad(mode, ['get 5 x', 'sleep 300ms', 'get 5 x']);
      expect(stdout).toBe('x:fine\nx:fine\n');
    },
  );

  it.each([...['a flood to itself', 'a flood to a service']])(
    '%s: lines end, though the node may not come to its requests in time',
    async (mode) => {
      const { stdout } = await runBad(mode, ['get 5 x', 'sleep 300ms', 'get 5 x']);
      expect(stdout).toMatch(/^(x:(fine|ERR_UNREACHABLE)\n){2}$/);
    },
  );

  it('a flood over a slow link: it has to wait when 4 MiB are delayed', async () => {
    const lines = ['link 0 1 delay=5s', 'get 5 x', 'sleep 1s', 'inspect 0'];
    const { stdout } = await runBad('a flood to a peer', lines);
    const [, sent = 'none'] = /"sent":(\d+)/.exec(stdout) ?? [];
    // Of 10 KB each: one chunk more may have been read already.
    expect(Number(sent)).toBeGreaterThan(100);
    expect(Number(sent)).toBeLessThan(450);
  });

  it('a flood to a server that does not read: it is lost while 4 MiB wait', async () => {
    const lines = ['pauseServer 1', 'get 5 x', 'sleep 3s', 'get 5 x'];
    const { stdout, stderr } = await runBad('a flood to a peer', lines);
    expect(stdout).toBe('x:fine\nx:fine\n');
    expect(stderr).toContain('server 1: it does not read its stdin: messages from {"src":"n0"');
  });
});

describe('after SIGKILL of the built program', () => {
  it.each([
    ['grandchildren', 'master'],
    ['ignores SIGTERM', 'master'],
    ['ignores SIGTERM', "master's process group"],
  ])('nothing is left of a node of the kind: %s; killed was the %s', async (mode, killed) => {
    const mark = `${folder}/killed-${mode.length}-${killed.length}-`;
    const command = `${process.execPath} test/engines/programs/bad.js "${mode}" ${mark}`;
    const child = spawn(process.execPath, ['master.js'], {
      ...{ detached: true, stdio: ['pipe', 'pipe', 'inherit'] },
    });
    const ended = once(child, 'exit');
    const joins = 'joinServer 0\njoinServer 1\njoinClient 5 0\npauseServer 1\nget 5 x\n';
    child.stdin.write(`protocol nodes nodes=0,1 command=${command}\n${joins}`);
    expect(String(await once(child.stdout, 'data'))).toBe('x:fine\n');
    // A node that is stopped while it starts another program counts twice.
    expect(findProcesses(mark).length).toBeGreaterThanOrEqual(2);
    process.kill(killed === 'master' ? Number(child.pid) : -Number(child.pid), 'SIGKILL');
    await ended;
    await nothingLeft(mark, 1_000);
  });
});
