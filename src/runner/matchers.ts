// Matchers about runs, for `expect` of vitest and of jest.

import type { Checked } from '../language/checked.ts';
import type { Finding } from '../language/finding.ts';
import { type AnsweredLine, type Expected, fits, list, showDifferences } from './differences.ts';
import type { Said, ScriptRun } from './runScript.ts';

export type { Expected } from './differences.ts';

/**
 * A script with a bad line is not the one that was meant: each matcher fails for its run, also with
 * `not`, and names the line.
 */
export interface ScriptMatchers<R = unknown> {
  /**
   * Each `expect`, `wait until` and `check` of the script came out as it should. An undecided
   * `check` fails, also with `not`.
   */
  toPass(): R;
  /**
   * The run has each of these levels. A level that is undecided fails, also with `not`: then the
   * run shows nothing.
   */
  toHold(...levels: readonly Checked[]): R;
  /**
   * The output has exactly these lines, in this order. A single text may have several lines, ended
   * or separated by `\n`.
   */
  toAnswer(...lines: readonly Expected[]): R;
  /** The answer to that line of the script, from 1, is one of these. */
  toAnswerAt(line: number, ...anyOf: readonly Expected[]): R;
}

interface Context {
  readonly isNot?: boolean | undefined;
}

interface Outcome {
  readonly pass: boolean;
  readonly message: () => string;
}

/** To be handed to `expect.extend`. Each throws a TypeError if it is given no run. */
export const matchers = {
  toPass(this: Context, received: unknown): Outcome {
    const run = asRun(received);
    const unmet = run.findings.filter(({ outcome }) => outcome !== 'held');
    const isUndecided = run.status === STATUS_OF_UNDECIDED;
    return about(this, run, {
      pass: isUndecided ? this.isNot === true : run.status === 0,
      tell: (not) => {
        const told = tellFindings(unmet);
        return `expected the claims of the script ${not}to hold\n${told}`.trimEnd();
      },
    });
  },

  toHold(this: Context, received: unknown, ...levels: readonly Checked[]): Outcome {
    const run = asRun(received);
    if (levels.length === 0) throw new TypeError('toHold needs the name of a level');
    const verdicts = levels.map((level) => run.check(level));
    const told = verdicts.flatMap(({ lines }) => lines).join('\n');
    const isUndecided = verdicts.some(({ outcome }) => outcome === 'undecided');
    const isBroken = verdicts.some(({ outcome }) => outcome === 'broken');
    return about(this, run, {
      // What fails: something undecided that could change the outcome.
      pass: isUndecided && !isBroken ? this.isNot === true : !isBroken,
      tell: (not) => `expected the run ${not}to hold ${levels.join(', ')}:\n\n${told}`,
    });
  },

  toAnswer(this: Context, received: unknown, ...lines: readonly Expected[]): Outcome {
    const run = asRun(received);
    const found = linesOf(run.answers);
    const wanted = asExpected('toAnswer', lines).flatMap((line): readonly Expected[] =>
      typeof line === 'string' ? splitLines(line) : [line],
    );
    const pass =
      found.length === wanted.length && found.every(({ text }, at) => fits(text, wanted[at] ?? ''));
    return about(this, run, {
      pass,
      tell: (not) =>
        not === ''
          ? 'expected the run to answer: - is missing, + was answered instead\n' +
            showDifferences(wanted, found)
          : `expected the run not to answer\n${list(wanted)}`,
    });
  },

  toAnswerAt(
    this: Context,
    received: unknown,
    line: number,
    ...anyOf: readonly Expected[]
  ): Outcome {
    const run = asRun(received);
    if (anyOf.length === 0) throw new TypeError('toAnswerAt needs a text or a pattern');
    const wanted = asExpected('toAnswerAt', anyOf);
    const said = linesOf(run.answers.filter((answer) => answer.line === line));
    const found = said.map(({ text }) => text).join('\n');
    const got = said.length === 0 ? tellNearest(run, line) : `it answered\n${list([found])}`;
    return about(this, run, {
      pass: said.length > 0 && wanted.some((one) => fits(found, one)),
      tell: (not) => `expected line ${line} ${not}to answer one of\n${list(wanted)}\n${got}`,
    });
  },
};

const NEAREST = 3;

/** What was answered around a line without an answer: the line may be miscounted. */
function tellNearest({ answers }: Judged, line: number): string {
  const distanceOf = (one: Said): number => Math.abs((one.line ?? 0) - line);
  const nearest = [...answers].sort((a, b) => distanceOf(a) - distanceOf(b)).slice(0, NEAREST);
  const told = answers
    .filter((one) => nearest.includes(one))
    .map((one) => `line ${one.line}: ${one.text.replaceAll('\n', '\n    ')}`);
  if (told.length === 0) return 'the script answered nothing';
  return `it answered nothing there; the nearest answers:\n${list(told)}`;
}

type Judged = Pick<ScriptRun, 'answers' | 'check' | 'diagnostics' | 'findings' | 'status'>;

const STATUS_OF_BAD_LINES = 65;
const STATUS_OF_UNDECIDED = 2;

/** The outcome of a matcher, unless the script has bad lines. `tell` gets `not ` or nothing. */
function about(
  context: Context,
  run: Judged,
  { pass, tell }: { readonly pass: boolean; readonly tell: (not: string) => string },
): Outcome {
  const isNot = context.isNot === true;
  if (run.status !== STATUS_OF_BAD_LINES) {
    return { pass, message: () => tell(isNot ? 'not ' : '') };
  }
  const refused = run.findings.filter(({ outcome }) => outcome === 'refused');
  return {
    pass: isNot,
    message: () => `expected a script without bad lines\n${tellFindings(refused)}`,
  };
}

const MOST_FINDINGS = 20;

function tellFindings(findings: readonly Finding[]): string {
  const others = findings.length - MOST_FINDINGS;
  const told = findings.slice(0, MOST_FINDINGS).map(tellFinding);
  return [...told, ...(others > 0 ? [`  ... and ${others} more`] : [])].join('\n');
}

function tellFinding({ place, title, outcome, text }: Finding): string {
  const name = `  line ${place?.line}: ${title}`;
  return outcome === 'refused'
    ? `${name}: ${text}`
    : `${name}\n    ${text.replaceAll('\n', '\n    ')}`;
}

function asRun(received: unknown): Judged {
  const run = received as Partial<ScriptRun> | null | undefined;
  if (typeof run?.check === 'function' && Array.isArray(run.answers)) return run as ScriptRun;
  const isPromise = typeof (received as Partial<Promise<unknown>> | null)?.then === 'function';
  const why = isPromise ? 'a promise of a run: await it' : 'no run of runScript';
  throw new TypeError(`expected the result of runScript, got ${why}`);
}

function asExpected(matcher: string, given: readonly Expected[]): readonly Expected[] {
  // A pattern of another realm, as jest has them, is no instance of this one's RegExp.
  const kinds = given.map((one: unknown) => Object.prototype.toString.call(one));
  if (kinds.every((kind) => kind === '[object String]' || kind === '[object RegExp]')) return given;
  throw new TypeError(`${matcher} takes texts and patterns, each as an argument of its own`);
}

function linesOf(answers: readonly Said[]): AnsweredLine[] {
  return answers.flatMap(({ text, line }) => text.split('\n').map((one) => ({ text: one, line })));
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
