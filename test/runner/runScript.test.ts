import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type RunSettings, runScript } from '../../src/runner/index.ts';
import { listShippedScripts, readAnswers } from '../scripts/shipped.ts';

const SCRIPT = `joinServer 0
joinServer 1
joinClient 5 0
joinClient 6 1
partition 0 | 1
put 5 x old
put 6 x new
get 5 x
get 6 x
`;

describe('a script that a program runs', () => {
  it('gives what the program would print, and where', async () => {
    const { output, answers, diagnostics, status } = await runScript(SCRIPT);
    expect(output).toBe('x:old\nx:new\n');
    expect(answers).toEqual([
      { line: 8, text: 'x:old' },
      { line: 9, text: 'x:new' },
    ]);
    expect([diagnostics, status]).toEqual([[], 0]);
  });

  it('cannot run programs of others, and says so', async () => {
    const { output, diagnostics, status } = await runScript(`protocol nodes command=x\n${SCRIPT}`);
    expect([output, status]).toEqual(['', 65]);
    expect(JSON.stringify(diagnostics)).toContain('which no simulation can run');
  });

  it('answers shipped scripts as their transcripts say', async () => {
    const scripts = listShippedScripts().filter(({ name }) => /^(causal|weak)\//.test(name));
    expect(scripts.length).toBeGreaterThan(20);
    for (const script of scripts) {
      const { output } = await runScript(readFileSync(script.path, 'utf8'));
      expect([script.name, output]).toEqual([script.name, readAnswers(script)]);
    }
  });

  it('has a trace, a history, and a protocol with options', async () => {
    const run = await runScript(`protocol weak gossip=off\n${SCRIPT}`);
    expect([run.protocol, run.options.gossip]).toEqual(['weak', 'off']);
    expect(run.history.map(({ kind, value }) => [kind, value])).toEqual([
      ['put', 'old'],
      ['put', 'new'],
      ['get', 'old'],
      ['get', 'new'],
    ]);
    expect(run.trace.some(({ event }) => event === 'send')).toBe(true);
  });

  it('is the same run for the same seed, also beside another one', async () => {
    const script = `${SCRIPT}heal\nworkload ops=50\n`;
    const faults = 'loss=0.1,delay=1..40';
    const [one, two, other] = await Promise.all(
      [3, 3, 4].map((seed) => runScript(script, { seed, faults })),
    );
    expect(one?.trace).toEqual(two?.trace);
    expect(one?.trace).not.toEqual(other?.trace);
  });

  it.each<[string, string, number]>([
    ['nothing', '', 0],
    ['a broken level', 'check linearizable\n', 1],
    ['an answer that was not expected', 'get 5 x\nexpect y:1\n', 1],
    ['a level that is undecided', 'check convergence\n', 2],
    ['a bad line', 'check linearizable\nfly 3\n', 65],
  ])('has the exit status of the program: %s', async (_what, more, status) => {
    expect((await runScript(`${SCRIPT}${more}`)).status).toBe(status);
  });

  it('tells bad lines with the name of the script', async () => {
    const { diagnostics } = await runScript('fly 3\n', { name: 'mine.txt' });
    expect(diagnostics).toMatchObject(
      [{ line: 1, text: /^causeway: mine\.txt:1: E_UNKNOWN_/ }].map(({ line, text }) => ({
        line,
        text: expect.stringMatching(text),
      })),
    );
  });

  it('has what each claim of the script came to', async () => {
    const more = 'expect x:new\nget 5 x\nexpect y:1\nfly\ncheck causal linearizable\n';
    const { findings } = await runScript(`${SCRIPT}${more}`, { name: 'mine.txt' });
    expect(
      findings.map(({ place, outcome, title }) => `${place?.line} ${outcome}: ${title}`),
    ).toEqual([
      "10 held: expect 'x:new'",
      "12 broken: expect 'y:1'",
      '13 refused: E_UNKNOWN_COMMAND',
      '14 held: check causal',
      '14 broken: check linearizable',
    ]);
    expect(findings.at(-1)?.text).toMatch(/^linearizable: broken .*\n {2}line 6: put 5 x old\n/);
    expect(findings[0]?.place?.file).toBe('mine.txt');
  });

  it('takes undefined for an absent setting', async () => {
    const settings = { seed: undefined, protocol: undefined, faults: undefined, name: undefined };
    expect((await runScript(SCRIPT, settings)).output).toBe('x:old\nx:new\n');
  });

  it.each<[string, RunSettings, RegExp]>([
    ['a protocol', { protocol: 'cusal' }, /'cusal' is no protocol; there is causal, /],
    ['a seed', { seed: 0.5 }, /a seed is a whole number .*, not 0\.5/],
    ['another setting', { sed: 3 } as RunSettings, /'sed' is no setting; there is seed, protocol/],
    ['faults', { faults: 'los=1' }, /'los=1' is none of loss, /],
  ])('is refused with what is none: %s', async (_what, settings, why) => {
    await expect(runScript(SCRIPT, settings)).rejects.toThrow(RangeError);
    await expect(runScript(SCRIPT, settings)).rejects.toThrow(why);
  });

  it.each([
    ['a block that repeats lines', 'repeat 1000000\nput 5 x 1\nend\n'],
    ['a workload', 'workload ops=1000000\n'],
    ['many lines', 'put 5 x 1\n'.repeat(100_000)],
  ])('is ended by a signal: %s', async (_what, more) => {
    const controller = new AbortController();
    const run = runScript(SCRIPT + more, { signal: controller.signal });
    // Long after the first lines, and long before the end.
    for (let turn = 0; turn < 500; turn += 1) await new Promise(setImmediate);
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
  });

  it('is not begun after the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(runScript(SCRIPT, { signal })).rejects.toThrow('enough');
  });

  it('is the same run with a signal that does not come', async () => {
    const { signal } = new AbortController();
    const [one, other] = [await runScript(SCRIPT, { signal }), await runScript(SCRIPT)];
    expect(one.trace).toEqual(other.trace);
  });

  it('is refused if it is no text', async () => {
    const bytes = new Uint8Array(3) as unknown as string;
    await expect(runScript(bytes)).rejects.toThrow(TypeError);
  });
});

