// The scripts that the project ships, and the transcript of each: its lines with the expected
// answers below them. A script whose outputs are a matter of chance has a file with all of them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINES } from '../../src/engines/registry.ts';
import { parseGolden } from '../../src/language/golden/goldenFile.ts';
import { textOf } from '../../src/language/golden/outputs.ts';
import { SAID_MARK } from '../../src/language/transcript.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface ShippedScript {
  /** `causal/partition` */
  readonly name: string;
  readonly path: string;
  readonly goldenPath: string;
  /** Of the file with all outputs, which most scripts have not. */
  readonly outputsPath: string;
}

/** Every `inputs/PROTOCOL/NAME.txt` that can be simulated. */
export function listShippedScripts(): ShippedScript[] {
  return listNames('inputs', '.txt').filter(isOurs).map(toScript);
}

/** Those for a store of others. */
export function listEngineScripts(engine: string): ShippedScript[] {
  const isFor = (name: string): boolean => name.startsWith(`${engine}/`);
  return listNames('inputs', '.txt').filter(isFor).map(toScript);
}

/** The names of their transcripts. */
export function listEngineTranscripts(engine: string): string[] {
  return listNames('test/golden', '.out').filter((name) => name.startsWith(`${engine}/`));
}

function isOurs(name: string): boolean {
  return !ENGINES.some((engine) => name.startsWith(`${engine.name}/`));
}

function toScript(name: string): ShippedScript {
  return {
    name,
    path: join(ROOT, 'inputs', `${name}.txt`),
    goldenPath: join(ROOT, 'test/golden', `${name}.out`),
    outputsPath: join(ROOT, 'test/golden', `${name}.golden`),
  };
}

export function findShippedScript(name: string): ShippedScript {
  const script = listShippedScripts().find((shipped) => shipped.name === name);
  if (script === undefined) throw new Error(`no script ${name}`);
  return script;
}

/** Names of transcripts, as those of scripts. */
export function listTranscripts(): string[] {
  return listNames('test/golden', '.out').filter(isOurs);
}

/** Names of files with all outputs, as those of scripts. */
export function listRecorded(): string[] {
  return listNames('test/golden', '.golden');
}

/**
 * All that standard output may hold on real processes, or under another seed. Of a script without
 * chance that is one output.
 */
export function readOutputs(script: ShippedScript): string[] {
  const { outputsPath } = script;
  if (!existsSync(outputsPath)) return [readAnswers(script)];
  const { outputs } = parseGolden(readFileSync(outputsPath, 'utf8'));
  return outputs.map(({ lines }) => textOf(lines));
}

function listNames(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
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

/** Of a transcript, or of a file with all outputs. */
export function writeGolden(path: string, text: string): void {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
}
