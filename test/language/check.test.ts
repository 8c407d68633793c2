// The commands `check` and `inspect`, and the option `--check`: the same bytes in both worlds.
import { describe, expect, it } from 'vitest';
import { LEVELS } from '../../src/checkers/index.ts';
import { formatJson } from '../../src/language/printable.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { launch, simulate } from '../scripts/programs.ts';
import { runScript } from '../support/runScript.ts';
import { tiny } from '../support/tinyProtocol.ts';

/** Client 6 reads y, which was written in knowledge of x=new, and then finds x=old elsewhere. */
const ANOMALY = `joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 0
put 5 x old
partition 0 | 1
put 5 x new
put 5 y after
get 6 y
breakConnection 6 0
createConnection 6 1
get 6 x
get 6 y
`;
const SENTENCE =
  'client 6 got x=old (line 12), yet it depends on a later write of that key: client 5 put ' +
  'x=new (line 7) in knowledge of x=old (line 5), and client 6 got y=after (line 9), which ' +
  'client 5 wrote after that (line 8).';
const BROKEN = `broken (WriteCORead): ${SENTENCE}`;
/** One client wrote all three, so that it breaks already what is weaker than causality. */
const BROKEN_FIFO =
  'broken (CyclicHB): No order of the writes suits client 6: client 6 got x=old (line 12) when ' +
  'it knew of x=new (line 7) through y=after (line 9), so x=old (line 5) is later; but client 5 ' +
  'wrote x=old (line 5) before x=new (line 7).';
const ANSWERS = 'y:after\nx:old\ny:ERR_DEP\n';
const PLAIN = 'joinServer 0\njoinClient 5 0\nput 5 k v\nget 5 k\n';

const WORLDS = [
  ['simulation', simulate],
  ['processes', launch],
] as const;

describe.each(WORLDS)('in the world of %s', (_name, run) => {
  const see = (script: string, ...words: string[]) => run(Buffer.from(script), words);

  it('writes the empty value as a script does', async () => {
    const script = ANOMALY.replaceAll('old', '""');
    const { stdout } = await see(`${script}check pram\ncheck\n`);
    expect(stdout).toMatch(/^y:after\nx:\ny:ERR_DEP\n/);
    expect(stdout).toContain(`pram: ${BROKEN_FIFO.replaceAll('old', '""')}\n`);
    expect(stdout).toContain('  line 12: get 6 x -> ""\n');
  });

  it('names what held, what broke, its operations and who was refused', async () => {
    expect(await see(`${ANOMALY}check\n`)).toEqual({
      status: 0,
      stdout: `${ANSWERS}${[
        'holds: read-your-writes-all-keys, monotonic-reads, monotonic-writes, writes-follow-reads',
        'monotonic-reads-all-keys: broken (MonotonicReads): client 6 got x=old (line 12) from ' +
          'server 1, which had not applied the y=after that it had read (line 9).',
        '  line 9: get 6 y -> after',
        '  line 12: get 6 x -> old',
        'answered: 5 of 6 operations',
        '  client 6: of 3, 1 refused with ERR_DEP',
      ].join('\n')}\n`,
      stderr: '',
    });
  });

  it('judges the levels that are named, and fails', async () => {
    const script = `${ANOMALY}check monotonic-reads causal\nget 6 z\n`;
    const { status, stdout, stderr } = await see(script, '--check', 'read-your-writes');
    expect(stdout).toBe(`${ANSWERS}monotonic-reads: holds\ncausal: ${BROKEN}\nz:ERR_KEY\n`);
    expect(stderr).toBe('causeway: stdin: read-your-writes: holds\n');
    expect(status).toBe(1);
  });

  it('shows what a server knows', async () => {
    const script = `${PLAIN}joinServer 1\nput 5 a b\ndelete 5 k\ninspect 1\n`;
    const { stdout } = await see(script);
    const store = [
      '{"key":"a","value":"b","version":[2,0,1]}',
      '{"key":"k","value":null,"version":[3,0,1]}',
    ];
    const state = `{"clock":3,"peers":[0],"store":[${store.join(',')}],"vector":[[0,1,3]]}`;
    expect(stdout).toBe(`k:v\n${state}\n`);
  });
});

const sim = (script: string, ...words: string[]) => simulate(Buffer.from(script), words);

