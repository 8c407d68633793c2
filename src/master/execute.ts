// Runs one script from its first byte to the end of its world, and returns the exit status.
import { type Cluster, EnvironmentError } from '../kernel/cluster.ts';
import type { Design } from '../kernel/design.ts';
import type { TraceSink } from '../kernel/trace.ts';
import { Arrivals } from '../language/arrivals.ts';
import { levelsAsked, tellNoClaim } from '../language/claims.ts';
import type { CommandTable } from '../language/commandTable.ts';
import { type Finding, findingsOf } from '../language/finding.ts';
import { readWithIncludes, type ScriptFiles } from '../language/includes.ts';
import { Interpreter } from '../language/interpreter.ts';
import { readLines, type ScriptLine } from '../language/lines.ts';
import { Report, type Sink } from '../language/report.ts';
import { Run } from '../language/run.ts';
import { tellBugBriefly } from '../rpc/bugReport.ts';
import type { Invocation } from './commandLine.ts';
import { describeFault, toEnvironmentError } from './environmentFault.ts';
import { EXIT, graverOf, isComplete } from './exitStatus.ts';
import type { Interruption } from './interruption.ts';
import type { JsonLinesFile } from './jsonLinesFile.ts';
import type { Output } from './output.ts';
import { describeBug } from './replay.ts';
import type { RunTeller } from './runTeller.ts';
import { saveMemoryAfter } from './thrift.ts';
import type { World } from './worlds.ts';

/** Scripts are named as in diagnostics. */
export interface ClaimsListener {
  add(script: string, finding: Finding): void;
  /** A script has ended, with that exit status. */
  ended?(script: string, status: number): void;
}

/** The parts that all scripts of one invocation share. */
export interface Stage {
  readonly invocation: Invocation;
  readonly protocols: readonly Design[];
  readonly table: CommandTable;
  readonly world: World;
  readonly output: Output;
  readonly interruption: Interruption;
  readonly trace: JsonLinesFile | undefined;
  readonly history: JsonLinesFile | undefined;
  /** Hears what the script prints, before the output. */
  readonly listener?: { over(sink: Sink): Sink } | undefined;
  /** Judges at the end what was printed; returns an exit status. */
  readonly golden?: { conclude(report: Report): number } | undefined;
  /** Hear what the claims of each script came to. */
  readonly claims?: readonly ClaimsListener[];
  /** Tells the run to a report or to live pages. */
  readonly teller?: RunTeller | undefined;
  /** The command that repeats this run, for finding a bug. */
  readonly replay: string;
}

const STATUS_OF_CHECKS = {
  holds: EXIT.ok,
  broken: EXIT.broken,
  undecided: EXIT.undecided,
} as const;

const ENDS_HERE = 'the script ends here, the lines after this one are not done';

/** A script that can be run: its bytes and its name in diagnostics. */
export interface Script {
  readonly name: string;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Where the script may include files from; absent for one that is no file. */
  readonly files?: ScriptFiles;
}

export function createRun(stage: Stage, report: Report): Run {
  const { invocation, history, teller, world, output, interruption } = stage;
  const sink = traceSinkOf(stage);
  const { protocol, options, seed, isLogged } = invocation;
  const createCluster = (chosen: Design, given: typeof options): Promise<Cluster> =>
    world.createCluster({
      protocol: chosen,
      options: given,
      seed,
      ...(sink && { trace: sink }),
      note: (text) => report.note(text),
      warn: (text) => report.warn(text),
    });
  return new Run({
    createCluster,
    protocols: stage.protocols,
    protocol,
    options,
    isLogged,
    whyNot: (chosen) => world.whyNot(chosen),
    seed,
    report,
    onInitialWrite: (write) => {
      history?.write({ kind: 'initial', ...write });
      teller?.earlier(write);
    },
    onOperation: (operation) => {
      history?.write(operation);
      teller?.operation(operation);
    },
    onNodesChanged: () => world.nodesChanged(),
    judging: (judge) => {
      output.flush();
      return interruption.duringWork(judge);
    },
  });
}

/** Undefined if no reader wants the events: then the worlds need not make them. */
function traceSinkOf({ trace, teller }: Stage): TraceSink | undefined {
  if (trace === undefined) return teller?.event;
  return (event) => {
    trace.write(event);
    teller?.event(event);
  };
}

/** Where a run's output goes. */
export function sinkOf({ output, listener, teller }: Stage): Sink {
  const sink = listener?.over(output) ?? output;
  return teller?.over(sink) ?? sink;
}

