// A file of JSON lines that grows during a run: the trace, the history. Keeps little in memory, and
// data written before a failure is kept.
import { closeSync, openSync, writeSync } from 'node:fs';
import { EnvironmentError } from '../kernel/cluster.ts';
import { describeFault } from './environmentFault.ts';
import { EXIT } from './exitStatus.ts';
import type { Interruption } from './interruption.ts';
import type { Output } from './output.ts';

const GATHERED_CHARACTERS = 64 * 1024;

/**
 * A file of a run. A write error is reported and ends the program, because the code that causes
 * events cannot handle it. Throws EnvironmentError if the file cannot be opened.
 */
export function openJsonLines(
  path: string,
  output: Output,
  interruption: Interruption,
): JsonLinesFile {
  return new JsonLinesFile(path, (error) => {
    output.alarm(describeFault(error));
    interruption.interrupt(EXIT.environment);
  });
}

export class JsonLinesFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #onBroken: (error: EnvironmentError) => void;
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #isClosed = false;

  /**
   * Replaces the file. Throws EnvironmentError E_IO. `onBroken` is called once for a later failure,
   * and nothing more is written then.
   */
  constructor(path: string, onBroken: (error: EnvironmentError) => void) {
    this.#path = path;
    this.#onBroken = onBroken;
    try {
      this.#descriptor = openSync(path, 'w');
    } catch (error) {
      throw this.#toError(error);
    }
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
    this.#flush();
    this.#orBreak(() => closeSync(this.#descriptor));
    this.#isClosed = true;
  }

  #flush(): void {
    const bytes = Buffer.from(this.#gathered.join(''));
    this.#gathered = [];
    this.#gatheredCharacters = 0;
    this.#orBreak(() => {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#descriptor, bytes, written);
      }
    });
  }

  /** After a failure the file counts as closed. */
  #orBreak(action: () => void): void {
    if (this.#isClosed) return;
    try {
      action();
    } catch (error) {
      this.#isClosed = true;
      this.#onBroken(this.#toError(error));
    }
  }

  #toError(error: unknown): EnvironmentError {
    return new EnvironmentError('E_IO', `${this.#path}: ${(error as Error).message}`);
  }
}
