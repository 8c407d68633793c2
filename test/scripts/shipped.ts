// The scripts that the project ships, and the answers that each must give.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

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

/** Whether transcripts are to be written anew. Where nobody reads the diff they never are. */
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

export function writeTranscript({ goldenPath }: ShippedScript, text: string): void {
  if (!existsSync(goldenPath) || readFileSync(goldenPath, 'utf8') !== text) {
    writeFileSync(goldenPath, text);
  }
}
