// One judged run of a test case, in two phases: the script's own lines, with faults; then the
// ending, on a healthy network. After the ending all servers must hold the same state, and nothing
// that was guaranteed to persist may be missing.
import { InitialWrites, judgeStabilization, withInitial } from '../checkers/index.ts';
import type { Guarantee } from '../kernel/guarantee.ts';
import type { Recorded } from '../kernel/history.ts';
import { claimsOf, type Options, type Protocol } from '../kernel/protocol.ts';
import { createRandomStream } from '../kernel/random.ts';
import { hasLog } from '../kernel/storageOption.ts';
import type { TraceSink } from '../kernel/trace.ts';
import type { Said } from '../language/transcript.ts';
import { NO_FAULTS } from '../sim/faultPlan.ts';
import type { SimData } from '../sim/simData.ts';
import { createSimCluster } from '../sim/world.ts';
import { AnswerJudge, commandOf } from './answers.ts';
import { Breach, describeBreach, judgeReads, lossOf } from './breach.ts';
import { ALONE, type Coverage, coverFaults, coverSessions, EMPTY, ONE_WAY } from './coverage.ts';
import * as ending from './ending.ts';
import { findBrokenGuarantee } from './guarantees.ts';
import type { ScriptLanguage, ScriptSession } from './session.ts';
import type { Failure, TestCase } from './testCase.ts';
import { TraceWatch } from './traceWatch.ts';
import { WatchedCluster, type WatchedStabilization } from './watch.ts';

export interface TrialSetup {
  readonly language: ScriptLanguage;
  readonly testCase: TestCase;
  /** Whether the result has a digest, by which two runs can be compared. */
  readonly isHashed?: boolean;
  readonly trace?: TraceSink;
}

/**
 * A run that takes longer makes no progress: the largest generated scripts need a tenth of this.
 */
export const EVENT_CAP = 1_000_000;
/** Longer than the deadlines of an operation, of `settle` and of five servers' rounds together. */
const COMMAND_DEADLINE_MS = 25_000;

/** How often the ending leaves stores to converge without `stabilize`, where they do. */
const ALONE_SHARE = 0.5;

/** The line after which stores are to be the same. */
type Convergence = WatchedStabilization & { readonly line: number; readonly command?: 'sleep' };

/** Call `run` or `leave`, once per object. */
export class TrialRun {
  readonly coverage: Coverage;
  readonly said: Said[] = [];
  hasLogs = false;
  isCutShort = false;
  readonly #setup: TrialSetup;
  readonly #former: SimData | undefined;
  readonly #session: ScriptSession;
  readonly #initial = new InitialWrites();
  readonly #history: Recorded[] = [];
  #latest: Convergence | undefined;
  readonly #lines: string[];
  readonly #answers: AnswerJudge;
  readonly #traces: TraceWatch[] = [];
  #cluster: WatchedCluster | undefined;
  #protocol: Protocol;
  #options: Options = {};
  #line = 0;
  #breach: Breach | undefined;
  #hasGap = false;
  /** How many lines wait for the `end` of their block. */
  #held = 0;

