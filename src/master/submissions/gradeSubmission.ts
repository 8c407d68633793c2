// Grades one submission: runs its master on each script, judges what it printed, and looks for the
// smallest beginning of a script that still fails.
import type { GradedScript } from '../../grading/gradedScript.ts';
import { findPrefix } from '../../grading/prefix.ts';
import {
  judgedOutput,
  type MasterRun,
  type OutputJudgement,
  type Prefix,
  resultOf,
  resultWithoutRun,
  type ScriptResult,
} from '../../grading/result.ts';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { runMaster } from './runMaster.ts';
import { whyNoCommand } from './submissionCommand.ts';

export interface GradeOrder {
  readonly command: string;
  /** The submission's folder, in which its master runs. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly areOrphansFaults: boolean;
  /** Whether scripts that fail run again. */
  readonly isShrinking: boolean;
  /** What lines of the output that are no answers match. */
  readonly ignored?: RegExp | undefined;
}

/**
 * Yields the result of each script. Ends early, without a result, when `interrupted` resolves. A
 * script that cannot be run has a result with no points and the reason: other submissions go on.
 */
export async function* gradeSubmission(
  order: GradeOrder,
  scripts: readonly GradedScript[],
  interrupted: Promise<unknown>,
): AsyncGenerator<ScriptResult> {
  let isOver = false;
  const over = interrupted.then(() => {
    isOver = true;
  });
  for (const script of scripts) {
    // A script may have changed the folder.
    const why = whyNoCommand(order.command, order.folder, order.environment);
    if (why !== undefined) {
      yield resultWithoutRun(script.spec, why);
      continue;
    }
    const result = await gradeOrTell(order, script, over);
    if (isOver) return;
    yield result;
  }
}

async function gradeOrTell(
  order: GradeOrder,
  script: GradedScript,
  interrupted: Promise<unknown>,
): Promise<ScriptResult> {
  try {
    return await gradeScript(order, script, interrupted);
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    return resultWithoutRun(script.spec, `it could not be run: ${error.message}`);
  }
}

/** Whether the system refused something, in which the submission may have a part. */
function isOfSystem(error: unknown): error is Error {
  if (error instanceof EnvironmentError) return error.code === 'E_SPAWN';
  return error instanceof Error && 'syscall' in error;
}

async function gradeScript(
  order: GradeOrder,
  script: GradedScript,
  interrupted: Promise<unknown>,
): Promise<ScriptResult> {
  const run = await runOn(order, script, script.commandCount, interrupted);
  const judgement = script.judge(judgedOutput(run, order.ignored));
  const result = resultOf(script.spec, run, judgement, order.areOrphansFaults);
  if (result.faults.length === 0 || !order.isShrinking) return result;
  return { ...result, prefix: await shrink(order, script, judgement, interrupted) };
}

function runOn(
  { command, folder, environment }: GradeOrder,
  script: GradedScript,
  commands: number,
  interrupted: Promise<unknown>,
): Promise<MasterRun> {
  const { limits } = script.spec;
  const input = script.input(commands);
  return runMaster({ command, folder, environment, limits, input }, interrupted);
}

async function shrink(
  order: GradeOrder,
  script: GradedScript,
  judgement: OutputJudgement,
  interrupted: Promise<unknown>,
): Promise<Prefix | undefined> {
  const { commandCount, spec } = script;
  // A script that hangs runs once more, others as often as needed.
  const until = performance.now() + spec.limits.timeMs;
  const fails = async (commands: number): Promise<boolean | undefined> => {
    if (performance.now() > until) return undefined;
    const run = await runOn(order, script, commands, interrupted);
    const isPermitted = script.permitsBeginning(commands, judgedOutput(run, order.ignored));
    const outcome = isPermitted ? ({ outcome: 'permitted' } as const) : REFUSED;
    return resultOf(spec, run, outcome, order.areOrphansFaults).faults.length > 0;
  };
  const guess =
    judgement.outcome === 'refused' ? script.commandsUpTo(judgement.line) : commandCount;
  const found = await findPrefix({ commands: commandCount, guess, fails });
  if (found === undefined) return undefined;
  const { isCertain, commands } = found;
  return { line: script.lineOf(commands), of: script.lineCount, isCertain };
}

/** Stands for a judgement of which only this counts. */
const REFUSED: OutputJudgement = {
  outcome: 'different',
  difference: { name: '', number: 1, printed: '', expected: undefined },
};
