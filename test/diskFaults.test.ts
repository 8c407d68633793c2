// What a user sees if disks fail or are full, in simulation. fullDisk.test.ts has a real server
// with a full disk; the messages are the same.
import { expect, it } from 'vitest';
import { simulate } from './scripts/programs.ts';

const INDETERMINATE =
  'ERR_UNREACHABLE: indeterminate, no answer came; it may have been done or not';

const run = (lines: readonly string[], faults: string) =>
  simulate(Buffer.from(lines.join('\n')), ['--storage', 'log', '--faults', faults]);

it('a server whose disk fails ends itself, and comes back with all it acknowledged', async () => {
  const { status, stdout, stderr } = await run(
    [
      ...['joinServer 0', 'joinClient 5 0', 'put 5 tea green', 'put 5 cake plum', 'get 5 tea'],
      ...['killServer 0', 'joinServer 0', 'createConnection 5 0', 'get 5 tea'],
    ],
    'disk-failure=1',
  );
  expect(stdout).toBe('tea:ERR_UNREACHABLE\ntea:green\n');
  const lines = stderr.split('\n').filter((line) => !line.includes('a torn tail was cut off'));
  expect(lines).toEqual([
    'causeway: warning: server 0: E_IO: server-0: EIO',
    'causeway: note: server 0 died: exit status 71',
    `causeway: stdin:4: note: ${INDETERMINATE}`,
    'causeway: stdin:5: note: client 5 is connected to no live server; no server is alive',
    'causeway: stdin:6: E_NO_SUCH_SERVER: no live server has the id 0',
    '',
  ]);
  expect(status).toBe(65);
});

it('a server whose disk is full only answers reads, until it begins anew', async () => {
  const { status, stdout, stderr } = await run(
    [
      ...['joinServer 0', 'joinClient 5 0', 'put 5 tea green', 'put 5 cake plum', 'get 5 tea'],
      ...['killServer 0', 'joinServer 0', 'createConnection 5 0', 'put 5 cake lemon', 'get 5 cake'],
    ],
    'disk-full=1',
  );
  expect(stdout).toBe('tea:green\ncake:lemon\n');
  const [refused, ...rest] = stderr.split('\n');
  expect(refused).toBe('causeway: stdin:4: note: ERR_UNREACHABLE: not done, the disk is full');
  expect(rest.join('\n')).toMatch(
    /^(causeway: warning: server 0: .* a torn tail was cut off.*\n)?$/,
  );
  expect(status).toBe(0);
});

it.each([
  ['slow', 'disk-delay=50..200,disk-tail=0.2:900'],
  ['in memory not there at all', 'disk-failure=0'],
])('disks that are %s change nothing that is printed', async (_what, faults) => {
  const lines = ['joinServer 0', 'joinServer 1', 'joinClient 5 0', 'put 5 tea green', 'get 5 tea'];
  expect(await run(lines, faults)).toEqual({ status: 0, stdout: 'tea:green\n', stderr: '' });
});
