// Sets up what a run needs besides its script, for scripts, the console and live pages: checks the
// named files, opens those that are to be written, creates the world, and closes all of it.
import { fstatSync } from 'node:fs';
import _ from 'lodash';
import { EnvironmentError } from '../kernel/cluster.ts';
import { completeOptions, type Design } from '../kernel/design.ts';
import { CommandTable } from '../language/commandTable.ts';
import { keepCode } from '../rpc/compilation.ts';
import { formatFaults } from '../sim/faultText.ts';
import type { FirstView, TakePart } from '../web/growingView.ts';
import { annotate, findActionsFolder } from './annotations.ts';
import type { Invocation } from './commandLine.ts';
import { describeFault } from './environmentFault.ts';
import { type ClaimsListener, reportFailure, type Stage } from './execute.ts';
import { EXIT } from './exitStatus.ts';
import type { Interruption } from './interruption.ts';
import { type JsonLinesFile, openJsonLines } from './jsonLinesFile.ts';
import type { JunitReport } from './junitReport.ts';
import { whyUnreadable } from './namedFile.ts';
import type { Output } from './output.ts';
import { whyShared } from './ownFiles.ts';
import { describeReplay } from './replay.ts';
import type { ReportFile } from './reportFile.ts';
import { describeRunOptions } from './runOptions.ts';
import { createProcessWorld, createSimWorld } from './worlds.ts';

export interface Staging {
  readonly invocation: Invocation;
  /** The arguments after the program's or the subcommand's name, for a command that repeats it. */
  readonly words: readonly string[];
  /** Whose arguments they are, if the program runs as one. */
  readonly subcommand?: string;
  readonly protocols: readonly Design[];
  readonly output: Output;
  readonly interruption: Interruption;
  /** The descriptor of a script that comes from stdin. */
  readonly fd?: number | undefined;
  /** Gets what the run tells, besides a report. */
  readonly take?: TakePart;
}

/** Returns the exit status of `perform`, or of what prevents it, when all files are written. */
export async function onStage(
  staging: Staging,
  perform: (stage: Stage) => Promise<number>,
): Promise<number> {
  const { invocation, output, fd } = staging;
  const unreadable = whyNoScripts(invocation, fd);
  if (unreadable.length > 0) {
    const faults = unreadable.map((why) => new EnvironmentError('E_IO', why));
    output.diagnostic(faults.map(describeFault).join(''));
    return EXIT.environment;
  }
  const shared = whyShared(invocation, fd);
  if (shared !== undefined) {
    output.diagnostic(`causeway: ${shared}\n`);
    return EXIT.usage;
  }
  const { protocols, interruption, words } = staging;
  const { isSim, faults } = invocation;
  const stage: Stage = {
    ...{ invocation, protocols, output, interruption },
    table: new CommandTable(protocols),
    world: isSim ? createSimWorld(faults) : createProcessWorld(invocation),
    ...{ trace: undefined, history: undefined },
    replay: describeReplay(words, invocation, staging.subcommand),
    claims: annotators(output),
  };
  try {
    const golden = await Promise.race([openGolden(staging), interruption.happened]);
    if (typeof golden === 'number') return golden;
    if (typeof golden === 'string') {
      output.diagnostic(`causeway: ${golden}\n`);
      return EXIT.badLines;
    }
    return await withFiles(staging, { ...stage, golden, listener: golden }, perform);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return reportFailure(stage, error);
  } finally {
    await stage.world.close();
  }
}

/** None outside of GitHub's Actions. What several runs find at one place is told once. */
function annotators(output: Output): ClaimsListener[] {
  const folder = findActionsFolder(process.env);
  if (folder === undefined) return [];
  const told = new Set<string>();
  const add: ClaimsListener['add'] = (script, finding) => {
    const annotation = annotate(finding, folder, script);
    if (annotation === undefined || told.has(annotation)) return;
    told.add(annotation);
    output.diagnostic(annotation);
  };
  return [{ add }];
}

/** If the file is malformed, where and why. */
async function openGolden({ invocation, protocols }: Staging) {
  const { goldenPath, isSim } = invocation;
  if (goldenPath === undefined) return undefined;
  const { GoldenCheck, readGolden } = await import('./golden.ts');
  const golden = await readGolden(goldenPath);
  if (typeof golden === 'string') return golden;
  const options = describeRunOptions(invocation, protocols);
  return new GoldenCheck(goldenPath, golden, { isSim, options });
}

async function withFiles(
  { take }: Staging,
  stage: Stage,
  perform: (stage: Stage) => Promise<number>,
): Promise<number> {
  const { invocation, output, interruption } = stage;
  const files: JsonLinesFile[] = [];
  const open = (path: string | undefined): JsonLinesFile | undefined => {
    if (path === undefined) return undefined;
    const file = openJsonLines(path, output, interruption);
    files.push(file);
    return file;
  };
  const [trace, history] = [open(invocation.tracePath), open(invocation.historyPath)];
  const report = await openReport(invocation);
  const junit = await openJunit(invocation);
  const takers = [report?.take, take].filter((one) => one !== undefined);
  const tellAll: TakePart = (part) => {
    for (const taker of takers) taker(part);
  };
  const teller = takers.length === 0 ? undefined : await createTeller(tellAll, stage);
  const claims = [...(stage.claims ?? []), ...(junit === undefined ? [] : [junit])];
  const status = await perform({ ...stage, trace, history, teller, claims });
  await keepCode();
  for (const file of files) file.close();
  report?.close();
  junit?.close();
  return status;
}

/** Reports and live pages are loaded when they are asked for. */
async function createTeller(take: TakePart, { world, invocation }: Stage) {
  const { RunTeller } = await import('./runTeller.ts');
  return new RunTeller(take, world, invocation.checkLevels);
}

async function openJunit({ junitPath }: Invocation): Promise<JunitReport | undefined> {
  if (junitPath === undefined) return undefined;
  const { JunitReport } = await import('./junitReport.ts');
  return new JunitReport(junitPath);
}

async function openReport(invocation: Invocation): Promise<ReportFile | undefined> {
  const { reportPath, scripts } = invocation;
  if (reportPath === undefined) return undefined;
  const { ReportFile } = await import('./reportFile.ts');
  return new ReportFile(reportPath, {
    name: scripts[0] ?? 'run',
    first: toFirstView(invocation),
    isRepeatable: isRepeatable(invocation),
  });
}

/** A page repeats a script with the protocol's usual options, in memory. */
function isRepeatable({ isSim, isLogged, protocol, options }: Invocation): boolean {
  return isSim && !isLogged && _.isEqual(options, completeOptions(protocol, {}));
}

/** The view of a run that is about to begin. */
export function toFirstView({ isSim, protocol, options, seed, faults }: Invocation): FirstView {
  return {
    source: {
      script: '',
      protocol: protocol.name,
      seed,
      faults: faults ? formatFaults(faults) : '',
    },
    world: isSim ? 'simulation' : 'processes',
    options,
  };
}

function whyNoScripts({ scripts }: Invocation, fd: number | undefined): string[] {
  const whys =
    scripts.length > 0 ? scripts.map((path) => whyUnreadable(path, 'script')) : [whyNoScript(fd)];
  return whys.filter((why) => why !== undefined);
}

/** Node reads a folder on stdin as an empty file. */
function whyNoScript(fd: number | undefined): string | undefined {
  const isFolder = fd !== undefined && fstatSync(fd).isDirectory();
  return isFolder ? 'stdin is a folder, not a script' : undefined;
}
