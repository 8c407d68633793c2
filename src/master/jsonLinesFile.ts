// A file of JSON lines that grows as a run goes on: the trace, the history. Keeps little in memory,
// and what was written before a failure is there after it.
import { closeSync, openSync, writeSync } from 'node:fs';
import { EnvironmentError } from '../kernel/cluster.ts';

const GATHERED_CHARACTERS = 64 * 1024;

export class JsonLinesFile {
  readonly #path: string;
  readonly #descriptor: number;
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #isClosed = false;

  /** Replaces the file. Throws EnvironmentError E_IO. */
  constructor(path: string) {
    this.#path = path;
    this.#descriptor = this.#try(() => openSync(path, 'w'));
  }

  write(record: object): void {
    if (this.#isClosed) return;
    const line = `${JSON.stringify(record)}\n`;
    this.#gathered.push(line);
    this.#gatheredCharacters += line.length;
    if (this.#gatheredCharacters >= GATHERED_CHARACTERS) this.#flush();
  }

  /** May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#flush();
    this.#try(() => closeSync(this.#descriptor));
  }

  #flush(): void {
    const bytes = Buffer.from(this.#gathered.join(''));
    this.#gathered = [];
    this.#gatheredCharacters = 0;
    let written = 0;
    while (written < bytes.length) {
      written += this.#try(() => writeSync(this.#descriptor, bytes, written));
    }
  }

  #try<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw new EnvironmentError('E_IO', `${this.#path}: ${(error as Error).message}`);
    }
  }
}
