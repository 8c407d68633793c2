// The result of a script: from what a run did, and how its output is judged, the faults and the
// points.

import type { Difference } from './expected.ts';
import { tellDifference } from './expected.ts';
import type { Refusal } from './oracle/judgement.ts';
import { RULES } from './oracle/judgement.ts';
import type { SuiteScript } from './suite.ts';

/** How a run of a master ended. */
export type RunEnd =
  | { readonly kind: 'exit'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string }
  /** It was ended, because it had reached a limit. */
  | { readonly kind: 'time' | 'memory' | 'stdout' };

/** What a run did. */
export interface MasterRun {
  readonly end: RunEnd;
  readonly stdout: string;
  /** The last lines of stderr. */
  readonly stderr: readonly string[];
  readonly ms: number;
  /** The command lines of the processes that it left behind. They have been ended. */
  readonly orphans: readonly string[];
  /** Whether a process of it may live on: one that could not be found, or not be ended. */
  readonly isEscaped: boolean;
  /** Sentences about what it did to its surroundings. */
  readonly notes: readonly string[];
}

export type OutputJudgement =
  | { readonly outcome: 'permitted' }
  | { readonly outcome: 'undecided'; readonly why: string }
  | Refusal
  | { readonly outcome: 'different'; readonly difference: Difference };

/** Something that costs the points of a script. */
export interface Fault {
  /** A rule of the assignment, or a limit: one word or two. */
  readonly rule: string;
  /** Sentences, one a line. */
  readonly lines: readonly string[];
}

/** The smallest beginning of a script that fails. */
export interface Prefix {
  /** The last line of it in the file. */
  readonly line: number;
  /** How many lines the file has. */
  readonly of: number;
  /** Whether the script failed every time that it was run. */
  readonly isCertain: boolean;
}

export interface ScriptResult {
  readonly script: SuiteScript;
  readonly points: number;
  readonly faults: readonly Fault[];
  /** Sentences that cost no points. */
  readonly notes: readonly string[];
  /** Undefined if it was not looked for, or not found. */
  readonly prefix?: Prefix | undefined;
  readonly run: MasterRun;
  /** Whether a person has to look at it. */
  readonly isUndecided: boolean;
}

export interface SubmissionResult {
  readonly name: string;
  readonly scripts: readonly ScriptResult[];
}

export function pointsOf({ scripts }: SubmissionResult): {
  readonly points: number;
  readonly most: number;
} {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return {
    points: sum(scripts.map(({ points }) => points)),
    most: sum(scripts.map(({ script }) => script.points)),
  };
}

const SHOWN_ORPHANS = 3;
const SHOWN_CHARACTERS = 80;

/** `judgement` is of all that the run has printed. */
export function resultOf(
  script: SuiteScript,
  run: MasterRun,
  judgement: OutputJudgement,
  areOrphansFaults: boolean,
): ScriptResult {
  const faults = [...limitFaults(script, run, judgement), ...answerFaults(run, judgement)];
  const notes = [...run.notes];
  if (run.orphans.length > 0 || run.isEscaped) {
    const fault = orphanFault(run);
    if (areOrphansFaults) faults.push(fault);
    else notes.push(...fault.lines);
  }
  if (run.end.kind === 'exit' && run.end.status !== 0) {
    notes.push(`it ended with exit status ${run.end.status}`);
  }
  const isUndecided = faults.length === 0 && judgement.outcome === 'undecided';
  if (judgement.outcome === 'undecided') notes.push(`not decided: ${judgement.why}`);
  const points = faults.length === 0 ? script.points : 0;
  return { script, points, faults, notes, run, isUndecided };
}

/** Of a script that could not run. */
export function resultWithoutRun(script: SuiteScript, why: string): ScriptResult {
  const run = {
    end: { kind: 'exit', status: 0 },
    stdout: '',
    stderr: [],
    ms: 0,
    orphans: [],
    isEscaped: false,
    notes: [],
  } as const;
  const faults = [{ rule: 'command', lines: [why] }];
  return { script, points: 0, faults, notes: [], run, isUndecided: false };
}

