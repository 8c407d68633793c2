// The scripts that the project ships, and the transcript of each: its lines with the expected
// answers below them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SAID_MARK } from '../../src/language/transcript.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ShippedScript {
  /** `causal/partition` */
  readonly name: string;
  readonly path: string;
  readonly goldenPath: string;
}

/** Every `inputs/PROTOCOL/NAME.txt`. */
export function listShippedScripts(): ShippedScript[] {
  return listFiles(join(ROOT, 'inputs'), '.txt').map((name) => ({
    name,
    path: join(ROOT, 'inputs', `${name}.txt`),
    goldenPath: join(ROOT, 'test/golden', `${name}.out`),
  }));
}

export function findShippedScript(name: string): ShippedScript {
  const script = listShippedScripts().find((shipped) => shipped.name === name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
}

/** Names of transcripts, as those of scripts. */
export function listTranscripts(): string[] {
  return listFiles(join(ROOT, 'test/golden'), '.out');
}

function listFiles(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => path.slice(0, -ending.length))
    .sort();
}

/**
 * Whether transcripts are to be rewritten. In CI they never are, because no person reads the diff.
 */
export function isRewriting(env: { readonly [name: string]: string | undefined }): boolean {
  if (env.UPDATE_GOLDEN !== '1') return false;
  if (env.CI !== undefined && env.CI !== '') {
    throw new Error('UPDATE_GOLDEN=1 where CI is set: transcripts are rewritten by hand only');
  }
  return true;
}

export function readTranscript({ goldenPath }: ShippedScript): string {
  if (existsSync(goldenPath)) return readFileSync(goldenPath, 'utf8');
  throw new Error(
    `${basename(goldenPath)} is missing: work it out, or write it by UPDATE_GOLDEN=1`,
  );
}

/** What standard output must hold: the answers of the transcript, in its order. */
export function readAnswers(script: ShippedScript): string {
  const lines = readTranscript(script).split('\n');
  const answers = lines.filter((line) => line.startsWith(SAID_MARK));
  return answers.map((line) => `${line.slice(SAID_MARK.length)}\n`).join('');
}

/** Whether a line `check LEVEL` finds that level broken, which is the exit status of the run. */
export function hasBrokenLevel(script: ShippedScript): boolean {
  const named = readTranscript(script).matchAll(/^check (.+)$/gm);
  const levels = [...named].flatMap(([, words = '']) => words.split(' '));
  const answers = readAnswers(script);
  return levels.some((level) => new RegExp(`^${level}: broken \\(`, 'm').test(answers));
}

export function writeTranscript({ goldenPath }: ShippedScript, text: string): void {
  if (!existsSync(goldenPath) || readFileSync(goldenPath, 'utf8') !== text) {
    writeFileSync(goldenPath, text);
  }
}
