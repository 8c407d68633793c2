// Runs one draft and judges it. Two phases, of one script: its own lines, with the faults on; then
// the ending, on a healthy network, after which every server must hold the same and lack nothing
// that was promised to stay.
import { judgeStabilization } from '../checkers/index.ts';
import { Bug } from '../kernel/errors.ts';
import { type Operation, showValue } from '../kernel/history.ts';
import type { Options, Protocol } from '../kernel/protocol.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { TraceSink } from '../kernel/trace.ts';
import { NO_FAULTS } from '../sim/faultPlan.ts';
import { createSimCluster } from '../sim/world.ts';
import { AnswerJudge, commandOf } from './answers.ts';
import type { Draft, Failure } from './draft.ts';
import { listHealing, listLooks, listReads, listReturns } from './ending.ts';
import { findBrokenPromise } from './promises.ts';
import type { ScriptLanguage, ScriptSession } from './session.ts';
import { EMPTY, LOG_EVENTS, Tally, tallyDisk, tallySessions } from './tally.ts';
import { TraceWatch } from './traceWatch.ts';
import { WatchedCluster, type WatchedStabilization } from './watch.ts';

export interface TrialSetup {
  readonly language: ScriptLanguage;
  readonly draft: Draft;
  /** Whether the result has a digest, by which two runs can be compared. */
  readonly isHashed?: boolean;
  readonly trace?: TraceSink;
}

export interface TrialResult {
  readonly failure: Failure | undefined;
  readonly tally: Tally;
  /** Events of the simulation. */
  readonly events: number;
  /** Of the trace and of all that was said; empty unless asked for. */
  readonly digest: string;
  /** What the run said, answers as JSON lines. */
  readonly said: string;
}

/** A run that has not ended by then gets nowhere: the largest that are drawn have a tenth of it. */
const EVENT_CAP = 1_000_000;
/** Longer than the deadlines of an operation, of settling and of five servers' rounds together. */
const COMMAND_DEADLINE_MS = 25_000;
export async function runTrial(setup: TrialSetup): Promise<TrialResult> {
  const trial = new Trial(setup);
  const failure = await trial.run();
  const { tally, events, digest, said } = trial;
  return { failure, tally, events, digest, said };
}

/** What broke, before it has a place. */
class Breach extends Error {
  readonly kind: string;

  constructor(kind: string, sentence: string) {
    super(sentence);
    this.kind = kind;
  }
}

class Trial {
  readonly tally = new Tally();
  said = '';
  readonly #setup: TrialSetup;
  readonly #session: ScriptSession;
  readonly #history: Operation[] = [];
  #latest: (WatchedStabilization & { readonly line: number }) | undefined;
  readonly #lines: string[];
  readonly #answers: AnswerJudge;
  readonly #traces: TraceWatch[] = [];
  #cluster: WatchedCluster | undefined;
  #protocol: Protocol;
  #hasLogs = false;
  #line = 0;
  #breach: Breach | undefined;
  #hasGap = false;
  /** How many lines wait for the `end` of their block. */
  #held = 0;

