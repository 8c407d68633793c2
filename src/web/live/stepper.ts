// Decides which line of a live run is done next. Lines that are typed come in after those that are
// done, so that the script says in the end what has been done, in its order.
import type { ScriptLine } from '../../language/lines.ts';
import type { Order } from './messages.ts';

/** Blank, or a comment. */
const NO_COMMAND = /^[ \t]*(?:#|$)/;

export interface Step {
  readonly line: ScriptLine;
  readonly isTyped: boolean;
}

export class Stepper {
  /** Those that are done, then those that are still to come. */
  readonly #lines: ScriptLine[];
  readonly #typed: ScriptLine[] = [];
  #done = 0;
  /** Lines are done up to this one. */
  #target = 0;
  #isStopped = false;

  constructor(lines: readonly ScriptLine[]) {
    this.#lines = [...lines];
  }

  get done(): number {
    return this.#done;
  }

  /** True when an order has ended the run. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** True when every line is done. */
  get isAtEnd(): boolean {
    return this.#typed.length === 0 && this.#done === this.#lines.length;
  }

  order(order: Exclude<Order, { do: 'type' }>): void {
    switch (order.do) {
      case 'next':
        this.#target = nextCommand(this.#lines.map(textOf), this.#done);
        break;
      case 'runTo':
        this.#target = order.line;
        break;
      case 'runAll':
        this.#target = Infinity;
        break;
      case 'pause':
        this.#target = 0;
        break;
      case 'stop':
        this.#isStopped = true;
        break;
    }
  }

  /** The line is done as soon as the line under way is. */
  type(line: ScriptLine): void {
    this.#typed.push(line);
  }

  /** The line to do now, with its number in the script; undefined if an order is needed first. */
  take(): Step | undefined {
    if (this.#isStopped) return undefined;
    const typed = this.#typed.shift();
    if (typed === undefined && this.#done >= this.#target) return undefined;
    if (typed !== undefined) this.#insert(typed);
    const line = this.#lines[this.#done];
    if (line === undefined) return undefined;
    this.#done += 1;
    return { line: { ...line, number: this.#done }, isTyped: typed !== undefined };
  }

  #insert(line: ScriptLine): void {
    this.#lines.splice(this.#done, 0, line);
    if (this.#target > this.#done) this.#target += 1;
  }
}

function textOf(line: ScriptLine): string | undefined {
  return 'text' in line ? line.text : undefined;
}

/**
 * The number of the first line after the done ones that is a command; the last line if there is
 * none. A line that cannot be read is undefined: it has to be refused like a command.
 */
export function nextCommand(texts: readonly (string | undefined)[], done: number): number {
  const ahead = texts.slice(done).findIndex((text) => text === undefined || !NO_COMMAND.test(text));
  return ahead === -1 ? texts.length : done + ahead + 1;
}
