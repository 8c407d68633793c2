// Scripts without expected output, in the folder that CAUSEWAY_SCENARIOS names. The checks are
// those that hold for any script: both worlds agree and reach the end, sessions never go back, and
// after each stabilize the stores of a partition are equal and lack no write.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { permits } from '../src/grading/oracle/oracle.ts';
import { readAssignment } from '../src/grading/oracle/script.ts';
import { findDivergence, findRegressions } from './scripts/judges.ts';
import { showStoresAfterStabilize } from './scripts/linkModel.ts';
import { launch, runInLanes, simulate, type WithHistory, withHistory } from './scripts/programs.ts';

const FOLDER = process.env.CAUSEWAY_SCENARIOS ?? '';
const IS_SET = FOLDER !== '';
const NAMES = IS_SET ? readdirSync(FOLDER).filter((name) => name.endsWith('.txt')) : ['no script'];
const LANES = 2;
/** The largest takes 20,000 commands, and others run beside it. */
const TIMEOUT_MS = 180_000;

const DIAGNOSTIC = /^causeway: stdin:[0-9]+: (?:note|E_[A-Z_]+): /;

function read(name: string): Buffer {
  return readFileSync(join(FOLDER, name));
}

/** Every line that a `get` or a `printStore` of this script may print. */
function allowedAnswers(script: string): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const line of script.split('\n')) {
    const [, command, key = '', value] =
      /^(put|get)[ \t]+[0-9]+[ \t]+([^ \t]+)(?:[ \t]+(.*))?$/.exec(line.trim()) ?? [];
    if (command === 'put') allowed.add(`${key}:${value}`);
    if (command !== 'get') continue;
    for (const code of ['ERR_KEY', 'ERR_DEP', 'ERR_UNREACHABLE']) allowed.add(`${key}:${code}`);
  }
  return allowed;
}

/** What both worlds must agree on: everything but the times. */
function comparable({ status, stdout, stderr, history }: WithHistory): object {
  const timeless = history.map(({ invokedAt, returnedAt, ...rest }) => rest);
  return { status, stdout, stderr, history: timeless };
}

describe.skipIf(!IS_SET)(`the scripts of CAUSEWAY_SCENARIOS${IS_SET ? '' : ' (not set)'}`, () => {
  it('are there', () => {
    expect(NAMES.length).toBeGreaterThan(0);
  });

  /** Some are large: what several tests look at is simulated once. */
  const runs = new Map<string, Promise<WithHistory>>();
  function simulated(name: string): Promise<WithHistory> {
    const run = runs.get(name) ?? withHistory(simulate, read(name));
    runs.set(name, run);
    return run;
  }

  it.each(NAMES)('%s runs to its end, and its sessions never go back', async (name) => {
    const bytes = read(name);
    const seen = await simulated(name);
    expect([0, 65]).toContain(seen.status);
    expect(seen.status === 65, 'bad lines are reported').toBe(/ E_(?!TIMEOUT)/.test(seen.stderr));
    for (const line of seen.stderr.split('\n').slice(0, -1)) expect(line).toMatch(DIAGNOSTIC);
    const allowed = allowedAnswers(bytes.toString('utf8'));
    const strange = seen.stdout.split('\n').filter((line) => line !== '' && !allowed.has(line));
    expect(strange).toEqual([]);
    expect(findRegressions(seen.history)).toEqual([]);
  });

  it.each(NAMES)('%s has answers that the assignment permits', async (name) => {
    const { status, stdout } = await simulated(name);
    // A line that the assignment has not cannot be graded.
    if (status !== 0) return;
    const script = readAssignment(read(name).toString('utf8'));
    expect(permits(script, stdout)).toEqual({ outcome: 'permitted' });
  });

  it.each(NAMES)('%s is the same run again', async (name) => {
    expect(await withHistory(simulate, read(name))).toEqual(await simulated(name));
  });

  it.each(NAMES)('%s leaves equal stores behind each stabilize', async (name) => {
    const { text, checkpoints } = showStoresAfterStabilize(read(name).toString('utf8'));
    const { stdout, history } = await withHistory(simulate, Buffer.from(text), ['--json']);
    const storeByLine = new Map<number, Map<string, string>>();
    for (const line of stdout.split('\n').filter(Boolean)) {
      const answer = JSON.parse(line) as { line: number; entries?: [string, string][] };
      if (answer.entries !== undefined) storeByLine.set(answer.line, new Map(answer.entries));
    }
    for (const checkpoint of checkpoints) {
      const shown = [...checkpoint.serverByLine].map(([line, server]) => {
        const store = storeByLine.get(line);
        expect(store, `line ${line}, printStore ${server}`).toBeDefined();
        return [server, store ?? new Map()] as const;
      });
      expect(findDivergence(checkpoint, new Map(shown), history)).toEqual([]);
    }
  });

  describe('on real processes', () => {
    let launched = new Map<string, Promise<WithHistory>>();
    beforeAll(async () => {
      for (const name of NAMES) await simulated(name);
      // The longest first, so that no lane is left alone with it.
      const names = NAMES.toSorted((a, b) => read(b).length - read(a).length);
      const started = runInLanes(
        LANES,
        names.map((name) => () => withHistory(launch, read(name))),
      );
      launched = new Map(
        names.map((name, index) => [name, started[index] as Promise<WithHistory>]),
      );
    });

    it.each(NAMES)('%s gives the same answers', { timeout: TIMEOUT_MS }, async (name) => {
      const seen = (await launched.get(name)) as WithHistory;
      expect(comparable(seen)).toEqual(comparable(await simulated(name)));
      expect(findRegressions(seen.history)).toEqual([]);
    });
  });
});