describe('its verdict', () => {
  it('has the fields of the answers as JSON, and the lines of check', async () => {
    const run = await runScript(SCRIPT);
    expect(run.check('causal')).toEqual({
      ...{ level: 'causal', outcome: 'holds', lines: ['causal: holds'] },
    });
    const broken = run.check('linearizable');
    expect(broken).toMatchObject({
      outcome: 'broken',
      operations: expect.arrayContaining([
        expect.objectContaining({ kind: 'put', key: 'x', line: expect.any(Number), client: 6 }),
      ]),
    });
    expect(broken.lines[0]).toMatch(/^linearizable: broken \(/);
    expect(broken.lines).toContain('  line 7: put 6 x new');
    expect(run.check('convergence')).toMatchObject({
      outcome: 'undecided',
      why: expect.stringContaining('stabilize'),
    });
  });

  it('of the whole run names the strongest levels and the first that is broken', async () => {
    const { verdict } = await runScript(`${SCRIPT}heal\nstabilize\n`);
    expect(verdict.firstBroken).toMatchObject({ level: 'linearizable', outcome: 'broken' });
    expect(verdict.strongest).toContain('sequential');
    expect(verdict.stores.map(({ level, outcome }) => [level, outcome])).toEqual([
      ['convergence', 'holds'],
      ['no-lost-writes', 'holds'],
    ]);
    expect(verdict.availability).toMatchObject([
      { client: 5, asked: 2, answered: 2 },
      { client: 6, asked: 2, answered: 2 },
    ]);
    expect(verdict.lines).toContain('answered: all of 4 operations');
  });

  it('is refused for a word that is no level', async () => {
    const run = await runScript(SCRIPT);
    expect(() => run.check('casual' as 'causal')).toThrow(/'casual' is no level; there is linear/);
  });
});