  constructor(setup: TrialSetup) {
    this.#setup = setup;
    const { draft, language } = setup;
    const { protocol, seed } = draft;
    this.#protocol = protocol;
    this.#lines = [...draft.lines];
    const { lineErrors } = language;
    const common = { tally: this.tally, lines: this.#lines };
    this.#answers = new AnswerJudge({ protocol, lineErrors, ...common });
    this.#session = language.open({
      protocol,
      seed,
      createCluster: (chosen, options) => this.#createCluster(chosen, options),
      onOperation: (operation) => this.#record(operation),
      onAnswer: (text) => this.#hear(text, this.#answers.judgeAnswer(text)),
      onDiagnostic: (text) => this.#hear(text, this.#answers.judgeDiagnostic(text)),
    });
  }

  get events(): number {
    return this.#cluster?.inner.events ?? 0;
  }

  get digest(): string {
    if (this.#setup.isHashed !== true) return '';
    return [...this.#traces.map((trace) => trace.digest()), this.said].join('\n');
  }

  async run(): Promise<Failure | undefined> {
    const own = this.#lines.length;
    try {
      for (let line = 1; line <= own; line += 1) await this.#do(line);
      if (this.#session.isInBlock) return undefined;
      await this.#session.quiesce();
      this.#judgeHistory();
      tallySessions(this.#history, this.tally);
      await this.#end();
      return undefined;
    } catch (error) {
      const { kind, sentence } = describe(error);
      return { kind, sentence, line: this.#line, ending: this.#lines.slice(own) };
    } finally {
      this.#tallyDisks();
      await this.#session.stop();
    }
  }

  #tallyDisks(): void {
    const cluster = this.#cluster;
    if (cluster === undefined || !this.#hasLogs) return;
    this.tally.mark(LOG_EVENTS.newRun, cluster.inner.newRuns);
    this.tally.mark(LOG_EVENTS.compacted, cluster.inner.compactions);
    for (const id of [...cluster.servers, ...cluster.dead]) {
      tallyDisk(cluster.inner.disk(id).troubles, this.tally);
    }
  }

  #createCluster(protocol: Protocol, options: Options): WatchedCluster {
    const { seed, faults } = this.#setup.draft;
    const { isHashed = false, trace: also } = this.#setup;
    for (const [name, text] of Object.entries(options)) this.tally.mark(`option ${name}=${text}`);
    this.#protocol = protocol;
    this.#hasLogs = hasLog(options);
    const trace = new TraceWatch({ protocol, tally: this.tally, isHashed, ...(also && { also }) });
    this.#traces.push(trace);
    const world = { protocol, options, seed, faults, trace: trace.sink, eventCap: EVENT_CAP };
    this.#cluster = new WatchedCluster(createSimCluster(world), trace, this.tally);
    return this.#cluster;
  }

  /** The world's time, without what the script slept. */
  get #busyMs(): number {
    return this.#cluster === undefined ? 0 : this.#cluster.now() - this.#cluster.sleptMs;
  }

  /** Does a line, and throws what it broke. */
  async #do(line: number): Promise<void> {
    this.#line = line;
    const text = this.#lines[line - 1] ?? '';
    const command = commandOf(text) ?? '';
    this.tally.mark(`command ${command}`);
    const own = this.#protocol.commands.find(({ name }) => name === command);
    this.#hasGap ||= own?.on === 'client';
    const isInBlock = this.#session.isInBlock;
    const operations = this.#history.length;
    const begun = this.#busyMs;
    await this.#session.do(text);
    if (this.#breach !== undefined) throw this.#breach;
    // The operations of one client follow each other: in a workload, and in a block.
    const most = Math.max(1, this.#held, this.#history.length - operations);
    const deadlineMs = most * COMMAND_DEADLINE_MS;
    const tookMs = this.#busyMs - begun;
    this.#held = this.#session.isInBlock ? this.#held + 1 : 0;
    if (tookMs > deadlineMs) throw new Breach('G4', `'${text}' took ${Math.round(tookMs)} ms`);
    const stabilization = this.#cluster?.takeStabilization();
    // Writes beside it may reach some servers behind its back.
    if (stabilization === undefined || isInBlock) return;
    this.#latest = { ...stabilization, line };
    if (stabilization.isWhole) this.#judgeStores(false);
  }

  /** Faults off, everybody well and back: then nothing may be missing, and everybody is served. */
  async #end(): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === undefined) return;
    const { faults } = this.#setup.draft;
    cluster.inner.setFaults({ ...NO_FAULTS, newRun: faults.newRun });
    await this.#doAll(listHealing(cluster));
    const wereFull = faults.disks.full > 0;
    if (this.#hasLogs) await this.#doAll(listReturns(cluster, wereFull));
    if (cluster.servers.length === 0) return;
    await this.#doAll(listLooks(cluster));
    await this.#session.quiesce();
    const isServing = this.#judgeLastRound(cluster);
    this.#judgeStores(true);
    const operations = this.#history.length;
    await this.#doAll(listReads(cluster, this.#history));
    const reads = this.#history.slice(operations);
    if (isServing) judgeReads(reads);
    if (reads.length > 0) this.#judgeHistory();
  }

  async #doAll(lines: readonly string[]): Promise<void> {
    for (const text of lines) {
      this.#lines.push(text);
      await this.#do(this.#lines.length);
    }
  }

  /**
   * Whether everybody must be served, and the round at the end have reached everybody: where stores
   * converge whoever died, where all have come back with their logs, where nobody died.
   */
  #judgeLastRound({ servers, areAllBack, hasDeaths }: WatchedCluster): boolean {
    const { components = [], isWhole = false } = this.#latest ?? {};
    const reached = components.flat().length;
    const isEverybody = isWhole && components.length === 1 && reached === servers.length;
    const isAllThere = this.#hasLogs ? areAllBack : !hasDeaths;
    const mustConverge = this.#protocol.claims.includes('convergence');
    const mustServe = mustConverge || isAllThere;
    this.tally.mark(mustServe ? 'ending that must serve' : 'ending with data gone for good');
    if (!mustServe || isEverybody) return mustServe;
    const sentence = `the last round reached ${reached} of ${servers.length} servers`;
    throw new Breach('stabilize', sentence);
  }

  #record(operation: Operation): void {
    this.#history.push(operation);
    const { kind, value, outcome } = operation;
    this.tally.mark(`outcome ${kind} ${outcome}`);
    if (value === '' && kind !== 'delete') this.tally.mark(EMPTY[kind]);
  }

  #hear(text: string, problem: string | undefined): void {
    this.said += text;
    if (problem !== undefined) this.#breach ??= new Breach('G3', problem);
  }

  #judgeHistory(): void {
    if (this.#hasGap) return;
    const words = this.#cluster?.guaranteesByLife;
    const wordsOf = ({ session, incarnation }: Operation): readonly string[] =>
      words?.get(`${session}.${incarnation}`) ?? [];
    const broken = findBrokenPromise(this.#protocol, this.#history, wordsOf, this.tally);
    if (broken !== undefined) throw new Breach(broken.kind, broken.sentence);
  }

  /**
   * Judges the latest round. While the script runs, a message that was held up may bring one server
   * what the round could not find: only at the end must all stores be equal.
   */
  #judgeStores(isEnd: boolean): void {
    const latest = this.#latest;
    if (latest === undefined || !this.#protocol.claims.includes('convergence')) return;
    const { problems, lost, awaited } = judgeStabilization(this.#history, {
      ...latest,
      haveLogs: this.#hasLogs,
      holdAlike: true,
      gap: null,
    });
    const problem = problems.find(({ pattern }) => isEnd || pattern !== 'DifferentStores');
    if (problem !== undefined) throw new Breach(problem.pattern, problem.sentence);
    if (!isEnd) return;
    this.tally.mark('write lost with its server', lost.length + awaited.length);
    const [first] = this.#hasLogs ? lost : [];
    if (first === undefined) return;
    const put = `${first.key}=${showValue(first.value)}`;
    const sentence = `client ${first.session} was told that ${put} is done`;
    throw new Breach('LostWrite', `${sentence}, its server has its log, and nobody has it`);
  }
}

function judgeReads(reads: readonly Operation[]): void {
  const refused = reads.find(({ outcome }) => outcome !== 'ok' && outcome !== 'absent');
  if (refused === undefined) return;
  throw new Breach('G4', `a get of ${refused.key} is ${refused.outcome} when all is well`);
}

/** The number of the promise that a bug names, or its text without what differs from run to run. */
function describe(error: unknown): { kind: string; sentence: string } {
  if (error instanceof Breach) return { kind: error.kind, sentence: error.message };
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const [, number] = /^([A-Z][0-9]+|cut): /.exec(message) ?? [];
  const isStuck = error instanceof Bug && /gets nowhere|never comes/.test(message);
  const plain = `${name}: ${message.replace(/[0-9]+/g, 'n')}`;
  return { kind: number ?? (isStuck ? 'G4' : plain), sentence: message };
}
