// Runs a script's lines in order, each after the one before, except for those between
// `concurrently` and `end`. A bad line is reported, has no effect, and the rest continues. But if
// the meaning of the following lines depends on the refused line (`protocol`, or one half of a
// block), the script ends.
import type { NodeId } from '../kernel/ids.ts';
import { Arrivals } from './arrivals.ts';
import type { Answered, Command, ParsedLine, Turn } from './command.ts';
import type { CommandTable } from './commandTable.ts';
import { Expander } from './expander.ts';
import { LineError } from './lineError.ts';
import type { Place, ScriptLine } from './lines.ts';
import { mayArrive } from './mayArrive.ts';
import { HeldSink, type LineReport, type Report } from './report.ts';
import type { Run } from './run.ts';

const BLOCK_LINES = 10_000;

export interface InterpreterSetup {
  readonly run: Run;
  readonly table: CommandTable;
  readonly report: Report;
  /** Stop at the first bad line. */
  readonly isStrict: boolean;
  /** A user types the lines, and sees a refusal before typing the next one. */
  readonly isTyped?: boolean;
  /**
   * Lets lines at the beginning that start nodes and make links be under way together: then `do`
   * returns before they have ended. The next other line waits for them, and so does `settle`.
   */
  readonly arrivals?: Arrivals;
  /** Waited for between the lines that one line stands for, so that the reader keeps up. */
  readonly between?: () => Promise<void> | undefined;
}

interface BlockLine {
  readonly place: Place;
  readonly parsed: ParsedLine;
}

/** Lines that wait for the `end` of their block. */
interface Block {
  readonly opening: Place;
  readonly lines: BlockLine[];
}

export class Interpreter {
  readonly #run: Run;
  readonly #table: CommandTable;
  readonly #report: Report;
  readonly #isStrict: boolean;
  readonly #turnsByCommand = new Map<string, number>();
  readonly #isTyped: boolean;
  readonly #between: () => Promise<void> | undefined;
  readonly #expander = new Expander();
  readonly #arrivals: Arrivals;
  /** Whether every line so far could be under way together with others. */
  #isOpening: boolean;
  #block: Block | undefined;
  #before: Answered | undefined;
  #badLineCount = 0;
  #lineCount = 0;
  #isOver = false;

  constructor(setup: InterpreterSetup) {
    const { isTyped = false, between = () => undefined, arrivals } = setup;
    this.#run = setup.run;
    this.#table = setup.table;
    this.#report = setup.report;
    this.#isStrict = setup.isStrict;
    this.#isTyped = isTyped;
    this.#arrivals = arrivals ?? new Arrivals();
    this.#isOpening = arrivals !== undefined;
    this.#between = between;
  }

  get badLineCount(): number {
    return this.#badLineCount;
  }

  /**
   * True when no further line will run, or a block was not run: the effects so far are then not
   * those of the whole script.
   */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** True between `concurrently` or `repeat` and its `end`. */
  get isInBlock(): boolean {
    return this.#block !== undefined || this.#expander.isHolding;
  }

  /** How many lines have been done or refused; a repeated line counts each time. */
  get lineCount(): number {
    return this.#lineCount;
  }

  /**
   * Runs one line, or keeps it when it is in a block. Returns undefined, not a promise, for a line
   * that is complete at once: scripts have many such lines.
   */
  do(line: ScriptLine): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    if (this.#expander.isPlain(line)) return this.#do(line);
    return this.#doAll(this.#expander.take(line));
  }

  /** Runs the lines that a line stands for. */
  async #doAll(lines: Iterable<ScriptLine>): Promise<void> {
    for (const line of lines) {
      if (this.#isOver || this.#run.haste.isOn) return;
      await this.#do(line);
      await this.#between();
    }
  }

  #do(line: ScriptLine): Promise<void> | undefined {
    this.#lineCount += 1;
    try {
      if ('problem' in line) throw new LineError(line.problem, line.why);
      if (line.isIncluded) return undefined;
      const parsed = this.#table.parse(line.text, this.#run.protocol.name);
      return parsed && this.#take({ place: line, parsed });
    } catch (error) {
      if (!this.#arrivals.isEmpty) return this.settle().then(() => this.#refuse(line, error));
      this.#refuse(line, error);
      return undefined;
    }
  }

