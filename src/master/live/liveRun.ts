// A run that goes from line to line as browsers order.
import { Interpreter } from '../../language/interpreter.ts';
import { checkText, type ScriptLine } from '../../language/lines.ts';
import { Report } from '../../language/report.ts';
import type { Run } from '../../language/run.ts';
import type { Order, Progress } from '../../web/live/messages.ts';
import { Stepper } from '../../web/live/stepper.ts';
import { conclude, createRun, endRun, reportFailure, type Stage, sinkOf } from '../execute.ts';
import { EXIT } from '../exitStatus.ts';

/** A longer history is judged at the end only: it would make each step wait. */
const MOST_JUDGED = 2_000;

export interface LiveRunSetup {
  readonly stage: Stage;
  /** The script's name in diagnostics. */
  readonly name: string;
  readonly lines: readonly ScriptLine[];
  /** Whether the run ends when every line is done. */
  readonly exits: boolean;
  onProgress(progress: Progress): void;
}

export class LiveRun {
  readonly #setup: LiveRunSetup;
  readonly #stepper: Stepper;
  readonly #run: Run;
  readonly #interpreter: Interpreter;
  readonly #report: Report;
  /** Those of the script: a person who types sees a refusal, and can correct the line. */
  #badLines = 0;
  #wake: () => void = () => undefined;

  constructor(setup: LiveRunSetup) {
    const { stage, name, lines } = setup;
    const { invocation, table } = stage;
    this.#setup = setup;
    this.#stepper = new Stepper(lines);
    this.#report = new Report(sinkOf(stage), invocation, name);
    this.#run = createRun(stage, this.#report);
    const { isStrict } = invocation;
    const parts = { run: this.#run, table, report: this.#report, isStrict };
    this.#interpreter = new Interpreter({ ...parts, isTyped: true });
  }

  readonly order = (order: Order): void => {
    if (order.do === 'type') this.#stepper.type(checkText(0, order.text));
    else this.#stepper.order(order);
    this.#wake();
  };

  /** Returns the exit status when the run has ended and no node lives any more. */
  async go(): Promise<number> {
    const { stage, lines } = this.#setup;
    const { interruption, world } = stage;
    const done = world.foresee(lines).then(() => this.#goOn());
    try {
      const interrupted = await Promise.race([done, interruption.happened]);
      if (interrupted !== undefined) return interrupted;
      this.#interpreter.end();
      await this.#run.quiesce();
      const status = await conclude(stage, this.#run, this.#report);
      return this.#badLines > 0 ? EXIT.badLines : status;
    } catch (error) {
      return reportFailure(stage, error);
    } finally {
      done.catch(() => undefined);
      await endRun(stage, this.#run);
    }
  }

  async #goOn(): Promise<undefined> {
    const { stage, exits } = this.#setup;
    const { interruption, output } = stage;
    while (interruption.status === undefined && !this.#isOver(exits)) {
      const step = this.#stepper.take();
      if (step === undefined) {
        await this.#rest();
        continue;
      }
      await this.#do(step.line, step.isTyped);
      output.flush();
      await output.ready();
    }
  }

  #isOver(exits: boolean): boolean {
    if (this.#stepper.isStopped || this.#interpreter.isOver) return true;
    return exits && this.#stepper.isAtEnd;
  }

  async #do(line: ScriptLine, isTyped: boolean): Promise<void> {
    const { teller } = this.#setup.stage;
    if (isTyped) teller?.line(line);
    this.#tell('busy', this.#stepper.done - 1);
    const before = this.#interpreter.badLineCount;
    await this.#interpreter.do(line);
    if (!isTyped) this.#badLines += this.#interpreter.badLineCount - before;
    await teller?.done(this.#run, line);
  }

  /** Waits for an order. */
  async #rest(): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (!this.#interpreter.isInBlock) await this.#setup.stage.teller?.judge(this.#run, MOST_JUDGED);
    this.#tell('idle', this.#stepper.done);
    await woken;
  }

  #tell(state: Progress['state'], done: number): void {
    this.#setup.onProgress({ done, state, isInBlock: this.#interpreter.isInBlock });
  }
}
