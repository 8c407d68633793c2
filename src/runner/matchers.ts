// Matchers about runs, for `expect` of vitest and of jest.
import type { Checked } from '../language/checked.ts';
import type { Said, ScriptRun } from './runScript.ts';

/** A text of the output, or what it has to match. */
export type Expected = string | RegExp;

export interface ScriptMatchers<R = unknown> {
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
  toHold(this: Context, received: unknown, ...levels: readonly Checked[]): Outcome {
    const run = asRun(received);
    if (levels.length === 0) throw new TypeError('toHold needs the name of a level');
    const verdicts = levels.map((level) => run.check(level));
    const told = verdicts.flatMap(({ lines }) => lines).join('\n');
    const isNot = this.isNot === true;
    const isUndecided = verdicts.some(({ outcome }) => outcome === 'undecided');
    const isBroken = verdicts.some(({ outcome }) => outcome === 'broken');
    // What fails: something undecided that could change the outcome.
    const pass = isUndecided && !isBroken ? isNot : !isBroken;
    const wish = isNot ? 'not to hold' : 'to hold';
    return { pass, message: () => `expected the run ${wish} ${levels.join(', ')}:\n\n${told}` };
  },

  toAnswer(this: Context, received: unknown, ...lines: readonly Expected[]): Outcome {
    const found = linesOf(asRun(received).answers);
    const wanted = lines.flatMap((line): readonly Expected[] =>
      typeof line === 'string' ? splitLines(line) : [line],
    );
    const pass =
      found.length === wanted.length && found.every((text, at) => fits(text, wanted[at] ?? ''));
    const wish = this.isNot === true ? 'not to answer' : 'to answer';
    return {
      pass,
      message: () => `expected the run ${wish}\n${list(wanted)}\nit answered\n${list(found)}`,
    };
  },

  toAnswerAt(
    this: Context,
    received: unknown,
    line: number,
    ...anyOf: readonly Expected[]
  ): Outcome {
    const { answers } = asRun(received);
    if (anyOf.length === 0) throw new TypeError('toAnswerAt needs a text or a pattern');
    const said = answers.filter((answer) => answer.line === line);
    const found = linesOf(said).join('\n');
    const pass = said.length > 0 && anyOf.some((one) => fits(found, one));
    const wish = this.isNot === true ? 'not to answer' : 'to answer';
    const got = said.length === 0 ? 'it answered nothing there' : `it answered\n${list([found])}`;
    return {
      pass,
      message: () => `expected line ${line} ${wish} one of\n${list(anyOf)}\n${got}`,
    };
  },
};

function asRun(received: unknown): Pick<ScriptRun, 'answers' | 'check'> {
  const run = received as Partial<ScriptRun> | null | undefined;
  if (typeof run?.check === 'function' && Array.isArray(run.answers)) return run as ScriptRun;
  const isPromise = typeof (received as Partial<Promise<unknown>> | null)?.then === 'function';
  const why = isPromise ? 'a promise of a run: await it' : 'no run of runScript';
  throw new TypeError(`expected the result of runScript, got ${why}`);
}

function linesOf(answers: readonly Said[]): string[] {
  return answers.flatMap(({ text }) => text.split('\n'));
}

function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function fits(text: string, wanted: Expected): boolean {
  if (typeof wanted === 'string') return text === wanted;
  // A pattern with the flag `g` remembers where it was.
  return text.search(wanted) !== -1;
}

function list(lines: readonly Expected[]): string {
  return lines.length === 0 ? '  nothing' : lines.map((line) => `  ${String(line)}`).join('\n');
}
