// Runs one script on real programs, and judges it by what they claim.
import { checkStores, withInitial } from '../checkers/index.ts';
import type { Cluster } from '../kernel/cluster.ts';
import { claimsOf, completeOptions, type Design, type Options } from '../kernel/design.ts';
import type { Recorded } from '../kernel/history.ts';
import { CommandTable } from '../language/commandTable.ts';
import { Interpreter } from '../language/interpreter.ts';
import { checkText } from '../language/lines.ts';
import { Report } from '../language/report.ts';
import { Run } from '../language/run.ts';
import { Coverage } from './coverage.ts';
import { findBrokenGuarantee } from './guarantees.ts';
import type { Failure } from './testCase.ts';

export interface RealSetup {
  readonly design: Design;
  createCluster(options: Options, seed: number): Promise<Cluster>;
  /** Resolves when the time is over, or the user ends the search. */
  readonly over: Promise<unknown>;
}

export interface RealResult {
  /** False if the time was over before the end of the script. */
  readonly isDone: boolean;
  readonly failure: Failure | undefined;
}

/** Rejects with an EnvironmentError if a program cannot be started. No program is left. */
export async function runReal(
  setup: RealSetup,
  lines: readonly string[],
  seed: number,
): Promise<RealResult> {
  const { design } = setup;
  const ignore = (): void => undefined;
  const report = new Report(
    { answer: ignore, diagnostic: ignore },
    { isJson: false, isQuiet: true },
    'script',
  );
  const history: Recorded[] = [];
  const run = new Run({
    createCluster: (_design, options) => setup.createCluster(options, seed),
    ...{
      protocols: [design],
      protocol: design,
      options: completeOptions(design, {}),
      seed,
      report,
    },
    onOperation: (operation) => history.push(operation),
  });
  const table = new CommandTable([design]);
  const interpreter = new Interpreter({ run, table, report, isStrict: false });
  const done = interpret(interpreter, run, lines);
  try {
    const isDone = await Promise.race([done.then(() => true), setup.over.then(() => false)]);
    const failure = isDone ? judge(run, history, lines) : undefined;
    return { isDone, failure };
  } finally {
    done.catch(() => undefined);
    await run.stop();
  }
}

async function interpret(
  interpreter: Interpreter,
  run: Run,
  lines: readonly string[],
): Promise<void> {
  for (const [at, text] of lines.entries()) await interpreter.do(checkText(at + 1, text));
  interpreter.end();
  await run.quiesce();
}

function judge(
  run: Run,
  history: readonly Recorded[],
  lines: readonly string[],
): Failure | undefined {
  const { protocol, options } = run;
  const operations = withInitial([], history);
  const broken = findBrokenGuarantee({ protocol, options }, operations, () => [], new Coverage());
  const failure = broken ?? findDifference(run, operations);
  return failure && { ...failure, line: lines.length, ending: [] };
}

/** Servers that show no stores are not judged. */
function findDifference(
  { protocol, options, history }: Run,
  operations: readonly Recorded[],
): Pick<Failure, 'kind' | 'sentence'> | undefined {
  const kind = 'convergence';
  if (!claimsOf(protocol, options, history.modifiers).includes(kind)) return undefined;
  const verdict = checkStores(operations, history.record, kind);
  return verdict.outcome === 'broken' ? { kind, sentence: verdict.witness.sentence } : undefined;
}
