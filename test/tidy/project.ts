// The project as the rules see it: texts by path, so that tests can pass an invented project too.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findImports, type Import, isRelative, resolveImport } from './imports.ts';
import { type Comment, scan } from './scanner.ts';

export interface SourceFile {
  /** From the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  /** The text with comments, strings and regular expressions blanked out. */
  readonly code: string;
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
}

export interface Project {
  /** The TypeScript of `src`, `test` and `bench`. */
  readonly sources: readonly SourceFile[];
  /** Every file of the project, these included. Binary files are read as Latin-1. */
  readonly textByPath: ReadonlyMap<string, string>;
}

export interface Problem {
  /** `src/kernel/ids.ts:12`, or the path alone when the whole file is meant. */
  readonly where: string;
  /** What is wrong, and what to do instead. */
  readonly text: string;
}

export interface Rule {
  readonly name: string;
  check(project: Project): Problem[];
}

export function createProject(files: Iterable<readonly [string, string]>): Project {
  const textByPath = new Map(files);
  const sources = [...textByPath]
    .filter(([path]) => /^(?:src|test|bench)\/.*\.tsx?$/.test(path))
    .map(([path, text]) => {
      const { code, comments } = scan(text);
      return { path, text, code, comments, imports: findImports(text, code) };
    });
  return { sources, textByPath };
}

/**
 * Reads the project at `root`: the files that git tracks, or all files where there is no
 * repository. The project's own folders are always read whole, so that a new file is judged before
 * it is committed.
 */
export function readProject(root: string): Project {
  const ours = ['src', 'test', 'bench', 'docs', 'inputs'].flatMap((f) => listFiles(root, f));
  const paths = new Set([...(listTracked(root) ?? listFiles(root, '')), ...ours]);
  const texts = [...paths].sort().flatMap((path): [string, string][] => {
    const text = readIfThere(join(root, path));
    return text === undefined ? [] : [[path, text]];
  });
  return createProject(texts);
}

/** The project paths that each file imports, without packages. */
export function importGraph(sources: readonly SourceFile[]): Map<string, string[]> {
  return new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter(({ specifier }) => isRelative(specifier))
        .map(({ specifier }) => resolveImport(path, specifier)),
    ]),
  );
}

function listTracked(root: string): string[] | undefined {
  try {
    const paths = execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return paths.split('\0').filter(Boolean);
  } catch {
    return undefined;
  }
}

const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.git']);

function listFiles(root: string, folder: string): string[] {
  return readEntries(join(root, folder)).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !NOT_OURS.has(entry.name) ? listFiles(root, path) : [];
  });
}

function readEntries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Undefined for a file that git tracks but that was removed, and for a link to a folder. */
function readIfThere(path: string): string | undefined {
  try {
    const bytes = readFileSync(path);
    return bytes.toString(bytes.includes(0) ? 'latin1' : 'utf8');
  } catch {
    return undefined;
  }
}
