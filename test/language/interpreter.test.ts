// The calls of each command to a world, their order, and the command's output.
import { describe, expect, test } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';
import { FakeCluster, reply } from '../support/fakeCluster.ts';
import { runScript } from '../support/runScript.ts';

/** The calls of the commands in `script`, without those of `before`. */
async function callsOf(before: string, script: string): Promise<string[]> {
  const { cluster: reference } = await runScript(before);
  const { cluster } = await runScript(before + script);
  return cluster.calls.slice(reference.calls.length);
}

function connect(id: number, peer: number, role = 'server'): string {
  return `ask ${id} connect {"peer":${peer},"role":"${role}"}`;
}

function disconnect(id: number, peer: number, role = 'server'): string {
  return `ask ${id} disconnect {"peer":${peer},"role":"${role}"}`;
}

const TRIO = 'joinServer 0\njoinServer 1\njoinServer 2\njoinClient 5 0\n';

describe('nodes', () => {
  test('joinServer links a server to every live one, tells both ends, and waits', async () => {
    const calls = await callsOf('joinServer 3\njoinServer 1\n', 'joinServer 2');
    expect(calls[0]).toBe('start server 2.1');
    expect(calls.at(-1)).toBe('ask 2 settle {}');
    expect(calls.slice(1, -1).sort()).toEqual(
      ['link 2 1', 'link 2 3', connect(2, 1), connect(1, 2), connect(2, 3), connect(3, 2)].sort(),
    );
  });

  test('joinServer waits for nothing where all servers are paused, and for the first', async () => {
    expect(await callsOf('', 'joinServer 0')).toEqual(['start server 0.1', 'ask 0 settle {}']);
    const calls = await callsOf('joinServer 0\npauseServer 0\n', 'joinServer 1');
    expect(calls.filter((call) => call.includes('settle'))).toEqual([]);
  });

  test('A27 a killed id is joined again as its next life, with links to servers only', async () => {
    const calls = await callsOf(TRIO, 'killServer 0\njoinServer 0\nkillServer 0\njoinServer 0\n');
    expect(calls.filter((call) => call.startsWith('start'))).toEqual([
      'start server 0.2',
      'start server 0.3',
    ]);
    expect(calls.filter((call) => call.startsWith('link'))).toEqual([
      'link 0 1',
      'link 0 2',
      'link 0 1',
      'link 0 2',
    ]);
  });

  test('an id counts its lives whatever its role was', async () => {
    const calls = await callsOf('joinServer 0\njoinServer 1\nkillServer 1\n', 'joinClient 1 0\n');
    expect(calls[0]).toBe('start client 1.2');
  });

  test('killServer tells every node that had a link to it, once it is gone', async () => {
    const calls = await callsOf(TRIO, 'breakConnection 0 1\nkillServer 0\n');
    expect(calls.slice(3)).toEqual([
      'kill 0',
      disconnect(1, 0),
      disconnect(2, 0),
      disconnect(5, 0),
    ]);
  });

  test('joinClient connects a live client to another server as well', async () => {
    const calls = await callsOf(TRIO, 'joinClient 5 1\njoinClient 5 1\njoinClient 5 0\n');
    expect(calls).toEqual(['link 5 1', connect(5, 1), connect(1, 5, 'client')]);
  });

  test('joinClient hands over the guarantees', async () => {
    const calls = await callsOf(TRIO, 'joinClient 6 2 causal monotonic\n');
    expect(calls[0]).toBe('start client 6.1 causal monotonic');
  });

  test('an unknown guarantee lists the known ones', async () => {
    const { stderr } = await runScript(`${TRIO}joinClient 6 2 causal wishful\n`);
    const why = "'wishful' is no guarantee; protocol plain has causal, monotonic";
    expect(stderr).toBe(`causeway: stdin:5: E_ARGS: ${why}\n`);
  });

  test.each([
    ['casual', 'the nearest is causal'],
    ['1', 'one line connects a client to one server'],
  ])('the guarantee %j is refused with a hint', async (word, hint) => {
    const { stderr } = await runScript(`${TRIO}joinClient 6 2 ${word}\n`);
    expect(stderr).toMatch(new RegExp(`has causal, monotonic; ${hint}\n$`));
  });

  test('a paused server is told, but not waited for', async () => {
    const cluster = new FakeCluster();
    let answer = (): void => undefined;
    cluster.respond = (id, method) =>
      id === 1 && method === 'disconnect' && cluster.paused.has(1)
        ? new Promise<Json>((resolve) => {
            answer = () => resolve({});
          })
        : undefined;
    await runScript(`${TRIO}pauseServer 1\nkillServer 2\nprintStore 0\n`, { cluster });
    expect(cluster.calls.slice(-4)).toEqual([
      'kill 2',
      disconnect(0, 2),
      disconnect(1, 2),
      'ask 0 printStore {}',
    ]);
    answer();
  });

  test('a resumed server has caught up before the next command', async () => {
    const calls = await callsOf(TRIO, 'pauseServer 1\nresumeServer 1\nstabilize\n');
    expect(calls.slice(0, 3)).toEqual(['pause 1', 'resume 1', 'ask 1 settle {}']);
  });

  test('a server is not paused twice', async () => {
    const { stderr } = await runScript(`${TRIO}pauseServer 1\npauseServer 1\n`);
    expect(stderr).toBe('causeway: stdin:6: E_ARGS: server 1 is paused already\n');
  });

  test('D7 a death that was not ordered is noted, and its peers are told', async () => {
    const cluster = new FakeCluster();
    let hasHeard = false;
    cluster.respond = (id, method, params) => {
      if (method === 'disconnect' && id === 5) {
        return new Promise<Json>((resolve) => {
          setImmediate(() => {
            hasHeard = true;
            resolve({});
          });
        });
      }
      if (method === 'put' && params.key === 'k') expect(hasHeard).toBe(true);
      if (method !== 'put' || params.key !== 'fatal') return undefined;
      cluster.die({ id: 0, incarnation: 1, why: 'signal SIGKILL', isBug: false });
      return reply('unknown');
    };
    const script = `${TRIO}put 5 fatal v\nput 5 k v\nprintStore 0\njoinServer 0\n`;
    const { stderr, badLineCount } = await runScript(script, { cluster });
    expect(stderr.split('\n')).toEqual([
      'causeway: note: server 0 died: signal SIGKILL',
      expect.stringMatching(/^causeway: stdin:5: note: ERR_UNREACHABLE: indeterminate/),
      expect.stringMatching(/^causeway: stdin:6: note: ERR_UNREACHABLE: not done/),
      'causeway: stdin:7: E_NO_SUCH_SERVER: no live server has the id 0',
      '',
    ]);
    expect(badLineCount).toBe(1);
    const told = [disconnect(1, 0), disconnect(2, 0), disconnect(5, 0)];
    expect(cluster.calls).toEqual(expect.arrayContaining([...told, 'start server 0.2']));
    const lastTold = cluster.calls.indexOf(disconnect(5, 0));
    expect(cluster.calls.indexOf('ask 5 put {"key":"k","value":"v"}')).toBeGreaterThan(lastTold);
  });

  test('a node that dies of a bug of its own ends the run', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) => {
      if (method === 'get')
        cluster.die({ id: 0, incarnation: 1, why: 'exit status 70', isBug: true });
      return undefined;
    };
    const script = `${TRIO}get 5 k\nprintStore 1\n`;
    await expect(runScript(script, { cluster })).rejects.toThrow('server 0 ended with a bug');
    expect(cluster.calls.some((call) => call.includes('printStore'))).toBe(false);
  });

  test.each([
    ['another', 0, ['ask 4 settle {}'], ['link 4 0']],
    ['the new one', 4, [], ['link 4 0', 'link 4 1', 'ask 4 settle {}']],
  ])('while a server starts, %s dies: the join is no bad line', async (_, dies, done, not) => {
    const cluster = new FakeCluster();
    const start = cluster.start.bind(cluster);
    cluster.start = async (spec) => {
      const recovered = await start(spec);
      if (spec.id === 4)
        cluster.die({ id: dies, incarnation: 1, why: 'exit status 71', isBug: false });
      return recovered;
    };
    const { stderr } = await runScript(`${TRIO}joinServer 4\n`, { cluster });
    expect(stderr).toBe(`causeway: note: server ${dies} died: exit status 71\n`);
    expect(cluster.calls).toEqual(expect.arrayContaining(done));
    for (const call of not) expect(cluster.calls).not.toContain(call);
  });

  test('a late word of a former life changes nothing', async () => {
    const cluster = new FakeCluster();
    await runScript(`${TRIO}killServer 0\njoinServer 0\n`, { cluster });
    const before = cluster.calls.length;
    cluster.die({ id: 0, incarnation: 1, why: 'late', isBug: false });
    expect(cluster.calls).toHaveLength(before);
  });
});

