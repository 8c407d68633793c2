// The line that a user types at a terminal. Other output appears above it, never within it.
import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { HISTORY_LINES } from './consoleHistory.ts';

export interface Terminal {
  readonly input: Readable;
  /** Where the prompt and the typed text are shown. */
  readonly screen: Writable & { readonly columns?: number };
}

export interface EditorSetup extends Terminal {
  /** The lines of earlier consoles, the last one first. */
  readonly history: string[];
  readonly completer: (text: string) => [candidates: string[], unfinished: string];
  /** Ctrl-C was pressed; `hasText` if it takes back what was typed. */
  readonly onInterrupt: (hasText: boolean) => void;
}

export class LineEditor {
  readonly #lines: Interface;
  readonly #screen: Terminal['screen'];
  /** Lines that were typed, or pasted, while a command ran. */
  readonly #ahead: string[] = [];
  #history: readonly string[];
  #take: ((line: string | undefined) => void) | undefined;
  #isClosed = false;

  constructor({ input, screen, history, completer, onInterrupt }: EditorSetup) {
    this.#screen = screen;
    this.#history = history;
    this.#lines = createInterface({
      input,
      output: screen,
      terminal: true,
      prompt: '',
      history,
      historySize: HISTORY_LINES,
      removeHistoryDuplicates: true,
      completer,
    });
    this.#lines.on('history', (latest: string[]) => {
      this.#history = latest;
    });
    this.#lines.on('line', (line: string) => this.#deliver(line));
    this.#lines.on('close', () => {
      this.#isClosed = true;
      if (this.#take !== undefined) screen.write('\n');
      this.#deliver(undefined);
    });
    this.#lines.on('SIGINT', () => {
      const hasText = this.#lines.line !== '';
      if (hasText) this.#takeBack();
      onInterrupt(hasText);
    });
  }

  /** All lines typed so far, the last one first. */
  get history(): readonly string[] {
    return this.#history;
  }

  get columns(): number {
    return this.#screen.columns ?? 80;
  }

  /** The next line that is typed; undefined at the end. Shows the prompt while it waits. */
  next(prompt: string): Promise<string | undefined> {
    const line = this.#ahead.shift();
    if (line !== undefined) {
      this.#screen.write(`${prompt}${line}\n`);
      return Promise.resolve(line);
    }
    if (this.#isClosed) return Promise.resolve(undefined);
    this.#lines.setPrompt(prompt);
    this.#lines.prompt(true);
    return new Promise((resolve) => {
      this.#take = resolve;
    });
  }

  /** Forgets lines that were typed ahead; returns how many. */
  forgetAhead(): number {
    return this.#ahead.splice(0).length;
  }

  /** Lets other output be written, above the prompt and what is typed. It ends with a newline. */
  beside(write: () => void): void {
    const isEmpty = this.#take === undefined && this.#lines.line === '';
    if (this.#isClosed || isEmpty) {
      write();
      return;
    }
    const { rows } = this.#lines.getCursorPos();
    moveCursor(this.#screen, 0, -rows);
    cursorTo(this.#screen, 0);
    clearScreenDown(this.#screen);
    write();
    // To show its line again, readline first goes up by as many rows as its cursor was below.
    this.#screen.write('\n'.repeat(rows));
    this.#lines.prompt(true);
  }

  close(): void {
    if (!this.#isClosed) this.#lines.close();
  }

  #deliver(line: string | undefined): void {
    // What is typed while a command runs is shown without a prompt.
    this.#lines.setPrompt('');
    const take = this.#take;
    this.#take = undefined;
    if (take !== undefined) take(line);
    else if (line !== undefined) this.#ahead.push(line);
  }

  #takeBack(): void {
    this.#lines.write(null, { ctrl: true, name: 'e' });
    this.#lines.write(null, { ctrl: true, name: 'u' });
  }
}
