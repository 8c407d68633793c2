// The imports of a file, read from its text, and their consequences for the whole project: cycles,
// and files that no entry point reaches.
import { posix } from 'node:path';
import { lineAt } from './scanner.ts';

export interface Import {
  readonly line: number;
  /** As written: `./ids.ts`, `node:fs`, `lodash`. */
  readonly specifier: string;
  /** Erased by the compiler, so that nothing is loaded for it. */
  readonly isTypeOnly: boolean;
}

const STATIC =
  /(?:^|[\n;])\s*(?:import|export)\s+(type\s)?\s*(?:[\w*{}\s,$]+?\s*from\s*)?(['"])( *)\2/g;
const DYNAMIC = /\bimport\(\s*()(['"])( *)\2/g;

/** Every import and re-export, static or dynamic, of a file that `scan` has read. */
export function findImports(text: string, code: string): Import[] {
  return [...code.matchAll(STATIC), ...code.matchAll(DYNAMIC)].map((match) => {
    const end = match.index + match[0].length - 1;
    const start = end - (match[3] ?? '').length;
    return {
      line: lineAt(text, start),
      specifier: text.slice(start, end),
      isTypeOnly: (match[1] ?? '') !== '',
    };
  });
}

export function isRelative(specifier: string): boolean {
  return specifier.startsWith('.');
}

/** The project path that a relative import of `from` names. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

/** Cycles, at least one if there is any: the paths, the first one again at the end. */
export function findCycles(targetsByPath: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt !== -1) cycles.push([...trail.slice(seenAt), path]);
    if (seenAt !== -1 || finished.has(path)) return;
    trail.push(path);
    for (const target of targetsByPath.get(path) ?? []) visit(target);
    trail.pop();
    finished.add(path);
  };
  for (const path of targetsByPath.keys()) visit(path);
  return cycles;
}

/** Everything that can be reached from `entries`, themselves included. */
export function findReachable(
  targetsByPath: ReadonlyMap<string, readonly string[]>,
  entries: readonly string[],
): Set<string> {
  const reached = new Set(entries);
  for (const path of reached) {
    for (const target of targetsByPath.get(path) ?? []) reached.add(target);
  }
  return reached;
}
