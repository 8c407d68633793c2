// A failing twin: the product with one small named mistake. The mistake is a text to find and its
// replacement, applied in a separate build, so the product never contains it.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Twin {
  /** What is wrong with it, as a reviewer would say. */
  readonly name: string;
  readonly edits: readonly Edit[];
  /** What the suite, or a random script's failure, must say about it. */
  readonly caughtBy: RegExp;
}

/** A twin that random scripts find: the script of that seed, or an earlier one. */
export interface RandomTwin extends Twin {
  readonly protocol: 'causal' | 'chain' | 'quorum' | 'sharded' | 'weak';
  readonly seed: number;
}

/** The text with the edit applied. Throws unless it applies at exactly one place. */
export function applyEdit(text: string, { file, find, replace }: Edit): string {
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file}: ${pieces.length - 1} places have: ${find}`);
  return pieces.join(replace);
}

/** Builds `entry` (a path below the project) with the edits in it, and imports the result. */
export async function importMutated(entry: string, edits: readonly Edit[]): Promise<unknown> {
  const pending = new Set(edits.map(({ file }) => file));
  const folder = await mkdtemp(join(tmpdir(), 'causeway-twin-'));
  try {
    const outfile = join(folder, 'twin.mjs');
    await build({
      entryPoints: [join(ROOT, entry)],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      plugins: [mutations(edits, pending)],
    });
    if (pending.size > 0) throw new Error(`${entry} imports no ${[...pending].join(' or ')}`);
    return await import(pathToFileURL(outfile).href);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Takes off `pending` the files that are edited. */
function mutations(edits: readonly Edit[], pending: Set<string>): Plugin {
  return {
    name: 'mutations',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const own = edits.filter(({ file }) => path === join(ROOT, file));
        if (own.length === 0) return undefined;
        for (const { file } of own) pending.delete(file);
        const text = await readFile(path, 'utf8');
        return { contents: own.reduce(applyEdit, text), loader: 'ts' };
      });
    },
  };
}
