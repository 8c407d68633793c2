// An end of the program that no script asked for: by a signal, or because its output is closed.

export class Interruption {
  #status: number | undefined;
  #resolve: (status: number) => void = () => undefined;
  /** Resolves with the exit status when the program has to end. */
  readonly happened: Promise<number> = new Promise((resolve) => {
    this.#resolve = resolve;
  });

  /** The exit status, or undefined while there is no reason to end. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Only the first reason counts. */
  interrupt(status: number): void {
    this.#status ??= status;
    this.#resolve(this.#status);
  }
}

/** Sooner than a person presses Ctrl-C again who has waited for an effect. */
const SAME_SIGNAL_MS = 500;

/**
 * Tells a signal from its copies. One Ctrl-C may reach the program twice, for example by
 * `timeout -s INT`, which signals the program and then its process group.
 */
export class SignalFilter {
  readonly #takenAt = new Map<string, number>();

  /** False for a copy: the same signal, at most half a second after the one that counted. */
  isNew(signal: string, nowMs: number): boolean {
    const takenAt = this.#takenAt.get(signal);
    if (takenAt !== undefined && nowMs - takenAt <= SAME_SIGNAL_MS) return false;
    this.#takenAt.set(signal, nowMs);
    return true;
  }
}
