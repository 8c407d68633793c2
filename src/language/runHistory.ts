// What a run remembers of its clients' operations and of its servers' stores, so that it can be
// judged at any time, and what the checks so far have found: the exit status depends on it.
import type { ServerDeath } from '../checkers/afterStabilize.ts';
import {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from '../checkers/convergence.ts';
import { withInitial } from '../checkers/initial.ts';
import { InitialWrites } from '../checkers/initialWrites.ts';
import type { InitialWrite, Operation, RecoveredWrite } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Checked } from './checked.ts';
import type { LiveNode } from './topology.ts';
import type { Finding } from './verdictText.ts';

export interface ChronicleListeners {
  /** Told about every write of an earlier run that a server has brought, once. */
  readonly onInitialWrite?: (write: InitialWrite) => void;
  /** Told about every operation of a client when it has ended. */
  readonly onOperation?: (operation: Operation) => void;
}

export class Chronicle {
  readonly #listeners: ChronicleListeners;
  readonly #initial = new InitialWrites();
  /** The servers that have said what they had from earlier runs. */
  readonly #met = new Set<NodeId>();
  readonly #operations: Operation[] = [];
  readonly #findings: StabilizationFinding[] = [];
  readonly #deaths: ServerDeath[] = [];
  #unseenDeath: ServerDeath | undefined;
  /** What the operations leave out, in plain words: then nothing can be decided from them. */
  #gap: string | undefined;
  #hasViolation = false;
  #hasDoubt = false;

  constructor(listeners: ChronicleListeners) {
    this.#listeners = listeners;
  }

  hasMet(server: NodeId): boolean {
    return this.#met.has(server);
  }

  /**
   * A node has joined. Whatever a server has recovered when it joins for the first time is an
   * earlier run's.
   */
  meet({ id: server, role }: LiveNode, recovered: readonly RecoveredWrite[]): void {
    if (role === 'server') this.#met.add(server);
    for (const write of recovered) {
      const initial = { ...write, server };
      if (this.#initial.add(initial)) this.#listeners.onInitialWrite?.(initial);
    }
  }

  add(operation: Operation): void {
    this.#operations.push(operation);
    this.#listeners.onOperation?.(operation);
  }

  /** A life is over; `line` is null where no line ordered that. */
  end({ id, incarnation, role }: LiveNode, line: number | null): void {
    if (role !== 'server') return;
    const death = { server: { id, incarnation }, line };
    this.#deaths.push(death);
    this.#unseenDeath ??= death;
  }

  /** To be called when a stabilize has returned. Judges it at once: stores are not kept. */
  observe(stabilization: Stabilization): void {
    const history = withInitial(this.#initial.list(), this.#operations);
    this.#findings.push(judgeStabilization(history, stabilization));
    if (stabilization.gap === null) this.#unseenDeath = undefined;
  }

  /** A client was asked for something that no history has a word for. */
  omit(command: string, line: number): void {
    this.#gap ??= `the checkers do not know what ${command} does (line ${line})`;
  }

  /**
   * A check that named a level and was broken, or could not be decided, as nothing can where there
   * is nothing to judge; `holds` without any.
   */
  get outcome(): 'holds' | 'broken' | 'undecided' {
    if (this.#hasViolation) return 'broken';
    return this.#hasDoubt ? 'undecided' : 'holds';
  }

  /**
   * Judges the run so far: for each of the levels or, where none is named, for the strongest that
   * held, the first that broke and, if there was a stabilize, what it left. Only a named level can
   * fail, and a check of nothing.
   */
  async judge(levels: readonly Checked[]): Promise<Finding> {
    // The judges are as much code as all that a run needs.
    const { judgeRecord } = await import('./judgeRecord.ts');
    const { finding, outcomes } = judgeRecord(
      {
        initial: this.#initial,
        operations: this.#operations,
        gap: this.#gap,
        findings: this.#findings,
        deaths: this.#deaths,
        unseenDeath: this.#unseenDeath,
      },
      levels,
    );
    this.#hasViolation ||= outcomes.includes('broken');
    this.#hasDoubt ||= outcomes.includes('undecided');
    return finding;
  }
}
