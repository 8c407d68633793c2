// Annotations of GitHub: under Actions, a claim that a run did not keep stands at the script's line
// in the view of the change.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Finding, FindingOutcome } from '../language/finding.ts';

const LEVELS: { readonly [O in FindingOutcome]: 'error' | 'warning' | undefined } = {
  held: undefined,
  broken: 'error',
  refused: 'error',
  undecided: 'warning',
};

/** The folder of the repository, if this is a run of GitHub's Actions; else undefined. */
export function findActionsFolder(env: NodeJS.ProcessEnv): string | undefined {
  return env.GITHUB_ACTIONS === 'true' ? (env.GITHUB_WORKSPACE ?? process.cwd()) : undefined;
}

/**
 * A line for standard error; undefined for a claim that held. `folder` is the repository's.
 * `script` is the file of a claim about the whole run.
 */
export function annotate(finding: Finding, folder: string, script: string): string | undefined {
  const { place, title, outcome, text } = finding;
  const level = LEVELS[outcome];
  if (level === undefined) return undefined;
  const file = findWithin(folder, place?.file ?? script);
  const properties = {
    // Without a file of the repository the annotation is one of the run.
    ...(file !== undefined && { file, ...(place !== undefined && { line: place.line }) }),
    title: `Causeway: ${title}`,
  };
  const told = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(value)}`,
  );
  return `::${level} ${told.join(',')}::${escapeText(text)}\n`;
}

/** The path from the folder, which may be named through a link; undefined for one outside of it. */
function findWithin(folder: string, file: string): string | undefined {
  if (file === 'stdin') return undefined;
  const path = resolve(file);
  const paths = [relative(folder, path), relative(findReal(folder), findReal(path))];
  return paths.find((one) => one !== '..' && !one.startsWith(`..${sep}`) && !isAbsolute(one));
}

function findReal(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(value: string | number): string {
  return escapeText(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
