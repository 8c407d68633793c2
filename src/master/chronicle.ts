// What a run remembers of its clients' operations and of its servers' stores, so that it can be
// judged at any time, and what the checks so far have found: the exit status depends on it.
import { checkStores, type ServerDeath, STORE_LEVELS } from '../checkers/afterStabilize.ts';
import { check, LEVELS, strongest } from '../checkers/check.ts';
import {
  judgeStabilization,
  type Stabilization,
  type StabilizationFinding,
} from '../checkers/convergence.ts';
import type { Level, StoreLevel, Verdict } from '../checkers/verdict.ts';
import type { Operation } from '../kernel/history.ts';
import { type Finding, tellGap, tellSummary, tellVerdicts } from './finding.ts';
import type { LiveNode } from './topology.ts';

/** Whatever a run can be judged for. */
export type Checked = Level | StoreLevel;

/** Strongest first, then what is seen at the servers. */
export const CHECKED: readonly Checked[] = [...LEVELS, ...STORE_LEVELS];

export class Chronicle {
  readonly #operations: Operation[] = [];
  readonly #findings: StabilizationFinding[] = [];
  readonly #deaths: ServerDeath[] = [];
  #unseenDeath: ServerDeath | undefined;
  /** What the operations leave out, in plain words: then nothing can be decided from them. */
  #gap: string | undefined;
  #hasViolation = false;
  #hasDoubt = false;

  add(operation: Operation): void {
    this.#operations.push(operation);
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
    this.#findings.push(judgeStabilization(this.#operations, stabilization));
    if (stabilization.gap === null) this.#unseenDeath = undefined;
  }

  /** A client was asked for something that no history has a word for. */
  omit(command: string, line: number): void {
    this.#gap ??= `the checkers do not know what ${command} does (line ${line})`;
  }

  /** A check that named a level and was broken, or could not be decided; `holds` without any. */
  get outcome(): 'holds' | 'violated' | 'unknown' {
    if (this.#hasViolation) return 'violated';
    return this.#hasDoubt ? 'unknown' : 'holds';
  }

  /**
   * Judges the run so far: for each of the levels or, where none is named, for the strongest that
   * held, the first that broke and, if there was a stabilize, what it left. Only a named level can
   * fail.
   */
  judge(levels: readonly Checked[]): Finding {
    if (levels.length === 0) return this.#summarize();
    const verdicts = levels.map((level) => this.#verdict(level));
    this.#hasViolation ||= verdicts.some(({ outcome }) => outcome === 'violated');
    this.#hasDoubt ||= verdicts.some(({ outcome }) => outcome === 'unknown');
    return tellVerdicts(verdicts);
  }

  #summarize(): Finding {
    const stores = this.#seenOfStores().map((level) => this.#verdict(level));
    return this.#gap === undefined
      ? tellSummary(strongest(this.#operations), stores, this.#operations.length)
      : tellGap(this.#gap, stores);
  }

  #seenOfStores(): readonly StoreLevel[] {
    if (this.#findings.length === 0) return [];
    const holdAlike = this.#findings.every((finding) => finding.holdAlike);
    return STORE_LEVELS.filter((level) => holdAlike || level !== 'convergence');
  }

  #verdict(level: Checked): Verdict<Checked> {
    // Whether stores are equal does not depend on how they came about.
    if (level !== 'convergence' && this.#gap !== undefined) {
      return { level, outcome: 'unknown', why: this.#gap };
    }
    if (isLevel(level)) return check(this.#operations, level);
    const [findings, deaths, unseenDeath] = [this.#findings, this.#deaths, this.#unseenDeath];
    return checkStores(this.#operations, { findings, deaths, unseenDeath }, level);
  }
}

/** Whether a word names something that a history can be judged for. */
export function isLevel(word: string): word is Level {
  return (LEVELS as readonly string[]).includes(word);
}

/** Whether a word names something that a run can be judged for. */
export function isChecked(word: string): word is Checked {
  return (CHECKED as readonly string[]).includes(word);
}
