// Splits a line into words, from left to right. Only blanks and tabs separate words. Every byte is
// read once, whatever the line contains.

export class WordReader {
  readonly #text: string;
  readonly #end: number;
  #at: number;

  constructor(text: string) {
    let end = text.length;
    while (end > 0 && isBlank(text.charCodeAt(end - 1))) end -= 1;
    this.#text = text;
    this.#end = end;
    this.#at = 0;
    this.#skipBlanks();
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The next word, or undefined at the end. */
  next(): string | undefined {
    if (this.isAtEnd) return undefined;
    const start = this.#at;
    while (this.#at < this.#end && !isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
    const word = this.#text.slice(start, this.#at);
    this.#skipBlanks();
    return word;
  }

  /** The next word without taking it, or undefined at the end. */
  peek(): string | undefined {
    const at = this.#at;
    const word = this.next();
    this.#at = at;
    return word;
  }

  /** The rest of the line, with its inner blanks; empty at the end. */
  rest(): string {
    const rest = this.#text.slice(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }

  #skipBlanks(): void {
    while (this.#at < this.#end && isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
