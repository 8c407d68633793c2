// `causeway check FILE`: judges a history of Causeway or of another tool, as the script command
// `check` judges a run. It can also convert the history to another format, for another tool.
import {
  checkHistory,
  type History,
  HistoryError,
  judgeFinalReads,
  summarizeHistory,
} from '../../checkers/index.ts';
import {
  type Format,
  FormatError,
  findUnwritten,
  InitialValueError,
  splitSessions,
} from '../../histories/index.ts';
import { showValue, showWord } from '../../kernel/history.ts';
import { escapeControls, formatJson } from '../../language/printable.ts';
import { tellSummary, tellVerdicts, type VerdictText } from '../../language/verdictText.ts';
import { EXIT } from '../exitStatus.ts';
import { fileBytes } from '../fileBytes.ts';
import { assertReadable, whySame } from '../namedFile.ts';
import type { SubcommandSetup } from '../subcommand.ts';
import { type CheckRequest, parseCheckWords } from './checkWords.ts';
import { readHistoryFile } from './readHistoryFile.ts';
import { writeLinesToFile, writeLinesToStdout } from './writeLines.ts';

/** Large, since each part that a file is read in costs a turn of the event loop. */
const CHUNK_BYTES = 256 * 1024;

/** Returns the exit status: that of the verdict, or of the failure that prevented one. */
export async function runCheck(setup: SubcommandSetup): Promise<number> {
  const { words, output } = setup;
  const request = parseCheckWords(words);
  if ('status' in request) {
    output.answer(request.stdout);
    output.diagnostic(request.stderr);
    return request.status;
  }
  // A search lets no event happen, and no process of its own has to be ended.
  setup.interruption.endAtOnce();
  const { path, targetPath } = request;
  const say = (text: string): void => output.diagnostic(`causeway: ${escapeControls(text)}\n`);
  if (path !== undefined) assertReadable(path, 'history');
  const why = path && targetPath && whySame(path, targetPath);
  if (why) {
    say(why);
    return EXIT.usage;
  }
  const name = escapeControls(path ?? 'stdin');
  try {
    return await new CheckRun(setup, request, name, say).run();
  } catch (error) {
    if (error instanceof InitialValueError) {
      say(`--initial ${error.message}`);
      return EXIT.usage;
    }
    if (!(error instanceof FormatError)) throw error;
    say(`${name}:${error.line}: E_HISTORY: ${error.message}`);
    return EXIT.badLines;
  }
}

interface Finding {
  readonly text: VerdictText;
  readonly status: number;
  readonly isBroken: boolean;
}

class CheckRun {
  readonly #setup: SubcommandSetup;
  readonly #request: CheckRequest;
  readonly #name: string;
  readonly #say: (text: string) => void;

  constructor(
    setup: SubcommandSetup,
    request: CheckRequest,
    name: string,
    say: (text: string) => void,
  ) {
    this.#setup = setup;
    this.#request = request;
    this.#name = name;
    this.#say = say;
  }

  async run(): Promise<number> {
    const { path, target, levels, targetPath, format, initial } = this.#request;
    const history = await readHistoryFile({
      name: this.#name,
      bytes: path === undefined ? this.#setup.stdin : fileBytes(path, CHUNK_BYTES),
      format,
      initial,
      onGuess: (guessed) => this.#note(`taken for ${guessed.name}`),
      onNote: (note) => this.#note(note),
      isInterrupted: () => this.#isInterrupted,
    });
    if (history === undefined) return this.#setup.interruption.status ?? EXIT.ok;
    if (target !== undefined) await this.#convert(history, target);
    const isAsked = target === undefined || levels.length > 0 || targetPath !== undefined;
    return isAsked ? this.#judge(history) : EXIT.ok;
  }

  #note(text: string): void {
    this.#say(`note: ${this.#name}: ${text}`);
  }

  /** Says what was assumed, if that may be why a level is broken. */
  #tellAssumed(history: History): void {
    const found = findUnwritten(history);
    if (found === undefined) return;
    const { key, line } = found;
    const value = found.kind === 'cas' ? showWord(found.expected) : showValue(found.value);
    const what = `${key}=${value} was found (line ${line}) before it was written`;
    this.#note(`${what}; keys were taken to be absent at first, and --initial says otherwise`);
  }

  get #isInterrupted(): boolean {
    return this.#setup.interruption.status !== undefined;
  }

  async #convert(history: History, target: Format): Promise<void> {
    const { isSplit, targetPath } = this.#request;
    const { lines, losses } = target.write(isSplit ? splitSessions(history) : history);
    if (losses.length > 0) this.#say(`note: ${target.name} has no place for ${losses.join('; ')}`);
    if (targetPath !== undefined) writeLinesToFile(targetPath, lines);
    else await writeLinesToStdout(this.#setup.output, lines, () => this.#isInterrupted);
  }

  /** If stdout carries the history itself, the verdict goes to stderr. */
  #judge(history: History): number {
    const { isJson, target, targetPath } = this.#request;
    // A signal during the search loses what is not written yet.
    this.#setup.output.flush();
    const { text, status, isBroken } = this.#find(history);
    if (isBroken) this.#tellAssumed(history);
    const isOnStdout = target === undefined || targetPath !== undefined;
    const count = { file: this.#name, operations: history.operations.length };
    const lines = isJson
      ? [formatJson({ ...count, ...text.fields })]
      : text.lines.map((line) => escapeControls(line));
    for (const line of lines) {
      if (isOnStdout) this.#setup.output.answer(`${line}\n`);
      else if (isJson) this.#setup.output.diagnostic(`${line}\n`);
      else this.#say(`${this.#name}: ${line}`);
    }
    return status;
  }

  #find(history: History): Finding {
    const { levels, budget } = this.#request;
    const options = budget === undefined ? {} : { budget };
    const { operations } = history;
    try {
      if (levels.length === 0) {
        const summary = summarizeHistory(history, options);
        const status = summary.nothing === undefined ? EXIT.ok : EXIT.undecided;
        const isBroken = summary.firstBroken !== undefined;
        return { text: tellSummary(summary, [], operations.length), status, isBroken };
      }
      const verdicts = levels.map((level) =>
        level === 'convergence'
          ? { level, ...judgeFinalReads(history) }
          : checkHistory(history, level, options),
      );
      const has = (end: string): boolean => verdicts.some(({ outcome }) => outcome === end);
      const undecided = has('undecided') ? EXIT.undecided : EXIT.ok;
      const isBroken = has('broken');
      return { text: tellVerdicts(verdicts), status: isBroken ? EXIT.broken : undecided, isBroken };
    } catch (error) {
      if (error instanceof HistoryError) {
        throw new FormatError(error.operation.line, error.message);
      }
      throw error;
    }
  }
}
