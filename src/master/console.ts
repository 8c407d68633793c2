// The console: the script language at a terminal, one line at a time, with history, completion and
// help. The prompt is on stderr, so that stdout carries answers only, here as well.
import { complete } from '../language/completion.ts';
import { describeHelp, type Helped } from '../language/help.ts';
import { Interpreter } from '../language/interpreter.ts';
import { checkText } from '../language/lines.ts';
import { Report, type Sink } from '../language/report.ts';
import type { Run } from '../language/run.ts';
import { describeStatus } from '../language/status.ts';
import { findHistoryFile, readHistory, writeHistory } from './consoleHistory.ts';
import { conclude, createRun, endRun, reportFailure, type Stage, sinkOf } from './execute.ts';
import { EXIT, signalStatus } from './exitStatus.ts';
import { LineEditor, type Terminal } from './lineEditor.ts';
import { readVersion } from './version.ts';

const PROMPT = 'causeway> ';
const BLOCK_PROMPT = '     ...> ';

/** The words that the console itself interprets. */
const CONSOLE_WORDS: readonly Helped[] = [
  {
    name: 'help',
    usage: 'help [command]',
    about: 'lists the commands, or tells what one does',
    prints: '',
  },
  {
    name: 'status',
    usage: 'status',
    about: 'shows the protocol, the servers, the clients, and the links that are cut',
    prints: '',
  },
  { name: 'quit', usage: 'quit', about: 'ends the cluster, as exit and Ctrl-D do', prints: '' },
  { name: 'exit', usage: 'exit', about: 'is quit', prints: '' },
];

/** Returns the exit status when the user has left and no node lives any more. */
export async function runConsole(stage: Stage, terminal: Terminal): Promise<number> {
  const { invocation, interruption } = stage;
  const path = findHistoryFile(process.env);
  const dialogue = new Dialogue(stage, terminal, readHistory(path));
  const { run, report } = dialogue;
  const done = dialogue.converse();
  try {
    const interrupted = await Promise.race([done, interruption.happened]);
    if (interrupted !== undefined) return interrupted;
    const status = await conclude(stage, run, report);
    // A user sees bad lines while typing, and can correct them; they count only with --strict.
    return invocation.isStrict && dialogue.hadBadLines ? EXIT.badLines : status;
  } catch (error) {
    return reportFailure(stage, error);
  } finally {
    done.catch(() => undefined);
    const failure = writeHistory(path, dialogue.leave());
    if (failure !== undefined) report.note(failure);
    await endRun(stage, run);
  }
}

/** What a user types, and what is answered. */
class Dialogue {
  readonly #stage: Stage;
  readonly #terminal: Terminal;
  readonly #editor: LineEditor;
  readonly #interpreter: Interpreter;
  readonly run: Run;
  readonly report: Report;
  /** Whether the line under way has printed anything. */
  #hasSpoken = false;
  #isBusy = false;
  /** Whether the next Ctrl-C ends the cluster. */
  #isArmed = false;

  constructor(stage: Stage, terminal: Terminal, history: string[]) {
    const { invocation, table, output } = stage;
    this.#stage = stage;
    this.#terminal = terminal;
    this.report = new Report(this.#listenTo(sinkOf(stage)), invocation, 'console');
    this.run = createRun(stage, this.report);
    const { isStrict } = invocation;
    const parts = { run: this.run, table, report: this.report, isStrict };
    this.#interpreter = new Interpreter({ ...parts, isTyped: true });
    const consoleWords = CONSOLE_WORDS.map(({ name }) => name);
    this.#editor = new LineEditor({
      ...terminal,
      history,
      completer: (text) => {
        const commands = table.all(this.run.protocol.name);
        return complete({ commands, run: this.run, consoleWords }, text);
      },
      onInterrupt: (hasText) => this.#interrupt(hasText),
    });
    output.framedBy((write) => this.#editor.beside(write));
  }

  get hadBadLines(): boolean {
    return this.#interpreter.badLineCount > 0;
  }

