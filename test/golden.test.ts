// Every shipped script prints what it must print: in simulation under several seeds, and on real
// processes. A transcript under test/golden is the script with the answers below its lines, worked
// out by hand. A script whose answers are a matter of chance has a file with all of its outputs as
// well. UPDATE_GOLDEN=1 replaces both by what the simulation says: read the diff.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameAll } from '../src/language/golden/outputs.ts';
import { SAID_MARK, splitScript, transcribe } from '../src/language/transcript.ts';
import { simulateWords } from './master/subcommands/programs.ts';
import { hearAnswers } from './scripts/answers.ts';
import {
  inNewFolder,
  launch,
  runInLanes,
  type Seen,
  simulate,
  withTrace,
} from './scripts/programs.ts';
import {
  findShippedScript,
  hasBrokenLevel,
  isRewriting,
  listRecorded,
  listShippedScripts,
  listTranscripts,
  readAnswers,
  readOutputs,
  readTranscript,
  writeGolden,
} from './scripts/shipped.ts';
import { sample } from './support/extent.ts';

const SCRIPTS = listShippedScripts();
const SEEDS = sample([2, 3, 4, 5, 6, 7, 8], 1);
/** Its server does not answer in time, which is said on stderr. */
const PAUSES = 'causal/paused-server';
/** Says on stderr how fast it was. */
const MEASURES = 'chain/load-under-faults';
/** Has several outputs. */
const RACES = 'causal/race';
/** Those with a file of all outputs. */
const RECORDED = SCRIPTS.filter(({ outputsPath }) => existsSync(outputsPath));
/** Those that real processes run, too. */
const CHOSEN = new Set(
  sample(SCRIPTS, 2)
    .map(({ name }) => name)
    .concat(PAUSES, MEASURES, RACES),
);
const LAUNCHED = SCRIPTS.filter(({ name }) => CHOSEN.has(name));
/** A client with several servers picks one at random: other seeds, other answers. */
const PICKS_AT_RANDOM = 'causal/several-servers';
const LANES = 2;

/** What a load measures is a matter of the moment; that it is said is not. */
function withoutFigures(seen: Seen | undefined): Seen | undefined {
  const stderr = seen?.stderr.replace(/^(.*: note: ).* operations\/s, .*$/gm, '$1figures');
  return seen && { ...seen, stderr: stderr ?? '' };
}