describe('links', () => {
  test('breakConnection cuts, then tells both; a second time it changes nothing', async () => {
    const calls = await callsOf(TRIO, 'breakConnection 1 0\nbreakConnection 0 1\n');
    expect(calls).toEqual(['unlink 1 0', disconnect(1, 0), disconnect(0, 1)]);
  });

  test('a client and a server, in either order', async () => {
    const calls = await callsOf(TRIO, 'breakConnection 0 5\ncreateConnection 5 0\n');
    expect(calls).toEqual([
      'unlink 0 5',
      disconnect(0, 5, 'client'),
      disconnect(5, 0),
      'link 5 0',
      connect(5, 0),
      connect(0, 5, 'client'),
    ]);
  });

  test('where there is no link nothing is cut, and heal makes none', async () => {
    expect(await callsOf(TRIO, 'breakConnection 5 1\nheal\n')).toEqual([]);
  });

  test('a connection that is there is not made again', async () => {
    expect(await callsOf(TRIO, 'createConnection 0 1\ncreateConnection 5 0\n')).toEqual([]);
  });

  test('a partition in one direction mutes the way to the later groups', async () => {
    const calls = await callsOf(TRIO, 'partition 0 | 1 5 | 2 oneway\nheal\n');
    expect(calls.filter((call) => /^(?:mute|unlink)/.test(call))).toEqual([
      'mute 0 1',
      'mute 0 5',
      'mute 0 2',
      'mute 1 2',
    ]);
    expect(calls.filter((call) => call.startsWith('link '))).toHaveLength(4);
  });

  test('a killed client is gone, and its id may be used again', async () => {
    const { cluster, stderr, stdout } = await runScript(
      `${TRIO}killClient 5\nget 5 x\nkillClient 5\nkillClient 0\njoinClient 5 1\nget 5 x\n`,
    );
    expect(stderr.match(/\d: E_\w+/g)).toEqual(
      Array(3).fill(expect.stringMatching(/E_NO_SUCH_CLIENT/)),
    );
    expect(cluster.calls).toEqual(expect.arrayContaining(['kill 5', 'start client 5.2']));
    expect(stdout).toBe('x:ERR_KEY\n');
  });

  test('oneway mutes one direction and tells no node; createConnection undoes it', async () => {
    const script = 'breakConnection 0 1 oneway\nbreakConnection 0 1 oneway\ncreateConnection 1 0\n';
    expect(await callsOf(TRIO, script)).toEqual([
      'mute 0 1',
      'link 1 0',
      connect(1, 0),
      connect(0, 1),
    ]);
  });

  test('both directions one after the other, then a full cut', async () => {
    const oneways = 'breakConnection 0 1 oneway\nbreakConnection 1 0 oneway\n';
    const calls = await callsOf(
      TRIO,
      `${oneways}breakConnection 0 1\nbreakConnection 0 1 oneway\n`,
    );
    expect(calls).toEqual([
      'mute 0 1',
      'mute 1 0',
      'unlink 0 1',
      disconnect(0, 1),
      disconnect(1, 0),
    ]);
  });

  test('partition cuts between the groups, clients too, and leaves others alone', async () => {
    const calls = await callsOf(`${TRIO}joinServer 3\njoinClient 5 1\n`, 'partition 0 5 | 1 2\n');
    const cuts = calls.filter((call) => call.startsWith('unlink'));
    expect(cuts).toEqual(['unlink 0 1', 'unlink 0 2', 'unlink 5 1']);
  });

  test('partition into three groups, without blanks around the bars', async () => {
    const calls = await callsOf(TRIO, 'partition 0|1|2\n');
    const cuts = calls.filter((call) => call.startsWith('unlink'));
    expect(cuts).toEqual(['unlink 0 1', 'unlink 0 2', 'unlink 1 2']);
  });

  test('heal restores whatever was cut between lives that go on', async () => {
    const cuts = 'partition 0 | 1 2\nbreakConnection 5 0\nbreakConnection 1 2 oneway\n';
    const calls = await callsOf(`${TRIO}${cuts}killServer 2\njoinServer 2\n`, 'heal\nheal\n');
    expect(calls.filter((call) => call.startsWith('link'))).toEqual(['link 1 0', 'link 5 0']);
  });
});

