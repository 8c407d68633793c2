// The last lines of an endless text, in bounded memory.

const MOST_LINES = 8;
const MOST_CHARACTERS = 300;

export class Tail {
  readonly #onLine: (line: string) => void;
  readonly #lines: string[] = [];
  #open = '';

  /** `onLine` gets every line, cut to a maximum length. */
  constructor(onLine: (line: string) => void = () => undefined) {
    this.#onLine = onLine;
  }

  add(chunk: Buffer): void {
    const [first = '', ...others] = chunk.toString('utf8').split('\n');
    this.#extend(first);
    for (const part of others) {
      this.#end();
      this.#extend(part);
    }
  }

  /** The last lines that are not blank, the unfinished one included. */
  get lines(): readonly string[] {
    const all = this.#open.trim() === '' ? this.#lines : [...this.#lines, this.#open];
    return all.slice(-MOST_LINES);
  }

  #extend(text: string): void {
    this.#open = (this.#open + text.slice(0, MOST_CHARACTERS)).slice(0, MOST_CHARACTERS);
  }

  #end(): void {
    const line = this.#open.trimEnd();
    this.#open = '';
    if (line === '') return;
    this.#lines.push(line);
    if (this.#lines.length > MOST_LINES) this.#lines.shift();
    this.#onLine(line);
  }
}
