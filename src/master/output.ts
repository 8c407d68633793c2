// The master's two streams. Combines all text of one turn of the event loop into one write, keeps
// the order between the streams, and reports when a reader is too slow to go on.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Sink } from '../language/report.ts';

const GATHERED_CHARACTERS = 64 * 1024;

type StreamName = 'stdout' | 'stderr';

export class Output implements Sink {
  readonly #streams: Readonly<Record<StreamName, Writable>>;
  readonly #onBroken: (error: NodeJS.ErrnoException) => void;
  readonly #broken = new Set<StreamName>();
  #current: StreamName = 'stdout';
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #isFlushPlanned = false;
  #isSealed = false;
  #frame: (write: () => void) => void = (write) => write();

  /** `onBroken` is called once, with the reason, when answers cannot be written any more. */
  constructor(
    streams: Readonly<Record<StreamName, Writable>>,
    onBroken: (error: NodeJS.ErrnoException) => void,
  ) {
    this.#streams = streams;
    this.#onBroken = onBroken;
    streams.stdout.on('error', (error) => this.#break('stdout', error));
    streams.stderr.on('error', (error) => this.#break('stderr', error));
  }

  /** From now on every write is made by the given function: a terminal may show a prompt. */
  framedBy(frame: (write: () => void) => void): void {
    this.#frame = frame;
  }

  answer(text: string): void {
    this.#gather('stdout', text);
  }

  diagnostic(text: string): void {
    this.#gather('stderr', text);
  }

  /**
   * Reports on stderr why the program has to end. Writes at once, because nothing can be scheduled
   * inside a simulation, and also when the output is sealed.
   */
  alarm(text: string): void {
    this.flush();
    this.#write('stderr', text);
  }

  /** Prints what is known when the program has to end: at once, and also when it is sealed. */
  lastAnswer(text: string): void {
    this.flush();
    this.#write('stdout', text);
  }

  /** Drops the text that is not written yet, and writes nothing more. */
  seal(): void {
    this.flush();
    this.#isSealed = true;
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join('');
    this.#gathered = [];
    this.#gatheredCharacters = 0;
    this.#write(this.#current, text);
  }

  /** Undefined, or a promise to await while a reader catches up. */
  ready(): Promise<void> | undefined {
    const full = (['stdout', 'stderr'] as const).filter(
      (name) => this.#streams[name].writableNeedDrain && !this.#broken.has(name),
    );
    if (full.length === 0) return undefined;
    return Promise.all(full.map((name) => drainOf(this.#streams[name]))).then(() => undefined);
  }

  /** Resolves when everything has been written, or cannot be any more. */
  async drained(): Promise<void> {
    this.flush();
    await Promise.all(
      Object.values(this.#streams).map(
        (stream) => new Promise<void>((resolve) => stream.write('', () => resolve())),
      ),
    );
  }

  #write(name: StreamName, text: string): void {
    if (this.#broken.has(name)) return;
    // The event `error` may come after `drained` has resolved; this callback comes before.
    this.#frame(() => {
      this.#streams[name].write(text, (error) => {
        if (error) this.#break(name, error);
      });
    });
  }

  #break(name: StreamName, error: Error): void {
    if (this.#broken.has(name)) return;
    this.#broken.add(name);
    if (name === 'stdout') this.#onBroken(error);
  }

  #gather(name: StreamName, text: string): void {
    if (this.#isSealed) return;
    if (name !== this.#current) this.flush();
    this.#current = name;
    this.#gathered.push(text);
    this.#gatheredCharacters += text.length;
    if (this.#gatheredCharacters >= GATHERED_CHARACTERS) this.flush();
    else this.#planFlush();
  }

  #planFlush(): void {
    if (this.#isFlushPlanned) return;
    this.#isFlushPlanned = true;
    setImmediate(() => {
      this.#isFlushPlanned = false;
      this.flush();
    });
  }
}

/** Does not wait any longer for a stream that breaks. */
async function drainOf(stream: Writable): Promise<void> {
  await once(stream, 'drain').catch(() => undefined);
}
