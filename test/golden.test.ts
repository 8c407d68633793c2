// Every shipped script prints what it must print: in simulation under several seeds, and on real
// processes. A transcript under test/golden is the script with the answers below its lines, worked
// out by hand. UPDATE_GOLDEN=1 replaces it by the simulation's answers: read the diff.
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { SAID_MARK, splitScript, transcribe } from '../src/language/transcript.ts';
import { hearAnswers } from './scripts/answers.ts';
import { launch, runInLanes, type Seen, simulate, withTrace } from './scripts/programs.ts';
import {
  findShippedScript,
  hasBrokenLevel,
  isRewriting,
  listShippedScripts,
  listTranscripts,
  readAnswers,
  readTranscript,
  writeTranscript,
} from './scripts/shipped.ts';
import { sample } from './support/extent.ts';

const SCRIPTS = listShippedScripts();
const SEEDS = sample([2, 3, 4, 5, 6, 7, 8], 1);
/** Its server does not answer in time, which is said on stderr. */
const PAUSES = 'causal/paused-server';
/** Says on stderr how fast it was. */
const MEASURES = 'chain/load-under-faults';
/** Those that real processes run, too. */
const CHOSEN = new Set(
  sample(SCRIPTS, 2)
    .map(({ name }) => name)
    .concat(PAUSES, MEASURES),
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
      if (isRewriting(process.env)) writeTranscript(script, text);
      expect(text).toBe(readTranscript(script));
    },
  );

  // The same simulation by the command line.
  it.each(sample(SCRIPTS, 12))('$name prints the answers of its transcript', async (script) => {
    const { status, stdout } = await simulate(readFileSync(script.path));
    expect(stdout).toBe(readAnswers(script));
    expect(status).toBe(hasBrokenLevel(script) ? 1 : 0);
  });

  const steady = SCRIPTS.filter(({ name }) => name !== PICKS_AT_RANDOM);
  it.each(sample(steady, 6))('$name prints the same under other seeds', async (script) => {
    const bytes = readFileSync(script.path);
    for (const seed of SEEDS) {
      const { stdout } = await simulate(bytes, ['--seed', String(seed)]);
      expect(stdout, `--seed ${seed}`).toBe(readAnswers(script));
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

  it.each(LAUNCHED)(
    '$name prints the answers of its transcript, and the notes of the simulation',
    async (script) => {
      const seen = await runs.get(script.name);
      expect(seen?.stdout).toBe(readAnswers(script));
      expect(withoutFigures(seen)).toEqual(withoutFigures(simulated.get(script.name)));
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
