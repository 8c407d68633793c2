// The master's two streams. Gathers what is said within one turn of the event loop into one write,
// keeps the order between the streams, and says when a reader is too slow to go on.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Sink } from './report.ts';

const GATHERED_CHARACTERS = 64 * 1024;

type StreamName = 'stdout' | 'stderr';

export class Output implements Sink {
  readonly #streams: Readonly<Record<StreamName, Writable>>;
  readonly #broken = new Set<StreamName>();
  #current: StreamName = 'stdout';
  #gathered: string[] = [];
  #gatheredCharacters = 0;
  #isFlushPlanned = false;
  #isSealed = false;

  /** `onClosed` is called once when nobody reads the answers any more. */
  constructor(streams: Readonly<Record<StreamName, Writable>>, onClosed: () => void) {
    this.#streams = streams;
    streams.stdout.on('error', () => {
      if (!this.#broken.has('stdout')) onClosed();
      this.#broken.add('stdout');
    });
    streams.stderr.on('error', () => this.#broken.add('stderr'));
  }

  answer(text: string): void {
    this.#gather('stdout', text);
  }

  diagnostic(text: string): void {
    this.#gather('stderr', text);
  }

  /** Lets go of what was gathered, and says nothing more. */
  seal(): void {
    this.flush();
    this.#isSealed = true;
  }

  flush(): void {
    if (this.#gathered.length === 0) return;
    const text = this.#gathered.join('');
    this.#gathered = [];
    this.#gatheredCharacters = 0;
    if (!this.#broken.has(this.#current)) this.#streams[this.#current].write(text);
  }

  /** Undefined, or a promise to wait for while a reader catches up. */
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

/** A stream that breaks is waited for no longer. */
async function drainOf(stream: Writable): Promise<void> {
  await once(stream, 'drain').catch(() => undefined);
}
