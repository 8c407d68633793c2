// The run's own view of its servers' stores: convergence and lost writes, in both worlds.
import { describe, expect, it } from 'vitest';
import type { Env } from '../../src/kernel/env.ts';
import type { ErasedReplica, Protocol } from '../../src/kernel/protocol.ts';
import { causal } from '../../src/protocols/causal/index.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { launch, simulate } from '../scripts/programs.ts';
import { FakeCluster } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';
import { tiny } from '../support/tinyProtocol.ts';

const sim = (script: string, ...words: string[]) => simulate(Buffer.from(script), words);
/** Its servers never tell each other anything, and give writes no versions. */
const tinySim = (script: string) =>
  simulate(Buffer.from(script), ['--protocol', 'tiny'], [...PROTOCOLS, tiny]);

const PAIR = 'joinServer 0\njoinServer 1\njoinClient 5 0\njoinClient 6 1\n';
const BOTH = 'check convergence no-lost-writes\n';

/** Server 0 alone has k=new when it is killed, and k=newest covers that up later. */
const LOSS = `${PAIR}put 5 k old\nbreakConnection 0 1\nput 5 k new\nkillServer 0\n`;
const COVERED_UP = 'stabilize\nput 6 k newest\nstabilize\n';
const LOST =
  'no-lost-writes: broken (LostWrite): 1 of 3 acknowledged writes is lost: client 5 put k=new ' +
  '(line 7), and server 0, which took it, was killed (line 8); at the stabilize in line 9 no ' +
  'live server had it or a later one.\n';

describe.each([
  ['simulation', simulate],
  ['processes', launch],
])('in the world of %s', (_name, run) => {
  it('a write that died with its server is found, even if a later one covers it up', async () => {
    const { status, stdout } = await run(Buffer.from(`${LOSS}${COVERED_UP}${BOTH}`), []);
    expect(stdout).toBe(`convergence: holds\n${LOST}`);
    expect(status).toBe(1);
  });
});

describe('convergence', () => {
  it('is broken where servers differ after a stabilize', async () => {
    const script = `${PAIR}put 5 k one\nput 6 k two\nstabilize\ncheck convergence\n`;
    const { status, stdout } = await tinySim(script);
    expect(stdout).toBe(
      'convergence: broken (DifferentStores): After the stabilize in line 7 server 0 has k=one, ' +
        'but server 1 has k=two.\n',
    );
    expect(status).toBe(1);
  });

  it('is asked of each partition by itself, whatever cut it', async () => {
    const differ = 'put 5 k one\nput 6 k two\nstabilize\ncheck convergence\n';
    for (const cut of ['breakConnection 0 1', 'partition 0 | 1', 'breakConnection 0 1 oneway']) {
      const { stdout } = await tinySim(`${PAIR}${cut}\n${differ}`);
      expect(stdout, cut).toBe('convergence: holds\n');
    }
    const bridged = `joinServer 2\n${PAIR}breakConnection 0 1\n${differ}`;
    expect((await tinySim(bridged)).stdout).toContain('broken (DifferentStores)');
  });

  it('is judged although the history has gaps', async () => {
    const script = `${PAIR}append 5 k one\nstabilize\ncheck\n${BOTH}`;
    const { stdout } = await tinySim(script);
    const why = 'undecided: the checkers do not know what append does (line 5)';
    const [first, ...others] = stdout.trimEnd().split('\n');
    expect(first).toBe(why);
    const differ = expect.stringContaining('convergence: broken (DifferentStores)');
    const open = `no-lost-writes: ${why}`;
    expect(others).toEqual([differ, open, differ, open]);
  });

  it('is undecided without a stabilize, or where none reached every live server', async () => {
    const { status, stdout } = await sim(`${PAIR}${BOTH}`);
    const why = 'undecided: there was no stabilize\n';
    expect([status, stdout]).toEqual([2, `convergence: ${why}no-lost-writes: ${why}`]);
    const paused = `${PAIR}pauseServer 1\nstabilize\ncheck convergence\n`;
    const partly = 'no stabilize was whole; at that in line 6 server 1 did not answer';
    expect((await sim(paused)).stdout).toBe(`convergence: undecided: ${partly}\n`);
    const resumed = `${paused}resumeServer 1\nstabilize\ncheck convergence\n`;
    expect((await sim(resumed)).stdout).toContain('convergence: holds\n');
  });

  it('is not judged where a write or a cut ran beside the stabilize', async () => {
    for (const beside of ['put 5 k two', 'breakConnection 0 1', 'killServer 1', 'pauseServer 1']) {
      const block = `concurrently\nstabilize\n${beside}\nend\ncheck convergence\n`;
      const { stdout } = await tinySim(`${PAIR}put 5 k one\n${block}`);
      expect(stdout, beside).toContain('line 7 other lines ran beside it\n');
    }
    const gets = 'concurrently\nget 6 k\nstabilize\nget 5 k\nend\ncheck convergence\n';
    expect((await tinySim(`${PAIR}put 5 k one\n${gets}`)).stdout).toContain('DifferentStores');
  });
});

