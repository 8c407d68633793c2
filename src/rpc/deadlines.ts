// Many deadlines on one timer: a timer for each call would cost more than most calls do.
import { monotonicMs } from './monotonic.ts';

export class Deadlines {
  readonly #onExpire: (id: number) => void;
  readonly #expiryById = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  /**
   * `onExpire` is called once for each id whose deadline has passed; the id is removed before that.
   */
  constructor(onExpire: (id: number) => void) {
    this.#onExpire = onExpire;
  }

  /** Does not keep the process alive: a caller that waits for an answer has an open channel. */
  set(id: number, ms: number): void {
    const expiryMs = monotonicMs() + ms;
    this.#expiryById.set(id, expiryMs);
    if (expiryMs < this.#timerMs) this.#arm(expiryMs, ms);
  }

  /** Returns false if no deadline is set for this id. */
  delete(id: number): boolean {
    return this.#expiryById.delete(id);
  }

  #arm(expiryMs: number, ms: number): void {
    clearTimeout(this.#timer);
    this.#timerMs = expiryMs;
    this.#timer = setTimeout(() => this.#sweep(), Math.max(1, ms)).unref();
  }

  #sweep(): void {
    const now = monotonicMs();
    let nextMs = Number.POSITIVE_INFINITY;
    const expired: number[] = [];
    for (const [id, expiryMs] of this.#expiryById) {
      if (expiryMs <= now) expired.push(id);
      else nextMs = Math.min(nextMs, expiryMs);
    }
    this.#timerMs = nextMs;
    if (nextMs < Number.POSITIVE_INFINITY) this.#arm(nextMs, nextMs - now);
    for (const id of expired) {
      if (this.#expiryById.delete(id)) this.#onExpire(id);
    }
  }
}
