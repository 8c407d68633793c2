// Reads a suite from its folder.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GradedScript, type NamedText } from '../../grading/gradedScript.ts';
import { parseSuite, SUITE_FILE, type Suite, SuiteError } from '../../grading/suite.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { quote } from '../../language/printable.ts';
import { readWhole } from '../readWhole.ts';

export interface LoadedSuite extends Pick<Suite, 'title' | 'areOrphansFaults'> {
  readonly scripts: readonly GradedScript[];
  /** Scripts in the folder that the suite does not name. */
  readonly unused: readonly string[];
}

/** Throws EnvironmentError E_IO for a folder that is not there, SuiteError for a wrong one. */
export async function loadSuite(folder: string): Promise<LoadedSuite> {
  if (!isFolder(folder)) throw new EnvironmentError('E_IO', `${folder}: there is no such suite`);
  const path = join(folder, SUITE_FILE);
  if (!existsSync(path)) throw new SuiteError(`${folder}: no suite, it has no file ${SUITE_FILE}`);
  const suite = parseSuite(await readText(path));
  const scripts: GradedScript[] = [];
  for (const spec of suite.scripts) {
    const files: NamedText[] = [];
    for (const name of spec.expected) files.push({ name, text: await readPart(folder, name) });
    scripts.push(new GradedScript(spec, await readPart(folder, spec.file), files));
  }
  const named = new Set(suite.scripts.flatMap(({ file, expected }) => [file, ...expected]));
  const isUnused = (name: string): boolean => name.endsWith('.txt') && !named.has(name);
  return { ...suite, scripts, unused: readdirSync(folder).filter(isUnused).sort() };
}

async function readPart(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  if (existsSync(path)) return readText(path);
  throw new SuiteError(`${SUITE_FILE}: ${quote(name)} is not in ${folder}`);
}

async function readText(path: string): Promise<string> {
  return (await readWhole(path)).toString('utf8');
}

/** False also for what cannot be reached. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
