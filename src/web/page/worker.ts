// Begins the page's worker, and begins it anew when a run must be given up. Its program is a text
// in the page, so that the page works as one file, and from a folder without a web server.
import type { Answer, Request } from '../run/messages.ts';
import type { Runner } from './bench.ts';

/** A run that has taken longer is given up when another one is asked for. */
const PATIENCE_MS = 1000;

interface Asked {
  readonly kind: Request['kind'];
  readonly resolve: (answer: Answer) => void;
}

export function startWorker(program: string): Runner {
  const requests = new Requests(program);
  return Object.assign((request: Request) => requests.ask(request), {
    restart: () => requests.restart(),
  });
}

class Requests {
  readonly #url: string;
  #worker: Worker;
  readonly #waiting = new Map<number, Asked>();
  #count = 0;
  /** When the run that is under way began; undefined if none is. */
  #runningSince: number | undefined;

  constructor(program: string) {
    this.#url = URL.createObjectURL(new Blob([program], { type: 'text/javascript' }));
    this.#worker = this.#begin();
  }

  ask(request: Request): Promise<Answer> {
    const { kind } = request;
    if (kind === 'run') {
      const now = performance.now();
      if (now - (this.#runningSince ?? now) > PATIENCE_MS) this.restart();
      this.#runningSince ??= now;
    }
    this.#count += 1;
    const id = this.#count;
    this.#worker.postMessage({ ...request, id });
    return new Promise((resolve) => {
      this.#waiting.set(id, { kind, resolve });
    });
  }

  /** Ends all that is under way: it fails. */
  restart(): void {
    this.#worker.terminate();
    this.#worker = this.#begin();
    this.#fail('It was stopped.');
  }

  #begin(): Worker {
    this.#runningSince = undefined;
    const worker = new Worker(this.#url);
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#answered(data);
    worker.onerror = ({ message }) => {
      this.#worker = this.#begin();
      this.#fail(message);
    };
    return worker;
  }

  #fail(why: string): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, { resolve }] of waiting) resolve({ kind: 'failed', id, why });
  }

  #answered(answer: Answer): void {
    const asked = this.#waiting.get(answer.id);
    if (asked === undefined) return;
    if (asked.kind === 'run') this.#endRunsUpTo(answer.id);
    this.#waiting.delete(answer.id);
    asked.resolve(answer);
  }

  /** A later run has made earlier ones void: they get no answer. One asked since begins now. */
  #endRunsUpTo(last: number): void {
    let isNextWaiting = false;
    for (const [id, { kind }] of this.#waiting) {
      if (kind !== 'run') continue;
      if (id <= last) this.#waiting.delete(id);
      else isNextWaiting = true;
    }
    this.#runningSince = isNextWaiting ? performance.now() : undefined;
  }
}
