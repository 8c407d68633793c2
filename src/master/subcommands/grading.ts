// Runs the phases of a grading, one after the other, and judges each: the first in a world of its
// own, the others in one that keeps its data. A phase that runs alone starts with an empty world.
import type { Operation } from '../../kernel/history.ts';
import { completeOptions, type Protocol } from '../../kernel/protocol.ts';
import { CommandTable } from '../../language/commandTable.ts';
import { Interpreter } from '../../language/interpreter.ts';
import { Report } from '../../language/report.ts';
import { Run } from '../../language/run.ts';
import type { World } from '../worlds.ts';
import { type Fault, findFaults, type Look } from './gradeJudge.ts';
import { listBeginning, listPhases, nodeOf, type Phase } from './gradePhases.ts';

export interface GradingSetup {
  readonly protocol: Protocol;
  /** Options of the protocol, `name=value` each. */
  readonly settings: readonly string[];
  readonly seed: number;
  /** Runs only this phase; all of them if absent. */
  readonly only?: number | undefined;
  /** Makes a world for the phases that begin with this one. */
  createWorld(firstPhase: number): World;
}

export interface PhaseResult {
  readonly phase: Phase;
  /** Empty if the phase is correct. */
  readonly faults: readonly Fault[];
}

export class Grading {
  readonly #setup: GradingSetup;
  #stage: Stage | undefined;

  constructor(setup: GradingSetup) {
    this.#setup = setup;
  }

  async *results(): AsyncGenerator<PhaseResult> {
    const { only, seed } = this.#setup;
    const [first, ...others] = listPhases(seed) as [Phase, ...Phase[]];
    const runs = [[first], others].map((phases) =>
      phases.filter(({ number }) => only === undefined || number === only),
    );
    for (const phases of runs) {
      if (phases[0] === undefined) continue;
      this.#stage = new Stage(this.#setup, phases[0].number);
      try {
        for (const phase of phases) yield { phase, faults: await this.#stage.play(phase) };
      } finally {
        await this.stop();
      }
    }
  }

  /** Ends every node of the phase that is running; its result then never comes. */
  async stop(): Promise<void> {
    await this.#stage?.stop();
  }
}

/** A world that is running, the operations in it, and its outputs. */
class Stage {
  readonly #beginning: readonly string[];
  readonly #world: World;
  readonly #run: Run;
  readonly #interpreter: Interpreter;
  readonly #history: Operation[] = [];
  /** Keys that were found faulty. */
  readonly #known = new Set<string>();
  #looks: Look[] = [];
  #said: string[] = [];
  readonly #lines: string[] = [];

  constructor({ protocol, settings, seed, createWorld }: GradingSetup, firstPhase: number) {
    this.#beginning = listBeginning(protocol.name, settings);
    this.#world = createWorld(firstPhase);
    const sink = {
      answer: (text: string) => this.#see(text),
      diagnostic: (text: string, line?: number) => {
        this.#said.push(this.#withLine(text.trimEnd(), line));
      },
    };
    const report = new Report(sink, { isJson: true, isQuiet: true }, 'grade');
    this.#run = new Run({
      createCluster: (chosen, options) =>
        this.#world.createCluster({ protocol: chosen, options, seed }),
      protocols: [protocol],
      protocol,
      options: completeOptions(protocol, {}),
      seed,
      report,
      onOperation: (operation) => this.#history.push(operation as Operation),
    });
    const table = new CommandTable([protocol]);
    this.#interpreter = new Interpreter({ run: this.#run, table, report, isStrict: false });
  }

  async play({ lines, isAgreed }: Phase): Promise<readonly Fault[]> {
    if (this.#lines.length === 0) await this.#doAll(this.#beginning);
    this.#looks = [];
    const begun = this.#history.length;
    await this.#doAll(lines);
    await this.#run.quiesce();
    const [history, looks, known] = [this.#history, this.#looks, this.#known];
    const found = findFaults({ history, looks, begun, isAgreed, known });
    for (const { key } of found) if (key !== undefined) known.add(key);
    const said = this.#said.splice(0).map((text) => ({ text, operations: [], key: undefined }));
    return [...said, ...found];
  }

  async stop(): Promise<void> {
    await this.#run.stop();
    await this.#world.close();
  }

  async #doAll(lines: readonly string[]): Promise<void> {
    for (const text of lines) {
      this.#lines.push(text);
      await this.#interpreter.do({ number: this.#lines.length, text });
    }
  }

  /** A diagnostic with the line itself in place of its number. */
  #withLine(text: string, number = 0): string {
    const line = this.#lines[number - 1];
    return line === undefined ? text : text.replace(/^causeway: grade:\d+/, () => line);
  }

  /** Of all answers, only the looks at many keys are kept: the history has the others. */
  #see(text: string): void {
    const { scope, client, entries } = JSON.parse(text) as Seen;
    if (scope === undefined) return;
    const node = scope === '*' ? undefined : nodeOf(client);
    this.#looks.push({ node, finished: this.#history.length, entries });
  }
}

/** The answer to a look at many keys. */
interface Seen {
  readonly scope?: string;
  readonly client: number;
  readonly entries: Look['entries'];
}