function limitFaults(
  { limits }: SuiteScript,
  { end, ms }: MasterRun,
  judgement: OutputJudgement,
): Fault[] {
  switch (end.kind) {
    case 'time': {
      const what = `it did not end within ${tellTime(limits.timeMs)}`;
      return [{ rule: 'time limit', lines: [what, ...tellReached(end.kind, judgement)] }];
    }
    case 'memory': {
      const what = `its processes took more than ${limits.memoryMiB} MiB`;
      return [{ rule: 'memory', lines: [what, ...tellReached(end.kind, judgement)] }];
    }
    case 'stdout':
      return [{ rule: 'output', lines: [`it printed more than ${limits.stdoutBytes} bytes`] }];
    case 'signal':
      return [{ rule: 'crash', lines: [`it was ended by ${end.signal} after ${tellTime(ms)}`] }];
    case 'exit':
      return [];
  }
}

/** How far a run came that was ended. */
function tellReached(kind: RunEnd['kind'], judgement: OutputJudgement): string[] {
  if (judgement.outcome === 'permitted') {
    if (kind !== 'time') return [];
    return ['all its answers are permitted, but it has to end when its input ends'];
  }
  if (judgement.outcome !== 'refused' || judgement.printed !== undefined) return [];
  return [`no answer came for line ${judgement.line}: ${judgement.command}`];
}

/**
 * What of its output is judged: of a run that was ended, the last line may be a part only. Lines
 * that are to be ignored are blank, so that the others keep their numbers.
 */
export function judgedOutput({ end, stdout }: MasterRun, ignored?: RegExp): string {
  const whole = end.kind === 'exit' ? stdout : stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  if (ignored === undefined) return whole;
  const lines = whole.split('\n').map((line) => (line.search(ignored) === -1 ? line : ''));
  return lines.join('\n');
}

/** A run that was ended has not printed all: a missing line is then no fault of its own. */
function answerFaults({ end }: MasterRun, judgement: OutputJudgement): Fault[] {
  // The rest of its output was thrown away.
  if (end.kind === 'stdout') return [];
  const isWhole = end.kind === 'exit' || end.kind === 'signal';
  if (judgement.outcome === 'refused') {
    return isWhole || judgement.printed !== undefined ? [refusalFault(judgement)] : [];
  }
  if (judgement.outcome !== 'different') return [];
  if (!isWhole && judgement.difference.printed === undefined) return [];
  return [{ rule: 'expected output', lines: [tellDifference(judgement.difference)] }];
}

function refusalFault({ rule, line, command, printed, expected, why }: Refusal): Fault {
  const shown =
    printed === undefined
      ? 'nothing was printed for it'
      : `printed ${shorten(printed.text)} (line ${printed.number} of the output)`;
  const permitted = expected.length === 0 ? [] : [`permitted: ${expected.join(' or ')}`];
  return {
    rule,
    lines: [`line ${line}: ${command}: ${shown}`, why, ...permitted, `rule: ${RULES[rule]}`],
  };
}

function shorten(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}

function orphanFault({ orphans, isEscaped }: MasterRun): Fault {
  const count = orphans.length;
  const shown = orphans.slice(0, SHOWN_ORPHANS).join('; ');
  const more = count > SHOWN_ORPHANS ? `; and ${count - SHOWN_ORPHANS} more` : '';
  const what = count === 1 ? '1 process' : `${count} processes`;
  const lines = [
    ...(count > 0 ? [`it left ${what} behind, which were ended: ${shown}${more}`] : []),
    ...(isEscaped ? ['it left a process behind that could not be found or ended'] : []),
  ];
  return { rule: 'orphans', lines };
}

export function tellTime(ms: number): string {
  return ms >= 1000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms)} ms`;
}
