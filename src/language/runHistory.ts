// The record of a run: its clients' operations and its servers' stores, so that it can be judged at
// any time, and the outcomes of its checks so far, which decide the exit status.
import type { ServerDeath } from '../checkers/afterStabilize.ts';
import {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from '../checkers/convergence.ts';
import { withInitial } from '../checkers/initial.ts';
import { InitialWrites } from '../checkers/initialWrites.ts';
import type { InitialWrite, Recorded, RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Checked } from './checked.ts';
import type { RunRecord } from './judgeRecord.ts';
import { OperationLog } from './operationLog.ts';
import type { LiveNode } from './topology.ts';
import type { VerdictText } from './verdictText.ts';

export interface RunHistoryListeners {
  /** Called once for every write of an earlier run that a server has brought. */
  readonly onInitialWrite?: (write: InitialWrite) => void;
  /** Called for every operation of a client when it has ended. */
  readonly onOperation?: (operation: Recorded) => void;
  /** Does the judging, which may take long and lets no event happen meanwhile. */
  readonly judging?: <T>(judge: () => T) => T;
}

export class RunHistory {
  readonly #listeners: RunHistoryListeners;
  readonly #initial = new InitialWrites();
  /** The servers that have reported their writes of earlier runs. */
  readonly #met = new Set<NodeId>();
  readonly #operations = new OperationLog();
  /** By session: how many operations it has begun. */
  readonly #begunByLife = new Map<string, number>();
  readonly #findings: StabilizationFinding[] = [];
  readonly #deaths: ServerDeath[] = [];
  #unseenDeath: ServerDeath | undefined;
  /** Why the operations are incomplete, in plain words: they then decide nothing. */
  #gap: string | undefined;
  #hasViolation = false;
  #hasDoubt = false;

  constructor(listeners: RunHistoryListeners) {
    this.#listeners = listeners;
  }

  hasMet(server: NodeId): boolean {
    return this.#met.has(server);
  }

  /**
   * A node has joined. The writes that a server has recovered when it joins for the first time are
   * those of earlier runs.
   */
  meet({ id: server, role }: LiveNode, recovered: readonly RecoveredWrite[]): void {
    if (role === 'server') this.#met.add(server);
    for (const write of recovered) {
      const initial = { ...write, server };
      if (this.#initial.add(initial)) this.#listeners.onInitialWrite?.(initial);
    }
  }

  /** Whether a stabilize has been judged. */
  get hasStabilized(): boolean {
    return this.#findings.length > 0;
  }

  /** The modifiers of all operations so far, each once. */
  get modifiers(): string[] {
    const operations = this.#operations.list();
    return [...new Set(operations.flatMap((operation) => operation.modifiers ?? []))];
  }

  /** The number of a session's next operation, from 0. */
  nextNumber({ id, incarnation }: LiveNode): number {
    const life = `${id}.${incarnation}`;
    const count = this.#begunByLife.get(life) ?? 0;
    this.#begunByLife.set(life, count + 1);
    return count;
  }

  add(operation: Recorded): void {
    this.#operations.add(operation);
    this.#listeners.onOperation?.(operation);
  }

  /** A life has ended; `line` is null if no line ordered that. */
  end({ id, incarnation, role }: LiveNode, line: number | null): void {
    if (role !== 'server') return;
    const death = { server: { id, incarnation }, line };
    this.#deaths.push(death);
    this.#unseenDeath ??= death;
  }

  /** To be called when a stabilize has returned. Judges it at once, because stores are not kept. */
  observe(stabilization: Stabilization): void {
    const history = withInitial(this.#initial.list(), this.#operations.list());
    this.#findings.push(judgeStabilization(history, stabilization));
    if (stabilization.gap === null) this.#unseenDeath = undefined;
  }

  /** A client ran a command that histories cannot represent. */
  omit(command: string, line: number): void {
    this.#gap ??= `the checkers do not know what ${command} does (line ${line})`;
  }

  /** An answer was not as the script expects. */
  disappoint(): void {
    this.#hasViolation = true;
  }

  /**
   * The worst outcome of all checks and expectations so far; `holds` without any. A check without
   * levels counts only if there was nothing to judge, which is `undecided`.
   */
  get outcome(): 'holds' | 'broken' | 'undecided' {
    if (this.#hasViolation) return 'broken';
    return this.#hasDoubt ? 'undecided' : 'holds';
  }

  /**
   * Judges the run so far for each of the levels. Without levels: the strongest that held, the
   * first that is broken and, if there was a stabilize, the state that it left. Only a check with
   * levels can fail, or one with nothing to judge.
   */
  async judge(levels: readonly Checked[]): Promise<VerdictText> {
    const { text, outcomes } = await this.#judge(levels);
    this.#hasViolation ||= outcomes.includes('broken');
    this.#hasDoubt ||= outcomes.includes('undecided');
    return text;
  }

  /**
   * As `judge` without levels, but for show: it is no check, so the exit status stays. Those of the
   * levels `asked` that are broken come first among what is broken.
   */
  async summarize(asked: readonly Checked[] = []): Promise<VerdictText> {
    return (await this.#judge([], asked)).text;
  }

  async #judge(levels: readonly Checked[], asked: readonly Checked[] = []) {
    // Loaded on demand: the checkers are as much code as everything else that a run needs.
    const { judgeRecord } = await import('./judgeRecord.ts');
    const { judging = (judge) => judge() } = this.#listeners;
    return judging(() => judgeRecord(this.record, levels, asked));
  }

  /** All data that verdicts depend on. */
  get record(): RunRecord {
    return {
      initial: this.#initial,
      operations: this.#operations.list(),
      gap: this.#gap,
      findings: this.#findings,
      deaths: this.#deaths,
      unseenDeath: this.#unseenDeath,
    };
  }
}