describe('operations', () => {
  test('get prints a value or why there is none', async () => {
    const cluster = new FakeCluster();
    const outcomes = ['stale', 'fail', 'unknown'] as const;
    cluster.respond = (_id, method, { key }) => {
      const outcome = outcomes.find((known) => known === key);
      return method === 'get' && outcome !== undefined ? reply(outcome) : undefined;
    };
    const gets = ['k', 'absent', ...outcomes].map((key) => `get 5 ${key}\n`).join('');
    const { stdout, stderr } = await runScript(`${TRIO}put 5 k v\n${gets}`, { cluster });
    expect(stdout.split('\n')).toEqual([
      'k:v',
      'absent:ERR_KEY',
      'stale:ERR_DEP',
      'fail:ERR_UNREACHABLE',
      'unknown:ERR_UNREACHABLE',
      '',
    ]);
    expect(stderr).toBe('');
  });

  test('A32 writes without an answer are notes, and no bad lines', async () => {
    const cluster = new FakeCluster();
    const outcomes = ['stale', 'fail', 'unknown'] as const;
    cluster.respond = (_id, method, { key }) => {
      const outcome = outcomes.find((known) => known === key);
      return method !== 'get' && outcome !== undefined ? reply(outcome) : undefined;
    };
    const script = `${TRIO}put 5 stale v\nput 5 fail v\ndelete 5 unknown\n`;
    const { stdout, stderr, badLineCount } = await runScript(script, { cluster });
    expect([stdout, badLineCount]).toEqual(['', 0]);
    expect(stderr.match(/stdin:\d: note: \w+: \w+/g)).toEqual([
      'stdin:5: note: ERR_DEP: refused',
      'stdin:6: note: ERR_UNREACHABLE: not',
      'stdin:7: note: ERR_UNREACHABLE: indeterminate',
    ]);
    const quiet = await runScript(script, {
      cluster: Object.assign(new FakeCluster(), cluster),
      isQuiet: true,
    });
    expect(quiet.stderr).not.toContain('note');
  });

  test('a write has settled at its server before the next command', async () => {
    const calls = await callsOf(TRIO, 'put 5 k v\ndelete 5 k\nget 5 k\n');
    expect(calls).toEqual([
      'ask 5 put {"key":"k","value":"v"}',
      'ask 0 settle {}',
      'ask 5 delete {"key":"k"}',
      'ask 0 settle {}',
      'ask 5 get {"key":"k"}',
    ]);
  });

  describe('a world that passes on the question with the operation', () => {
    type Settled = (server: number) => Promise<Json> | undefined;

    /** Does the operations of a script whose effects the world knows as `settled` says. */
    class KnowingCluster extends FakeCluster {
      settled: Settled = () => Promise.resolve({});

      async operate(id: number, method: string, params: Json, timeoutMs: number) {
        return { result: await this.ask(id, method, params, timeoutMs), settled: this.settled };
      }
    }

    async function callsWith(settled: Settled, script: string): Promise<string[]> {
      const cluster = new KnowingCluster();
      cluster.settled = settled;
      await runScript(`${TRIO}${script}`, { cluster });
      return cluster.calls.slice(cluster.calls.findIndex((call) => call.includes(' put ')));
    }
    const put = 'ask 5 put {"key":"k","value":"v"}';

    test('is not asked again', async () => {
      expect(await callsWith(async () => ({}), 'put 5 k v\ndelete 5 k\n')).toEqual([
        put,
        'ask 5 delete {"key":"k"}',
      ]);
    });

    test('is asked about servers of which it knows nothing', async () => {
      const asked: number[] = [];
      const calls = await callsWith((server) => {
        asked.push(server);
        return undefined;
      }, 'put 5 k v\n');
      expect([calls, asked]).toEqual([[put, 'ask 0 settle {}'], [0]]);
    });

    test('holds the next line until it knows that effects are over', async () => {
      const cluster = new KnowingCluster();
      let end: (nothing: Json) => void = () => undefined;
      let isAwaited = (): void => undefined;
      const awaited = new Promise<void>((resolve) => {
        isAwaited = resolve;
      });
      cluster.settled = () => {
        isAwaited();
        return new Promise((resolve) => {
          end = resolve;
        });
      };
      const done = runScript(`${TRIO}put 5 k v\nsleep 7ms\n`, { cluster });
      await awaited;
      expect(cluster.calls.at(-1)).toBe(put);
      end({});
      await done;
      expect(cluster.calls.at(-1)).toBe('sleep 7');
    });

    test('goes on where the server has no answer any more', async () => {
      const gone = () => Promise.reject(new CallError('ERR_UNREACHABLE'));
      expect(await callsWith(gone, 'put 5 k v\nsleep 7ms\n')).toEqual([put, 'sleep 7']);
    });
  });

  test('so has a get, if the protocol says that it may have effects on servers', async () => {
    const calls = await callsOf(`protocol other\n${TRIO}`, 'get 5 k\nget 5 k\n');
    const get = ['ask 5 get {"key":"k"}', 'ask 0 settle {}'];
    expect(calls).toEqual([...get, ...get]);
  });

  test('printStore prints what the server says', async () => {
    const { stdout } = await runScript(`${TRIO}put 5 b 2\nput 5 a 1\nprintStore 0\n`);
    expect(stdout).toBe('a:1\nb:2\n');
  });

  test('A42 an empty store prints nothing', async () => {
    const { stdout, stderr } = await runScript(`${TRIO}printStore 0\n`);
    expect([stdout, stderr]).toEqual(['', '']);
  });

  test('printStore of a server that does not answer is an outcome', async () => {
    const { stderr, badLineCount } = await runScript(`${TRIO}pauseServer 0\nprintStore 0\n`);
    expect(stderr).toBe('causeway: stdin:6: E_TIMEOUT: no answer from server 0\n');
    expect(badLineCount).toBe(0);
  });

  test('answers as JSON lines', async () => {
    const script = `${TRIO}get 5 k\nput 5 k v\nget 5 k\nprintStore 1\n`;
    const { stdout } = await runScript(script, { isJson: true });
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { line: 5, command: 'get', client: 5, key: 'k', error: 'ERR_KEY' },
      { line: 7, command: 'get', client: 5, key: 'k', value: 'v' },
      { line: 8, command: 'printStore', server: 1, entries: [['k', 'v']] },
    ]);
  });

  test('an answer that is none is a bug, not an outcome', async () => {
    const cluster = new FakeCluster();
    cluster.respond = (_id, method) => (method === 'get' ? { outcome: 'fine' } : undefined);
    await expect(runScript(`${TRIO}get 5 k\n`, { cluster })).rejects.toThrow('no Answer');
  });
});