describe('--check', () => {
  it('judges at the end, on stderr, whatever is quiet', async () => {
    const seen = await sim(PLAIN, '--check', 'linearizable', '--quiet');
    const stderr = 'causeway: stdin: linearizable: holds\n';
    expect(seen).toEqual({ status: 0, stdout: 'k:v\n', stderr });
  });

  it('fails when the level broke', async () => {
    const { status, stdout, stderr } = await sim(ANOMALY, '--check=causal');
    expect([status, stdout, stderr]).toEqual([1, ANSWERS, `causeway: stdin: causal: ${BROKEN}\n`]);
  });

  it('judges each of several levels', async () => {
    const { status, stderr } = await sim(ANOMALY, '--check', 'causal', '--check=monotonic-reads');
    const verdicts = [`causal: ${BROKEN}`, 'monotonic-reads: holds'];
    expect(stderr).toBe(verdicts.map((verdict) => `causeway: stdin: ${verdict}\n`).join(''));
    expect(status).toBe(1);
  });

  it('asks for nothing without a level', async () => {
    const { status, stderr } = await sim(ANOMALY, '--check');
    expect(status).toBe(0);
    expect(stderr).toContain('causeway: stdin: answered: 5 of 6 operations\n');
  });

  it('takes levels only', async () => {
    const { status, stderr } = await sim(PLAIN, '--check', 'casual');
    expect(status).toBe(64);
    expect(stderr).toContain('A level is one of linearizable, sequential,');
  });

  it('says its verdict as JSON', async () => {
    const { stderr } = await sim(ANOMALY, '--check', 'causal', '--json');
    const operation = { client: 5, kind: 'put', key: 'x', outcome: 'ok' };
    expect(JSON.parse(stderr)).toMatchObject({
      script: 'stdin',
      command: 'check',
      verdicts: [
        {
          level: 'causal',
          outcome: 'broken',
          pattern: 'WriteCORead',
          sentence: SENTENCE,
          operations: expect.arrayContaining([
            { ...operation, line: 5, value: 'old', version: [1, 0, 1] },
            { ...operation, line: 7, value: 'new', version: [2, 0, 1] },
          ]),
        },
      ],
    });
  });
});

describe('the exit status', () => {
  it('is that of bad lines before that of a broken level', async () => {
    const { status, stdout } = await sim(`${ANOMALY}check causal\nnonsense\n`);
    expect(stdout).toContain(`causal: ${BROKEN}`);
    expect(status).toBe(65);
  });

  const tinyRun = (script: string) =>
    simulate(Buffer.from(script), ['--protocol', 'tiny'], [...PROTOCOLS, tiny]);
  const UNKNOWN = `${PLAIN}append 5 k w\ncheck causal\n`;
  const why = 'the checkers do not know what append does (line 5)';

  it('is 2 when it is undecided: that is never a pass', async () => {
    const { status, stdout } = await tinyRun(UNKNOWN);
    expect([status, stdout]).toEqual([2, `k:v\ncausal: undecided: ${why}\n`]);
    const summary = await tinyRun(UNKNOWN.replace('check causal', 'check'));
    expect([summary.status, summary.stdout]).toEqual([0, `k:v\nundecided: ${why}\n`]);
  });

  it('of several scripts is the gravest, whichever comes first', async () => {
    const scripts = ['inputs/causal/per-key.txt', 'inputs/causal/causal-session.txt'];
    for (const order of [scripts, scripts.toReversed()]) {
      const { status, stderr } = await sim('', '--quiet', '--check', 'causal', ...order);
      expect(stderr).toContain(`causeway: ${scripts[0]}: causal: broken (WriteCORead): `);
      expect(stderr).toContain(`causeway: ${scripts[1]}: causal: holds\n`);
      expect(status).toBe(1);
    }
  });

  it('is 1 when one is broken and another is undecided', async () => {
    const stale = 'joinServer 1\njoinClient 6 1\nget 6 k\ncheck linearizable\n';
    const { status, stdout } = await tinyRun(PLAIN + stale + UNKNOWN.slice(PLAIN.length));
    expect(stdout).toContain('linearizable: broken (');
    expect(stdout).toContain('causal: undecided: the checkers do not know what append does');
    expect(status).toBe(1);
  });
});