/** The causal protocol with servers that are not what they should be, and no invariants. */
const spoilt = (spoil: (replica: ErasedReplica, env: Env) => Partial<ErasedReplica>): Protocol => ({
  ...causal,
  createReplica: (env, options) => {
    const replica = causal.createReplica(env, options);
    return { ...replica, ...spoil(replica, env) };
  },
  createInvariants: tiny.createInvariants,
});

describe('a causal protocol with a defect is found out', () => {
  const script = `${PAIR}breakConnection 0 1\nput 5 k v\nput 6 l w\ncreateConnection 0 1\n`;
  const see = async (protocol: Protocol) =>
    (await simulate(Buffer.from(`${script}stabilize\n${BOTH}`), [], [protocol])).stdout;

  it('if stabilize does nothing and says that it is done', async () => {
    const idle = spoilt((_replica, { self }) => ({
      stabilize: async () => ({ reached: [self.id], missing: [] }),
    }));
    expect(await see(idle)).toBe(
      'convergence: broken (DifferentStores): After the stabilize in line 9 server 0 has k=v ' +
        '(line 6), but server 1 has no k.\nno-lost-writes: holds\n',
    );
  });

  it('if all servers forget a write that they say they have applied', async () => {
    const forgetful = spoilt((replica) => ({
      versions: () => [...(replica.versions?.() ?? [])].filter(({ key }) => key !== 'l'),
    }));
    expect(await see(forgetful)).toBe(
      'convergence: broken (MissingWrite): Client 6 put l=w (line 7) and was told that it is ' +
        'done, but after the stabilize in line 9 server 0 has no l.\nno-lost-writes: broken ' +
        '(LostWrite): 1 of 2 acknowledged writes is lost: client 6 put l=w (line 7), and server ' +
        '1, which took it, lives, but at the stabilize in line 9 no live server had it or a ' +
        'later one.\n',
    );
  });

  it('if a server no longer has what it had before', async () => {
    let looks = 0;
    const shrinking = spoilt((replica) => ({
      applied: () => {
        looks += 1;
        return looks <= 2 ? (replica.applied?.() ?? []) : [];
      },
    }));
    expect(await see(shrinking)).toContain(
      'convergence: broken (OlderThanBefore): Before the stabilize in line 9 server 0 had ' +
        'applied k=v (line 6), after it server 0 has not.\n',
    );
  });
});

describe('lost writes', () => {
  it('are left open after a death that no stabilize has followed', async () => {
    const { stdout } = await sim(`${PAIR}put 5 k v\nstabilize\nkillServer 0\n${BOTH}`);
    const why = 'server 0 was killed (line 7), and no stabilize came after that';
    expect(stdout).toBe(`convergence: holds\nno-lost-writes: undecided: ${why}\n`);
  });

  it('are all writes when all servers are gone', async () => {
    const { stdout } = await sim(
      `${PAIR}put 5 k v\nkillServer 0\nkillServer 1\nstabilize\n${BOTH}`,
    );
    expect(stdout).toContain('no-lost-writes: broken (LostWrite): 1 of 1 acknowledged writes');
  });

  it('are in the summary, by their lines, and in its JSON', async () => {
    const script = `${LOSS}stabilize\ncheck\n`;
    const { status, stdout } = await sim(script);
    expect(stdout).toContain(
      `convergence: holds\n${LOST.replace('1 of 3', '1 of 2')}  line 7: put 5 k new\nanswered: `,
    );
    expect(status).toBe(0);
    const { stores } = JSON.parse((await sim(script, '--json')).stdout);
    expect(stores).toMatchObject([
      { level: 'convergence', outcome: 'holds' },
      { level: 'no-lost-writes', outcome: 'broken', operations: [{ line: 7, value: 'new' }] },
    ]);
  });
});

describe('the looks', () => {
  it('are at vectors before and at stores after, and at no server that is paused', async () => {
    const cluster = new FakeCluster();
    await runScript(`${PAIR}joinServer 2\npauseServer 2\nstabilize\n`, { cluster });
    const asked = cluster.calls.filter((call) => / (snapshot|stabilize) /.test(call));
    const kinds = asked.map((call) => call.replace(/ stabilize .*/, ' stabilize'));
    expect(kinds).toEqual([
      'ask 0 snapshot {"withStore":false}',
      'ask 1 snapshot {"withStore":false}',
      'ask 0 stabilize',
      'ask 0 snapshot {"withStore":true}',
      'ask 1 snapshot {"withStore":true}',
    ]);
  });

  it('show long values by their ends', async () => {
    const long = `${'a'.repeat(40)}${'b'.repeat(1000)}${'c'.repeat(20)}`;
    const { stdout } = await tinySim(`${PAIR}put 5 k ${long}\nstabilize\ncheck convergence\n`);
    const shown = `k=${'a'.repeat(32)}...${'c'.repeat(16)} (1060 characters)`;
    expect(stdout).toContain(`server 0 has ${shown}, but server 1 has no k.`);
  });
});