/** Ends the script's world before it returns. */
export async function executeScript(stage: Stage, script: Script): Promise<number> {
  const isNamed = stage.invocation.scripts.length > 1;
  const onFinding = (finding: Finding): void => {
    for (const listener of stage.claims ?? []) listener.add(script.name, finding);
  };
  const style = { ...stage.invocation, isNamed, onFinding };
  const report = new Report(sinkOf(stage), style, script.name);
  const run = createRun(stage, report);
  const early = await runScript(stage, script, run, report);
  const status = isComplete(early) ? await statusAfter(stage, run, early) : early;
  for (const listener of stage.claims ?? []) listener.ended?.(script.name, status);
  return status;
}

/** A node may have ended with a bug during the last line: that is seen when all have ended. */
async function statusAfter(stage: Stage, run: Run, status: number): Promise<number> {
  try {
    await run.quiesce();
    return status;
  } catch (error) {
    return reportFailure(stage, error);
  }
}

async function runScript(stage: Stage, script: Script, run: Run, report: Report): Promise<number> {
  const { invocation, interruption, table } = stage;
  const { isStrict } = invocation;
  const between = (): Promise<void> | undefined => {
    saveMemoryAfter(interpreter.lineCount);
    return stage.output.ready();
  };
  const arrivals = new Arrivals();
  const parts = { run, table, report, isStrict, between, arrivals };
  const interpreter: Interpreter = new Interpreter(parts);
  const done = feed(stage, script, { run, interpreter, report, between }).then(() => run.quiesce());
  try {
    const interrupted = await Promise.race([done, interruption.happened]);
    if (interrupted !== undefined) return interrupted;
    if (interpreter.isOver) {
      if (invocation.checkLevels || stage.golden)
        report.note('nothing is judged: the script has not been done');
      return EXIT.badLines;
    }
    const status = await conclude(stage, run, report);
    return interpreter.badLineCount > 0 ? EXIT.badLines : status;
  } catch (error) {
    return reportFailure(stage, error);
  } finally {
    // Failures of commands that the end of the world interrupts are ignored.
    done.catch(() => undefined);
    await endRun(stage, run);
  }
}

/** Ends every node of the run, when all has been told of it. */
export async function endRun({ output, interruption, teller }: Stage, run: Run): Promise<void> {
  const { status } = interruption;
  if (status !== undefined) {
    output.seal();
    teller?.failed(`The run was interrupted (exit status ${status}).`);
  }
  await teller?.conclude(run, { isInterrupted: status !== undefined });
  await run.stop();
}

/** Prints the verdicts that the command line asked for; returns the exit status of all checks. */
export async function conclude(stage: Stage, run: Run, report: Report): Promise<number> {
  const { invocation, golden } = stage;
  const { checkLevels } = invocation;
  if (checkLevels !== undefined) {
    const levels = levelsAsked(run, checkLevels);
    if (checkLevels.length > 0 && levels.length === 0) report.note(tellNoClaim(run));
    const verdict = await run.history.judge(levels);
    report.conclude(verdict.lines, verdict.fields);
    for (const finding of findingsOf(levels, verdict)) report.find(finding);
  }
  return graverOf(STATUS_OF_CHECKS[run.history.outcome], golden?.conclude(report) ?? EXIT.ok);
}

interface Feeding {
  readonly run: Run;
  readonly interpreter: Interpreter;
  readonly report: Report;
  /** Between lines: waits while a reader catches up. */
  readonly between: () => Promise<void> | undefined;
}

async function feed(
  { interruption, teller, world }: Stage,
  script: Script,
  { run, interpreter, report, between }: Feeding,
): Promise<void> {
  for await (const lines of linesOf(script)) {
    await world.foresee(lines);
    for (const line of lines) if (line.origin === undefined) teller?.line(line);
    for (const line of lines) {
      if (interruption.status !== undefined) return;
      const done = interpreter.do(line);
      if (done !== undefined) {
        await done;
        await teller?.done(run, line);
      }
      const ready = between();
      if (ready !== undefined) await ready;
      if (!interpreter.isOver) continue;
      if (line !== lines.at(-1)) report.forLine(line).note(ENDS_HERE);
      return;
    }
  }
  await interpreter.settle();
  interpreter.end();
}

function linesOf(script: Script): AsyncIterable<ScriptLine[]> {
  const { name, files } = script;
  const own = readLines(readable(script));
  return files === undefined ? own : readWithIncludes(name, own, files);
}

/** The script's bytes; a read error is a fault of the environment. */
export async function* readable({ name, bytes }: Script): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw new EnvironmentError('E_IO', `${name}: ${(error as Error).message}`);
  }
}

/** Reports why the run failed; returns the exit status. */
export function reportFailure({ output, replay, teller }: Stage, error: unknown): number {
  const fault = toEnvironmentError(error);
  teller?.failed(fault ? fault.message : tellBugBriefly(error));
  if (fault !== undefined) {
    output.diagnostic(describeFault(fault));
    return EXIT.environment;
  }
  output.diagnostic(describeBug(error, replay));
  return EXIT.bug;
}
