// Streams that a test fills and reads, in place of a process's own.
import { PassThrough, Writable } from 'node:stream';

/** Keeps what is written. */
export class Collector extends Writable {
  readonly #chunks: string[] = [];
  #waiting: { text: string; resolve: () => void } | undefined;

  get text(): string {
    return this.#chunks.join('');
  }

  /** Resolves when `text` has been written. Only one wait at a time. */
  async shows(text: string): Promise<void> {
    if (this.text.includes(text)) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { text, resolve };
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk.toString());
    if (this.#waiting !== undefined && this.text.includes(this.#waiting.text)) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
    done();
  }
}

/** A reader that reads nothing until it is told to. */
export class SlowReader extends Writable {
  #taken = 0;
  #release: (() => void) | undefined;
  #isOpen = false;

  constructor() {
    super({ highWaterMark: 16 });
  }

  /** How many bytes it was given. */
  get taken(): number {
    return this.#taken;
  }

  open(): void {
    this.#isOpen = true;
    this.#release?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#taken += chunk.length;
    this.#release = done;
    if (this.#isOpen) done();
  }
}

/** A stdin that holds its whole text from the start. */
export function createInput(text: string): PassThrough {
  const input = new PassThrough();
  input.end(text);
  return input;
}