  /** Resolves when the user has left. */
  async converse(): Promise<undefined> {
    const { interruption, output } = this.#stage;
    this.#tell([this.#banner()]);
    for (let number = 1; ; number += 1) {
      output.flush();
      const text = await this.#editor.next(this.#interpreter.isInBlock ? BLOCK_PROMPT : PROMPT);
      if (interruption.status !== undefined) return;
      const [word, ...others] = text?.trim().split(/[ \t]+/) ?? [];
      if (text === undefined || word === 'exit' || word === 'quit') break;
      this.#isArmed = false;
      const told = this.#answer(word, others);
      if (told === undefined) await this.#do(number, text);
      else {
        this.#terminal.screen.write(`${told.join('\n')}\n`);
        // Lines keep their numbers.
        this.#stage.teller?.line({ number, text: `# ${text}` });
      }
      if (this.#interpreter.isOver) break;
    }
    if (interruption.status === undefined) this.#interpreter.end();
  }

  /** Closes the editor; returns the lines typed so far, the last one first. */
  leave(): readonly string[] {
    this.#editor.close();
    return this.#editor.history;
  }

  async #do(number: number, text: string): Promise<void> {
    const { teller, output, invocation } = this.#stage;
    const { haste } = this.run;
    const line = checkText(number, text);
    teller?.line(line);
    haste.end();
    this.#hasSpoken = false;
    this.#isBusy = true;
    try {
      await this.#interpreter.do(line);
      await teller?.done(this.run, line);
    } finally {
      this.#isBusy = false;
      // A Ctrl-C ended this line. The next one may be meant for the next line.
      this.#isArmed = false;
    }
    output.flush();
    const isSilent = !this.#hasSpoken && !this.#interpreter.isInBlock && !haste.isOn;
    if (isSilent && !/^[ \t]*(?:#|$)/.test(text) && !invocation.isQuiet) this.#tell(['ok']);
  }

  /** The answer of the console itself; undefined for a line of the language. */
  #answer(word: string | undefined, [name]: readonly string[]): string[] | undefined {
    const { invocation, table } = this.#stage;
    if (word === 'status') return describeStatus(this.run, tellWorld(invocation));
    if (word !== 'help') return undefined;
    const commands = [...table.all(this.run.protocol.name), ...CONSOLE_WORDS];
    return describeHelp(commands, name, this.#editor.columns);
  }

  #banner(): string {
    const { invocation } = this.#stage;
    const { name } = this.run.protocol;
    const where = `${name}, ${tellWorld(invocation)}`;
    return `Causeway ${readVersion()}: ${where}; help lists the commands, quit ends`;
  }

  /** What no script would print. */
  #tell(lines: readonly string[]): void {
    if (this.#stage.invocation.isQuiet) return;
    this.#terminal.screen.write(`${lines.join('\n')}\n`);
  }

  /** Ctrl-C: `hasText` if it took back what was typed. */
  #interrupt(hasText: boolean): void {
    const { interruption } = this.#stage;
    if (hasText) {
      this.#isArmed = false;
      return;
    }
    if (this.#isArmed) {
      interruption.interrupt(signalStatus('SIGINT'));
      return;
    }
    this.#isArmed = true;
    if (!this.#isBusy) {
      const block = this.#interpreter.isInBlock ? '; end runs the open block' : '';
      this.report.note(`Ctrl-C again ends the cluster, as quit and Ctrl-D do${block}`);
      return;
    }
    const dropped = this.#editor.forgetAhead();
    const lines =
      dropped === 1 ? '1 line typed after it is' : `${dropped} lines typed after it are`;
    const told = dropped === 0 ? '' : `, and ${lines} dropped`;
    this.report.note(`this line ends as soon as it can${told}; Ctrl-C again ends the cluster`);
    this.run.haste.hurry();
  }

  /** Notices what concerns a line. */
  #listenTo(sink: Sink): Sink {
    const notice = (line: number | undefined): void => {
      this.#hasSpoken ||= line !== undefined;
    };
    return {
      answer: (text, line) => {
        notice(line);
        sink.answer(text, line);
      },
      diagnostic: (text, line) => {
        notice(line);
        sink.diagnostic(text, line);
      },
    };
  }
}

function tellWorld({ isSim, seed }: Stage['invocation']): string {
  return isSim ? `simulated, seed ${seed}` : 'real processes';
}