describe('the shipped scripts', () => {
  it('have a transcript each, which is short', () => {
    expect(listTranscripts()).toEqual(SCRIPTS.map(({ name }) => name));
    for (const script of SCRIPTS) {
      expect(readAnswers(script).split('\n').length, script.name).toBeLessThan(100);
    }
  });

  it('have their transcript among all outputs, if there are several', () => {
    expect(listRecorded()).toEqual(RECORDED.map(({ name }) => name));
    for (const script of RECORDED) {
      const outputs = readOutputs(script);
      expect(outputs.length, script.name).toBeGreaterThan(1);
      expect(outputs, script.name).toContain(readAnswers(script));
    }
  });

  it('have the file with all outputs that the docs show', () => {
    const page = readFileSync(new URL('../docs/golden.md', import.meta.url), 'utf8');
    expect(page).toContain(readFileSync(findShippedScript(RACES).outputsPath, 'utf8'));
  });

  it.each(SCRIPTS)('are in their transcripts, line by line: $name', (script) => {
    const isSaid = (line: string): boolean => line.startsWith(SAID_MARK);
    const lines = splitScript(readFileSync(script.path, 'utf8'));
    expect(lines.filter(isSaid)).toEqual([]);
    const transcript = splitScript(readTranscript(script));
    expect(transcript.filter((line) => !isSaid(line))).toEqual(lines);
  });

  it.each(SCRIPTS)('open with a comment that says what they show: $name', ({ path }) => {
    expect(readFileSync(path, 'utf8')).toMatch(/^# .{20}/);
  });

  it('are not rewritten unless asked for, and never by a machine', () => {
    expect(isRewriting({})).toBe(false);
    expect(isRewriting({ UPDATE_GOLDEN: '1' })).toBe(true);
    expect(() => isRewriting({ UPDATE_GOLDEN: '1', CI: 'true' })).toThrow('CI');
  });
});

describe('in simulation', () => {
  it.each(SCRIPTS)(
    '$name says what its transcript has, each answer at its line',
    async (script) => {
      const bytes = readFileSync(script.path);
      const heard = await hearAnswers(bytes);
      const transcript = transcribe(splitScript(bytes.toString()), heard);
      const text = transcript.map((line) => `${line}\n`).join('');
      if (isRewriting(process.env)) writeGolden(script.goldenPath, text);
      expect(text).toBe(readTranscript(script));
    },
  );

  // The same simulation by the command line.
  it.each(sample(SCRIPTS, 12))('$name prints the answers of its transcript', async (script) => {
    const { status, stdout } = await simulate(readFileSync(script.path));
    expect(stdout).toBe(readAnswers(script));
    expect(status).toBe(hasBrokenLevel(script) ? 1 : 0);
  });

  it.each(sample(RECORDED, 1))('$name has the outputs that are recorded', async (script) => {
    const text = await inNewFolder(async (folder) => {
      const path = join(folder, 'outputs');
      const { status, stderr } = await simulateWords(['record', '--out', path, script.path]);
      expect([status, stderr]).toEqual([0, '']);
      return readFileSync(path, 'utf8');
    });
    if (isRewriting(process.env)) writeGolden(script.outputsPath, text);
    expect(text).toBe(readFileSync(script.outputsPath, 'utf8'));
  });

  const steady = SCRIPTS.filter(({ name }) => name !== PICKS_AT_RANDOM);
  it.each(sample(steady, 6))('$name prints the same under other seeds', async (script) => {
    const bytes = readFileSync(script.path);
    for (const seed of SEEDS) {
      const { stdout } = await simulate(bytes, ['--seed', String(seed)]);
      expect(readOutputs(script), `--seed ${seed}`).toContain(stdout);
    }
  });

  it.each(sample(SCRIPTS, 2))(
    '$name leaves the same trace and history for a seed',
    async ({ path }) => {
      const bytes = readFileSync(path);
      const first = await withTrace(simulate, bytes, ['--seed', '3']);
      expect(first.trace.length).toBeGreaterThan(1000);
      expect(await withTrace(simulate, bytes, ['--seed', '3'])).toEqual(first);
      const { trace } = await withTrace(simulate, bytes, ['--seed', '4']);
      expect(trace, 'of another seed').not.toBe(first.trace);
    },
  );
});

describe('on real processes', () => {
  const simulated = new Map<string, Seen>();
  let runs = new Map<string, Promise<Seen>>();
  beforeAll(async () => {
    for (const { name, path } of LAUNCHED) simulated.set(name, await simulate(readFileSync(path)));
    const tasks = LAUNCHED.map(
      ({ path }) =>
        () =>
          launch(readFileSync(path)),
    );
    const started = runInLanes(LANES, tasks);
    runs = new Map(LAUNCHED.map(({ name }, index) => [name, started[index] as Promise<Seen>]));
  });

  /** Which outputs were not seen. That is chance, and no failure. */
  const unseen: string[] = [];
  afterAll(() => {
    if (unseen.length > 0) process.stderr.write(`not seen this time: ${unseen.join('; ')}\n`);
  });

  it.each(LAUNCHED)(
    '$name prints the answers of its transcript, or what it may print, and the same notes',
    async (script) => {
      const seen = await runs.get(script.name);
      const outputs = readOutputs(script);
      const stdout = seen?.stdout ?? '';
      if (outputs.length === 1) expect(stdout).toBe(outputs[0]);
      else expect(outputs).toContain(stdout);
      const expected = { ...simulated.get(script.name), stdout } as Seen;
      expect(withoutFigures(seen)).toEqual(withoutFigures(expected));
      const others = [...outputs.keys()].filter((index) => outputs[index] !== stdout);
      if (others.length > 0) unseen.push(`${script.name} ${nameAll(others)}`);
    },
  );

  it('a load says how fast it was', async () => {
    const seen = await runs.get('chain/load-under-faults');
    expect(seen?.stderr.match(/: note: .* operations\/s, .*longest gap .* ms$/gm)).toHaveLength(4);
  });

  it('a paused server is named', async () => {
    const seen = await runs.get(PAUSES);
    expect(seen?.stderr).toMatch(/^causeway: stdin:\d+: E_TIMEOUT: no answer from server 2\n$/);
  });

  it('a client picks the same servers by the same seed', async () => {
    const bytes = readFileSync(findShippedScript(PICKS_AT_RANDOM).path);
    const seen = await launch(bytes, ['--seed', '7']);
    expect(seen).toEqual(await simulate(bytes, ['--seed', '7']));
    expect(seen.stdout).not.toBe(readAnswers(findShippedScript(PICKS_AT_RANDOM)));
  });
});