describe('the command check', () => {
  it('is one JSON object with --json', async () => {
    const { stdout } = await sim(`${PLAIN}check\ncheck causal\n`, '--json');
    const [, summary, verdict] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const counts = { client: 5, asked: 2, answered: 2, refused: 0, failed: 0, unanswered: 0 };
    expect(summary).toMatchObject({
      line: 5,
      command: 'check',
      firstBroken: null,
      undecided: [],
      availability: [counts],
    });
    expect(summary.strongest[0]).toBe('linearizable');
    const verdicts = [{ level: 'causal', outcome: 'holds' }];
    expect(verdict).toEqual({ line: 6, command: 'check', verdicts });
  });

  it('counts what was not done', async () => {
    const { stdout } = await sim(`${PLAIN}breakConnection 5 0\nget 5 k\nput 5 k w\ncheck\n`);
    expect(stdout).toContain('\nanswered: 2 of 4 operations\n  client 5: of 4, 2 not done\n');
  });

  it.each([
    ['check linearizable', 'linearizable: undecided'],
    ['joinServer 0\ncheck linearizable', 'linearizable: undecided'],
    ['joinServer 0\ncheck', 'undecided'],
    ['joinServer 0\nstabilize\ncheck causal', 'causal: undecided'],
  ])('says nothing of nothing, and fails: %j', async (script, verdict) => {
    const why = 'there was no operation';
    const { status, stdout } = await sim(`${script}\n`);
    expect([status, stdout]).toEqual([2, `${verdict}: ${why}\n`]);
    const words = script.split('check ')[1];
    const last = await sim(script.replace(/check.*/, ''), '--check', ...(words ? [words] : []));
    expect([last.status, last.stderr]).toEqual([2, `causeway: stdin: ${verdict}: ${why}\n`]);
  });

  it('says nothing after a refused workload, nor where nothing was answered', async () => {
    const refused = await sim('joinServer 0\nworkload ops=none\ncheck linearizable\n');
    expect(refused.status).toBe(65);
    expect(refused.stdout).toBe('linearizable: undecided: there was no operation\n');
    const unreached = 'joinServer 0\njoinClient 5 0\nbreakConnection 5 0\nget 5 k\n';
    const { status, stdout } = await sim(`${unreached}check\n`);
    expect([status, stdout]).toEqual([
      2,
      'k:ERR_UNREACHABLE\nundecided: no operation was answered\n' +
        'answered: 0 of 1 operations\n  client 5: of 1, 1 not done\n',
    ]);
  });

  it('of nothing is undecided for machines too', async () => {
    const { stdout } = await sim('check causal\ncheck\n', '--json');
    const [named, summary] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const why = 'there was no operation';
    expect(named.verdicts).toEqual([{ level: 'causal', outcome: 'undecided', why }]);
    expect(summary).toMatchObject({ strongest: [], firstBroken: null });
    expect(summary.undecided).toHaveLength(LEVELS.length);
    expect(summary.undecided[0]).toEqual({ level: 'linearizable', outcome: 'undecided', why });
  });

  it('of the claims is one of all levels that the protocol claims with its options', async () => {
    const held = await sim(`${ANOMALY}check claims\n`);
    const levels = 'read-your-writes: holds\nmonotonic-reads: holds\n';
    expect([held.status, held.stdout]).toEqual([0, `${ANSWERS}${levels}`]);
    const after = await sim(`${PLAIN}stabilize\n`, '--check', 'claims', '--check', 'convergence');
    expect(after.stderr.match(/ convergence: /g)).toHaveLength(1);
    const stale = 'joinServer 0\njoinServer 1\njoinClient 5 0\nbreakConnection 0 1\nput 5 x 1\n';
    const moved = 'breakConnection 5 0\ncreateConnection 5 1\nget 5 x\ncheck claims\n';
    const weak = await sim(`protocol weak breaks=read-your-writes\n${stale}${moved}`);
    expect(weak.stdout).not.toContain('read-your-writes');
    expect(weak.stdout).toContain('monotonic-reads: holds');
    expect(weak.status).toBe(0);
  });

  it('takes levels only, and stands alone', async () => {
    const script = `${PLAIN}check casual\nconcurrently\ncheck\nend\n`;
    const { stderr, badLineCount } = await runScript(script);
    expect(stderr).toContain("causeway: stdin:5: E_ARGS: 'casual' is no level: linearizable, ");
    expect(stderr).toContain('; the nearest is causal; usage: ');
    expect(stderr).toContain('causeway: stdin:7: E_NOT_HERE: ');
    expect(badLineCount).toBe(2);
  });
});

describe('the command inspect', () => {
  it('says which server is missing or silent', async () => {
    const { stdout, stderr } = await sim('inspect 3\njoinServer 0\npauseServer 0\ninspect 0\n');
    expect(stdout).toBe('');
    expect(stderr).toContain('causeway: stdin:1: E_NO_SUCH_SERVER: ');
    expect(stderr).toContain('causeway: stdin:4: E_TIMEOUT: no answer from server 0\n');
  });

  it('prints one line of JSON, whatever is in it', () => {
    const state = { b: ['\u007f\u0085\n'], a: { d: null, c: 1 } };
    const text = formatJson(state);
    expect(text).toBe('{"a":{"c":1,"d":null},"b":["\\u007f\\u0085\\n"]}');
    expect(JSON.parse(text)).toEqual(state);
  });
});