describe('protocols', () => {
  test('the protocol is chosen with its options before the first join', async () => {
    const { worlds } = await runScript('protocol plain pace=fast\njoinServer 0\n');
    expect(worlds).toEqual([{ protocol: 'plain', options: { pace: 'fast' } }]);
  });

  test('what is not said is as usual, and another choice forgets the first', async () => {
    const { worlds } = await runScript(
      'protocol plain pace=fast\nsleep 1ms\nprotocol other\njoinServer 0\n',
    );
    expect(worlds).toEqual([
      { protocol: 'plain', options: { pace: 'fast' } },
      { protocol: 'other', options: { pace: 'slow' } },
    ]);
  });

  test.each([
    ['protocol nope', "'nope' is no protocol; there is plain, other"],
    ['protocol plain speed=1', "protocol plain has no option 'speed'; it has pace"],
    ['protocol plain __proto__=1', "protocol plain has no option '__proto__'; it has pace"],
    ['protocol plain pace=1', "'1' is no value of pace: it is slow or fast"],
  ])('%s is refused with the choices', async (line, why) => {
    expect((await runScript(line)).stderr).toBe(`causeway: stdin:1: E_ARGS: ${why}\n`);
  });

  test("a protocol's own commands go to the node that they name", async () => {
    const cluster = new FakeCluster();
    cluster.respond = (id, method, { args }) => {
      if (method !== 'command') return undefined;
      return id === 5 ? reply('ok', 'joined', 0) : { lines: [`owner of ${String(args)}: 3`] };
    };
    const script = `${TRIO}append 5 k some  text\nowner 1 k\nappend 5 k\nowner 5 k\n`;
    const { stdout, stderr } = await runScript(script, { cluster });
    expect(stdout).toBe('k:joined\nowner of k: 3\n');
    expect(cluster.calls).toContain('ask 5 command {"name":"append","args":["k","some  text"]}');
    expect(stderr.split('\n').slice(0, 2)).toEqual([
      'causeway: stdin:7: E_ARGS: the value is missing; usage: append c k v',
      'causeway: stdin:8: E_NOT_A_SERVER: 5 is a client',
    ]);
  });
});
