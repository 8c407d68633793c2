// A terminal of a few columns: what a person sees of the text and the control sequences written.
import { Writable } from 'node:stream';

const ESCAPE = '\u001b';
const SEQUENCE = new RegExp(`${ESCAPE}\\[(\\d*)([A-HJK])|[\\s\\S]`, 'gu');

export class Screen extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super();
    this.columns = columns;
  }

  /** The rows, without blanks at their ends. */
  get rows(): string[] {
    return this.#rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  /** Where the next character appears. */
  get cursor(): { row: number; column: number } {
    return { row: this.#row, column: this.#column };
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    for (const [text, count, final] of chunk.toString().matchAll(SEQUENCE)) {
      if (final === undefined) this.#show(text);
      else this.#control(final, Number(count || 0));
    }
    done();
  }

  #show(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') {
      // As a terminal that adds a return, which Node leaves on.
      this.#column = 0;
      this.#goTo(this.#row + 1);
    } else {
      if (this.#column === this.columns) {
        this.#column = 0;
        this.#goTo(this.#row + 1);
      }
      (this.#rows[this.#row] as string[])[this.#column] = character;
      this.#column += 1;
    }
  }

  #control(final: string, count: number): void {
    const step = Math.max(1, count);
    if (final === 'A') this.#goTo(this.#row - step);
    else if (final === 'B') this.#goTo(this.#row + step);
    else if (final === 'C') this.#column += step;
    else if (final === 'D') this.#column = Math.max(0, this.#column - step);
    else if (final === 'G') this.#column = step - 1;
    else if (final === 'J' && count === 0) {
      this.#rows[this.#row]?.splice(this.#column);
      this.#rows.splice(this.#row + 1);
    } else if (final === 'K' && count === 0) this.#rows[this.#row]?.splice(this.#column);
    else throw new Error(`this screen does not know ${count}${final}`);
  }

  #goTo(row: number): void {
    this.#row = Math.max(0, row);
    while (this.#rows.length <= this.#row) this.#rows.push([]);
  }
}