  /** `former` is the data left by an earlier run. */
  constructor(setup: TrialSetup, coverage: Coverage, former?: SimData) {
    this.#setup = setup;
    this.coverage = coverage;
    this.#former = former;
    const { testCase, language } = setup;
    const { protocol, seed } = testCase;
    this.#protocol = protocol;
    this.#lines = [...testCase.lines];
    const { lineErrors } = language;
    const common = { coverage, lines: this.#lines };
    this.#answers = new AnswerJudge({ protocol, lineErrors, ...common });
    this.#session = language.open({
      protocol,
      seed,
      createCluster: (chosen, options) => this.#createCluster(chosen, options),
      onInitialWrite: (write) => this.#initial.add(write),
      onOperation: (operation) => this.#record(operation),
      onAnswer: (text, line) => this.#hear({ text, line }, this.#answers.judgeAnswer(text)),
      onDiagnostic: (text, line) => this.#hear({ text, line }, this.#answers.judgeDiagnostic(text)),
    });
  }

  get events(): number {
    return this.#cluster?.inner.events ?? 0;
  }

  get digest(): string {
    if (this.#setup.isHashed !== true) return '';
    const said = this.said.map(({ text }) => text).join('');
    return [...this.#traces.map((trace) => trace.digest()), said].join('\n');
  }

  /** Executes the script's own lines, which must cause no failure. Returns the remaining data. */
  async leave(): Promise<SimData | undefined> {
    for (const text of this.#setup.testCase.lines) await this.#session.do(text);
    await this.#session.quiesce();
    await this.#session.stop();
    return this.#cluster?.inner.copyData();
  }

  async run(): Promise<Failure | undefined> {
    const own = this.#lines.length;
    try {
      for (let line = 1; line <= own && !this.#session.isOver; line += 1) await this.#do(line);
      this.isCutShort = this.#session.isOver || this.#session.isInBlock;
      if (this.isCutShort) return undefined;
      await this.#session.quiesce();
      this.#judgeHistory();
      coverSessions(this.#history, this.coverage);
      await this.#end();
      return undefined;
    } catch (error) {
      const { kind, sentence } = describeBreach(error);
      return { kind, sentence, line: this.#line, ending: this.#lines.slice(own) };
    } finally {
      if (this.#cluster !== undefined) coverFaults(this.#cluster, this.hasLogs, this.coverage);
      await this.#session.stop();
    }
  }

  #createCluster(protocol: Protocol, options: Options): WatchedCluster {
    const { seed, faults } = this.#setup.testCase;
    const { isHashed = false, trace: also, language } = this.#setup;
    const { nextTurn } = language;
    for (const [name, text] of Object.entries(options)) {
      this.coverage.mark(`option ${name}=${text}`);
    }
    this.#protocol = protocol;
    this.#options = options;
    this.hasLogs = hasLog(options);
    const { coverage } = this;
    const trace = new TraceWatch({ protocol, coverage, isHashed, ...(also && { also }) });
    this.#traces.push(trace);
    const data = this.hasLogs && this.#former ? { data: this.#former } : {};
    const chance = { seed, faults, eventCap: EVENT_CAP, ...(nextTurn && { nextTurn }) };
    const world = { protocol, options, ...chance, ...data, trace: trace.sink };
    this.#cluster = new WatchedCluster(createSimCluster(world), trace, this.coverage, this.#former);
    return this.#cluster;
  }

  get #claims(): readonly Guarantee[] {
    const modifiers = this.#history.flatMap((operation) => operation.modifiers ?? []);
    return claimsOf(this.#protocol, this.#options, modifiers);
  }

  /** The time of the world, without the sleeps of the script. */
  get #busyMs(): number {
    return this.#cluster === undefined ? 0 : this.#cluster.now() - this.#cluster.sleptMs;
  }

  /** Executes a line, and throws the violation if there is one. */
  async #do(line: number): Promise<void> {
    this.#line = line;
    const text = this.#lines[line - 1] ?? '';
    const command = commandOf(text) ?? '';
    this.coverage.mark(`command ${command}`);
    if (command === 'partition' && text.endsWith(' oneway')) this.coverage.mark(ONE_WAY);
    const own = this.#protocol.commands.find(({ name }) => name === command);
    this.#hasGap ||= own?.on === 'client' && own.meaning === undefined;
    const isInBlock = this.#session.isInBlock;
    const operations = this.#history.length;
    const begun = this.#busyMs;
    await this.#session.do(text);
    if (this.#breach !== undefined) throw this.#breach;
    // Operations of one client run one after the other: in a workload, and in a block.
    const most = Math.max(1, this.#held, this.#history.length - operations);
    const deadlineMs = most * COMMAND_DEADLINE_MS;
    const tookMs = this.#busyMs - begun;
    this.#held = this.#session.isInBlock ? this.#held + 1 : 0;
    if (tookMs > deadlineMs) throw new Breach('G4', `'${text}' took ${Math.round(tookMs)} ms`);
    const stabilization = this.#cluster?.takeStabilization();
    // In a block, concurrent writes may reach some servers without the stabilize.
    if (stabilization === undefined || isInBlock) return;
    this.#latest = { ...stabilization, line };
    if (stabilization.isWhole) this.#judgeStores(false);
  }

  /**
   * Turns the faults off and restores all servers and links. Then nothing may be missing, and every
   * read must be answered.
   */
  async #end(): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === undefined) return;
    const { faults } = this.#setup.testCase;
    cluster.inner.setFaults({ ...NO_FAULTS, newRun: faults.newRun });
    await this.#doAll(ending.listHealing(cluster));
    if (this.hasLogs) await this.#doAll(ending.listReturns(cluster, faults.disks.full > 0));
    await ending.awaitNewcomers(cluster, (line) => this.#doAll([line]));
    if (cluster.servers.length === 0) return;
    await this.#converge(cluster);
    await this.#session.quiesce();
    const isServing = this.#judgeLastRound(cluster);
    this.#judgeStores(true);
    const operations = this.#history.length;
    await this.#doAll(ending.listReads(cluster, this.#history));
    const reads = this.#history.slice(operations);
    const least = this.#protocol.leastReplicas?.(this.#options, cluster.servers) ?? 1;
    if (isServing && ending.haveReplicas(cluster.snapshots(), least)) judgeReads(reads);
    if (reads.length > 0) this.#judgeHistory();
  }

  /** Where stores become the same without stabilize, every other script leaves them to that. */
  async #converge(cluster: WatchedCluster): Promise<void> {
    const withinMs = this.#protocol.convergesWithinMs?.(this.#options);
    const isAlone = createRandomStream(this.#setup.testCase.seed, 'ending')() < ALONE_SHARE;
    if (withinMs === undefined || !isAlone)
      return this.#doAll(ending.listLooks(cluster, 'stabilize'));
    const before = cluster.snapshots();
    const line = this.#lines.length + 1;
    await this.#doAll(ending.listLooks(cluster, `sleep ${withinMs}ms`));
    const stores = { before, after: cluster.snapshots(), components: [cluster.servers] };
    this.#latest = { ...stores, isWhole: true, line, command: 'sleep' };
    this.coverage.mark(ALONE);
  }

  async #doAll(lines: readonly string[]): Promise<void> {
    for (const text of lines) {
      this.#lines.push(text);
      await this.#do(this.#lines.length);
    }
  }

  /**
   * Returns whether all reads must be answered, and checks that the last round reached all servers.
   * Both are required if all servers have restarted with their logs, or if none died. Despite
   * deaths a protocol that guarantees convergence must reach all, and must answer if every server
   * has every key: with other placements the replicas of a key may be gone.
   */
  #judgeLastRound(cluster: WatchedCluster): boolean {
    const { servers, gone, hasDeaths } = cluster;
    const { components = [], isWhole = false } = this.#latest ?? {};
    const reached = new Set(components.flat()).size;
    const isAll = isWhole && components.length === 1 && reached === servers.length;
    const isAllThere = this.hasLogs ? gone.length === 0 : !hasDeaths;
    const mustReach = isAllThere || this.#claims.includes('convergence');
    const isPartial = cluster.snapshots().some(({ replicas }) => replicas !== undefined);
    const mustServe = isAllThere || (mustReach && !isPartial);
    this.coverage.mark(mustServe ? 'ending that must serve' : 'ending with data gone for good');
    if (!mustReach || isAll) return mustServe;
    const sentence = `the last round reached ${reached} of ${servers.length} servers`;
    throw new Breach('stabilize', sentence);
  }

  #record(operation: Recorded): void {
    this.#history.push(operation);
    const { kind, value, outcome } = operation;
    this.coverage.mark(`outcome ${kind} ${outcome}`);
    for (const word of operation.modifiers ?? []) this.coverage.mark(`modifier ${word}`);
    if (value === '' && (kind === 'put' || kind === 'get')) this.coverage.mark(EMPTY[kind]);
  }

  #hear(said: Said, problem: string | undefined): void {
    this.said.push(said);
    if (problem !== undefined) this.#breach ??= new Breach('G3', problem);
  }

  #judgeHistory(): void {
    if (this.#hasGap) return;
    const words = this.#cluster?.guaranteesByLife;
    const wordsOf = ({ session, incarnation }: Recorded): readonly string[] =>
      words?.get(`${session}.${incarnation}`) ?? [];
    const history = withInitial(this.#initial.list(), this.#history);
    const promising = { protocol: this.#protocol, options: this.#options };
    const broken = findBrokenGuarantee(promising, history, wordsOf, this.coverage);
    if (broken !== undefined) throw new Breach(broken.kind, broken.sentence);
  }

  /**
   * Judges the latest round. While the script runs, a delayed message may bring one server a write
   * that the round could not find, so stores must be equal only at the end.
   */
  #judgeStores(isEnd: boolean): void {
    const latest = this.#latest;
    if (latest === undefined || !this.#claims.includes('convergence')) return;
    const history = withInitial(this.#initial.list(), this.#history);
    const { problems, lost, awaited } = judgeStabilization(history, {
      ...latest,
      ...{ haveLogs: this.hasLogs, gap: null, gone: this.#cluster?.gone ?? [] },
    });
    const problem = problems.find(({ pattern }) => isEnd || pattern !== 'DifferentStores');
    if (problem !== undefined) throw new Breach(problem.pattern, problem.sentence);
    if (!isEnd) return;
    this.coverage.mark('write lost with its server', lost.length + awaited.length);
    const [first] = this.hasLogs ? lost : [];
    if (first === undefined) return;
    throw lossOf(first);
  }
}
