// The program of a server that its store may have to start anew during one life, as after its
// folder was replaced.

import { EnvironmentError } from '../../kernel/cluster.ts';
import { CallError } from '../../kernel/errors.ts';
import type { ForeignProgram } from '../../processes/foreignProgram.ts';
import type { StoreProgram } from './store.ts';

export class SuccessiveProgram implements StoreProgram {
  /** Resolves when a program ends that is not replaced. */
  readonly gone: Promise<string>;
  #current: ForeignProgram;
  #resolve: (why: string) => void = () => undefined;
  #replacing: Promise<void> | undefined;
  #isKilled = false;
  #isStopped = false;

  constructor(first: ForeignProgram) {
    this.#current = first;
    this.gone = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#watch(first);
  }

  get lastLines(): readonly string[] {
    return this.#current.lastLines;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#isStopped = signal === 'SIGSTOP';
    this.#current.signal(signal);
  }

  /** Ends the program, and starts the next one. If that fails, this one is gone. Never rejects. */
  replace(start: () => Promise<ForeignProgram>): Promise<void> {
    const previous = this.#replacing ?? Promise.resolve();
    this.#replacing = previous.then(() => this.#replace(start));
    return this.#replacing;
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    await this.#current.kill();
    await this.#replacing;
    await this.#current.kill();
    this.#resolve('it was killed');
  }

  async #replace(start: () => Promise<ForeignProgram>): Promise<void> {
    if (this.#isKilled) return;
    const former = this.#current;
    // From now on its end says nothing.
    this.#watched = undefined;
    await former.kill();
    if (this.#isKilled) return;
    try {
      this.#current = await start();
      this.#watch(this.#current);
      // It was paused while it was replaced.
      if (this.#isStopped) this.#current.signal('SIGSTOP');
    } catch (error) {
      if (!(error instanceof CallError || error instanceof EnvironmentError)) throw error;
      this.#resolve(`it could not be started again: ${error.message}`);
    }
  }

  #watched: ForeignProgram | undefined;

  #watch(program: ForeignProgram): void {
    this.#watched = program;
    void program.gone.then((why) => {
      if (this.#watched === program) this.#resolve(why);
    });
  }
}
