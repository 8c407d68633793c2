// Cuts a stream of bytes into lines, in bounded memory, whatever the program writes.

const NEWLINE = 0x0a;

export class LineSplitter {
  readonly #most: number;
  #parts: Buffer[] = [];
  #length = 0;
  /** Whether the line under way is over the limit: the rest of it is skipped. */
  #isSkipping = false;

  /** `most` is the maximum bytes of a line. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The lines that end in this chunk, without their ends; `too long` for one over the limit. */
  *take(chunk: Buffer): Generator<Buffer | 'too long'> {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      yield this.#end();
    }
    this.#keep(chunk.subarray(from));
  }

  /** Whether a line has begun that has not ended. */
  get isInLine(): boolean {
    return this.#length > 0 || this.#isSkipping;
  }

  #keep(part: Buffer): void {
    if (this.#isSkipping || part.length === 0) return;
    this.#length += part.length;
    this.#parts.push(part);
    if (this.#length > this.#most) {
      this.#isSkipping = true;
      this.#parts = [];
    }
  }

  #end(): Buffer | 'too long' {
    const line = this.#isSkipping ? 'too long' : Buffer.concat(this.#parts);
    this.#isSkipping = false;
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