  #refuse(line: ScriptLine, error: unknown): void {
    this.#badOrThrow(this.#report.forLine(line), error);
    this.#isOver ||= 'problem' in line && line.isFatal;
    const text = 'problem' in line ? (line.legible ?? '') : line.text;
    const meant = this.#table.meant(text, this.#run.protocol.name);
    this.#endIfGoverning(meant);
    if (!meant?.keepsAnswer) this.#before = { who: this.#nameOf(line), lines: [], isRefused: true };
  }

  /** Waits for lines that are under way together. Throws the failure of the first that failed. */
  settle(): Promise<void> {
    return this.#arrivals.end();
  }

  /** To be called once, after the last line and `settle`. */
  end(): void {
    if (this.#isOver) return;
    for (const line of this.#expander.end()) this.#do(line);
    if (this.#block === undefined || this.#isOver) return;
    const report = this.#report.forLine(this.#block.opening);
    this.#bad(report, new LineError('E_ARGS', 'no end follows: the block was not run'));
    this.#isOver = true;
  }

  #take(line: BlockLine): Promise<void> | undefined {
    const block = this.#block;
    const { block: role, name } = line.parsed.command;
    if (role === 'closes') {
      if (block === undefined) throw new LineError('E_NOT_HERE', 'no block has been begun');
      this.#block = undefined;
      return this.#doBlock(block);
    }
    if (block !== undefined) {
      this.#keep(block, line, name);
      return undefined;
    }
    if (role === 'opens') {
      this.#block = { opening: line.place, lines: [] };
      return undefined;
    }
    this.#isOpening &&= line.parsed.action.check !== undefined || line.parsed.command.isGoverning;
    if (!this.#isOpening || !mayArrive(this.#run, line.parsed.action)) return this.#doLine(line);
    if (this.#arrivals.isFull) return this.settle().then(() => this.#begin(line));
    this.#begin(line);
    return undefined;
  }

  #begin({ place, parsed }: BlockLine): void {
    const [sink, lines] = [new HeldSink(), [] as string[]];
    const report = this.#report.forLine(place, { sink, heard: lines });
    const turn = { ...this.#turnOf(parsed, false), arrivals: this.#arrivals };
    const done = this.#unlessBad(report, () => parsed.action.run(this.#run, report, turn));
    this.#arrivals.add(done, (isDone) => {
      this.#report.release(sink);
      this.#before = { who: this.#nameOf(place), lines, isRefused: !isDone };
    });
  }

  #keep(block: Block, line: BlockLine, name: string): void {
    const { block: role } = line.parsed.command;
    if (role === 'outside' || role === 'opens') {
      throw new LineError('E_NOT_HERE', `${name} cannot be done concurrently with other lines`);
    }
    if (block.lines.length >= BLOCK_LINES) {
      throw new LineError('E_LIMIT', `${BLOCK_LINES} lines are the most in one block`);
    }
    block.lines.push(line);
  }

  async #doLine({ place, parsed }: BlockLine): Promise<void> {
    const lines: string[] = [];
    const report = this.#report.forLine(place, { heard: lines });
    await this.#quiesce();
    const isDone = await this.#unlessBad(report, () => {
      return parsed.action.run(this.#run, report, this.#turnOf(parsed, false));
    });
    if (!isDone) this.#endIfGoverning(parsed.command);
    if (parsed.command.keepsAnswer) return;
    this.#before = { who: this.#nameOf(place), lines, isRefused: !isDone };
  }

  /** Waits for everything that earlier lines began. */
  async #quiesce(): Promise<void> {
    if (!this.#arrivals.isEmpty) await this.settle();
    await this.#run.quiesce();
  }

  #nameOf(place: Place): string {
    return place.origin === undefined ? `line ${place.number}` : this.#report.nameOf(place);
  }

  #endIfGoverning(refused: Command | undefined): void {
    if (refused?.isGoverning && !this.#isTyped) this.#isOver = true;
  }

  /** The operations of one client run one after the other; every other line starts in its turn. */
  async #doBlock(block: Block): Promise<void> {
    this.#isOpening = false;
    await this.#quiesce();
    const lastByClient = new Map<NodeId, Promise<unknown>>();
    const started: Promise<unknown>[] = [];
    const held: HeldSink[] = [];
    const answers: string[][] = [];
    for (const { place, parsed } of block.lines) {
      const [sink, heard] = [new HeldSink(), [] as string[]];
      held.push(sink);
      answers.push(heard);
      const report = this.#report.forLine(place, { sink, heard });
      const done = this.#doBeside(parsed, report, lastByClient);
      // A failure is thrown below, when all lines have started; until then it counts as handled.
      done.catch(() => undefined);
      started.push(done);
      if (parsed.command.block === 'delay') await done;
    }
    await Promise.all(started);
    for (const sink of held) this.#report.release(sink);
    const who = `the block from ${this.#nameOf(block.opening)}`;
    this.#before = { who, lines: answers.flat(), isRefused: false };
  }

  /** Starts at once, or when the earlier lines of its clients have ended. */
  #doBeside(
    parsed: ParsedLine,
    report: LineReport,
    lastByClient: Map<NodeId, Promise<unknown>>,
  ): Promise<unknown> {
    return this.#unlessBad(report, () => {
      const turn = this.#turnOf(parsed, true);
      const former = turn.clients.flatMap((client) => lastByClient.get(client) ?? []);
      const run = () => {
        return this.#run.haste.isOn ? undefined : parsed.action.run(this.#run, report, turn);
      };
      const begin = () => this.#unlessBad(report, run);
      const done = former.length === 0 ? begin() : Promise.all(former).then(begin);
      for (const client of turn.clients) lastByClient.set(client, done);
      return done;
    });
  }

  /** Throws a LineError if the line's clients are not alive. */
  #turnOf({ command: { name }, action }: ParsedLine, isShared: boolean): Turn {
    const clients = action.clientsOf(this.#run);
    const number = (this.#turnsByCommand.get(name) ?? 0) + 1;
    this.#turnsByCommand.set(name, number);
    return { clients, isShared, number, before: this.#before };
  }

  /** Runs the task. Returns false and reports the error if it throws a LineError. */
  async #unlessBad(report: LineReport, task: () => unknown): Promise<boolean> {
    try {
      await task();
      return true;
    } catch (error) {
      this.#badOrThrow(report, error);
      return false;
    }
  }

  #badOrThrow(report: LineReport, error: unknown): void {
    if (!(error instanceof LineError)) throw error;
    this.#bad(report, error);
  }

  #bad(report: LineReport, { code, message }: LineError): void {
    this.#badLineCount += 1;
    if (this.#isStrict) this.#isOver = true;
    report.error(code, message);
  }
}
