// Annotations of GitHub: under Actions, a claim that a run did not keep stands at the script's line
// in the view of the change.
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
import { relative, resolve } from 'node:path';
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

/** A line for standard error; undefined for a claim that held. `folder` is the repository's. */
export function annotate(finding: Finding, folder: string): string | undefined {
  const { place, title, outcome, text } = finding;
  const level = LEVELS[outcome];
  if (level === undefined) return undefined;
  const properties = {
    // Standard input is no file: then the annotation is one of the run.
    ...(place !== undefined &&
      place.file !== 'stdin' && { file: relative(folder, resolve(place.file)), line: place.line }),
    title: `Causeway: ${title}`,
  };
  const told = Object.entries(properties).map(
    ([name, value]) => `${name}=${escapeProperty(value)}`,
  );
  return `::${level} ${told.join(',')}::${escapeText(text)}\n`;
}

function escapeText(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(value: string | number): string {
  return escapeText(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
