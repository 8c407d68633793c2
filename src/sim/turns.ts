// Which of a node's tasks runs when. A task is an event of the node: a message, a timer, the end of
// a disk operation. They run one after the other; those that come while the node is paused, stalled
// or at work wait for it.
import type { Intervention } from '../kernel/trace.ts';
import { groupBySource, type Source, type Waiting } from './backlog.ts';
import type { Machine } from './nodePlan.ts';
import type { Scheduler } from './scheduler.ts';

export interface TurnsSetup {
  readonly scheduler: Scheduler;
  readonly machine: Machine;
  /** A task of the node is about to run. */
  readonly touched: () => void;
  readonly see: (event: Intervention, line?: number) => void;
}

export class Turns {
  readonly #setup: TurnsSetup;
  /** The tasks that came while the node was stopped, and the ones that came after them since. */
  #backlog: Waiting[] = [];
  #isAlive = true;
  #isPaused = false;
  /** Counts the stalls; `#stall` is the current one, or 0. */
  #stalls = 0;
  #stall = 0;
  /** When the steps that the node has begun or must do are done. */
  #freeAt = 0;

  constructor(setup: TurnsSetup) {
    this.#setup = setup;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Whether something has come that the node has not handled. */
  get isBehind(): boolean {
    return this.#backlog.length > 0;
  }

  /**
   * Runs an event of this life: never after its end; and after a pause, only when all earlier tasks
   * have run.
   */
  run(source: Source, task: () => void): void {
    if (this.begin()) task();
    else this.putOff(source, task);
  }

  /** True if an event of this life may run now; the event then counts as begun. */
  begin(): boolean {
    if (!this.#isAlive || this.#isStopped || this.#backlog.length > 0) return false;
    const { scheduler, machine, touched } = this.#setup;
    const { now } = scheduler;
    if (now < this.#freeAt || this.#stops()) return false;
    this.#freeAt = now + machine.stepMs(now);
    touched();
    return true;
  }

  putOff(source: Source, task: () => void): void {
    if (!this.#isAlive) return;
    this.#backlog.push({ source, task });
    if (!this.#isStopped) this.#schedule();
  }

  pause(line?: number): void {
    if (this.#isPaused) return;
    if (this.#stall > 0) this.#setup.see({ event: 'resume' });
    this.#stall = 0;
    this.#isPaused = true;
    this.#setup.see({ event: 'pause' }, line);
  }

  resume(line?: number): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn(line);
  }

  /** The life is over: none of its tasks runs any more. */
  end(): void {
    this.#isAlive = false;
    this.#backlog.length = 0;
  }

  get #isStopped(): boolean {
    return this.#isPaused || this.#stall > 0;
  }

  /** True if the node stops now by itself. It goes on as a paused one does. */
  #stops(): boolean {
    const { scheduler, machine, see } = this.#setup;
    const ms = machine.stallMs();
    if (ms === 0) return false;
    this.#stalls += 1;
    const stall = this.#stalls;
    this.#stall = stall;
    see({ event: 'pause' });
    scheduler.after(ms, () => {
      if (!this.#isAlive || this.#stall !== stall) return;
      this.#stall = 0;
      this.#goOn();
    });
    return true;
  }

  /**
   * A process that resumes reads one socket after the other, each to its end, in the order in which
   * they first had data to read; its timers come after them. This node does the same.
   */
  #goOn(line?: number): void {
    this.#setup.see({ event: 'resume' }, line);
    this.#backlog = groupBySource(this.#backlog);
    for (let count = this.#backlog.length; count > 0; count -= 1) this.#schedule();
  }

  /** Each task of the backlog is an event of its own, unless the node is stopped again by then. */
  #schedule(): void {
    const { scheduler, machine, touched } = this.#setup;
    const due = Math.max(scheduler.now, this.#freeAt);
    this.#freeAt = due + machine.stepMs(due);
    scheduler.after(due - scheduler.now, () => {
      if (this.#isStopped) return;
      const next = this.#backlog.shift();
      if (next === undefined) return;
      touched();
      next.task();
    });
  }
}
