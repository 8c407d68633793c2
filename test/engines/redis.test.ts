// Scripts on Redis's own servers: acknowledged writes are lost as Redis says, and not with the
// settings against it; what a script can do to servers of ours it can do to these.
import { describe, expect, it } from 'vitest';
import { IS_FULL } from '../support/extent.ts';
import { describeScripts, FOR_LONG } from './engineScripts.ts';
import { hasProgram, runNodes } from './runNodes.ts';

const isThere = hasProgram('redis-server', '--version');
const THREE = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 10 0\njoinClient 12 2\n';

describeScripts('redis', isThere);

it('the package of Redis is named if there is no such program', async () => {
  const ran = await runNodes('protocol redis binary=no-such-redis\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toContain("there is no such program; Debian's package redis-server has it");
});

it.runIf(isThere)('what a program wrote that does not start is shown', FOR_LONG, async () => {
  const ran = await runNodes('protocol redis binary=ls\njoinServer 0\n');
  expect(ran.status).toBe(71);
  expect(ran.stderr).toMatch(/server 0 ended.*exit status 2.*unrecognized/);
});

describe.runIf(isThere && IS_FULL).concurrent('servers of Redis', () => {
  it('do operations in one step, and show their stores', FOR_LONG, async () => {
    const script = [
      ...['put 12 x a  b', 'get 10 x', 'put 10 é ""', 'get 12 é', 'cas 10 x a 1', 'put 10 y 1'],
      ...['cas 12 y 1 2', 'cas 12 none 1 2', 'delete 12 y', 'get 10 y', 'delete 10 none'],
      ...['printStore 2', 'inspect 2'],
    ];
    const ran = await runNodes(`protocol redis\n${THREE}${script.join('\n')}`);
    const lines = ran.stdout.split('\n');
    expect(lines.slice(0, 8)).toEqual([
      ...['x:a  b', 'é:', 'x:ERR_CAS', 'y:2', 'none:ERR_CAS', 'y:ERR_KEY', 'x:a  b', 'é:'],
    ]);
    expect(JSON.parse(lines[8] ?? '')).toMatchObject({
      ...{ role: 'replica', follows: 0, isInTouch: true },
      store: [
        { key: 'x', value: 'a  b', version: [2 ** 32 + 1, 0, 1] },
        { key: 'é', value: '' },
      ],
    });
    expect([ran.status, ran.stderr]).toEqual([0, '']);
  });

  it('survive a failover in order, and come back with their writes', FOR_LONG, async () => {
    const script = [
      ...['put 10 x 1', 'killServer 0', 'promote 1', 'put 12 x 2', 'get 12 x', 'joinServer 0'],
      ...['printStore 0', 'killServer 0', 'killServer 1', 'killServer 2', 'joinServer 1'],
      ...['joinClient 13 1', 'get 13 x', 'put 13 x 3', 'joinServer 0', 'printStore 0'],
      ...['check linearizable monotonic-writes'],
    ];
    const ran = await runNodes(`protocol redis appendonly=yes\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual([
      ...['x:2', 'x:2', 'x:2', 'x:3', 'linearizable: holds', 'monotonic-writes: holds', ''],
    ]);
  });

  it('are cut one way, paused, and slow', FOR_LONG, async () => {
    const script = [
      // What the primary sends is lost on its way; the connection ends with the cut.
      ...['breakConnection 0 2 oneway', 'put 10 x 1', 'heal', 'get 12 x'],
      ...['pauseServer 2', 'put 10 x 2', 'get 12 x', 'promote 2', 'resumeServer 2', 'get 12 x'],
      ...['link 0 2 delay=300ms', 'put 10 x 3', 'get 12 x', 'link all reset'],
      ...['fail 2', 'put 10 x 4', 'recover 2', 'get 12 x'],
    ];
    const ran = await runNodes(`protocol redis timeout=2s\n${THREE}${script.join('\n')}`);
    expect(ran.stdout.split('\n')).toEqual(['x:1', 'x:ERR_UNREACHABLE', 'x:2', 'x:3', 'x:4', '']);
    // It would become a primary when it is resumed, after the script has gone on.
    expect(ran.stderr).toContain('server 2 is paused');
  });

  it('are found not to be linearizable by random scripts', FOR_LONG, async () => {
    const claim = ['--set', 'claims=linearizable'];
    const ran = await runNodes('', ['fuzz', '--protocol', 'redis', ...claim, '--seconds', '40']);
    expect(ran.status, ran.stderr).toBe(1);
    expect(ran.stdout).toMatch(/^# broken: linearizable: .*\n(?:#.*\n)+protocol redis claims=/);
  });

  it('are stale over a slow link if lines do not wait', FOR_LONG, async () => {
    const load = 'workload ops=600 reads=0.5 keys=2 inflight=2\ncheck linearizable\n';
    const ran = await runNodes(
      `protocol redis reaction=open\n${THREE}link 0 2 delay=30ms\n${load}`,
    );
    expect(ran.stdout).toContain('linearizable: broken');
    const atPrimary = await runNodes(`protocol redis reaction=open reads=primary\n${THREE}${load}`);
    expect(atPrimary.stdout).toContain('linearizable: holds');
  });
});
