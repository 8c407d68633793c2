// An end of the program that no script asked for: by a signal, or because its output is closed.

/** How signals reach the program. */
export interface SignalHandling {
  /** From now on each signal ends the process at once, as it does where a program takes none. */
  release(): void;
  /** From now on the program takes the signals again. */
  hold(): void;
}

const NO_SIGNALS: SignalHandling = { release: () => undefined, hold: () => undefined };

export class Interruption {
  readonly #signals: SignalHandling;
  #status: number | undefined;
  #resolve: (status: number) => void = () => undefined;
  /** Resolves with the exit status when the program has to end. */
  readonly happened: Promise<number> = new Promise((resolve) => {
    this.#resolve = resolve;
  });

  constructor(signals: SignalHandling = NO_SIGNALS) {
    this.#signals = signals;
  }

  /** The exit status, or undefined while there is no reason to end. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Only the first reason counts. */
  interrupt(status: number): void {
    this.#status ??= status;
    this.#resolve(this.#status);
  }

  /** From now on each signal ends the process at once: nothing has to be put in order before. */
  endAtOnce(): void {
    this.#signals.release();
  }

  /**
   * Does work that lets no event happen for long. A signal cannot be taken meanwhile, so it ends
   * the process at once; nodes notice that their master is gone.
   */
  duringWork<T>(work: () => T): T {
    this.#signals.release();
    try {
      return work();
    } finally {
      this.#signals.hold();
    }
  }
}

/** The listeners of a process for some signals. */
export class SignalListeners implements SignalHandling {
  readonly #process: NodeJS.EventEmitter;
  readonly #signals: readonly string[];
  #taken: readonly (readonly [signal: string, listener: (...args: unknown[]) => void])[] = [];

  constructor(process: NodeJS.EventEmitter, signals: readonly string[]) {
    this.#process = process;
    this.#signals = signals;
  }

  /** Removes all of them, also those of libraries: one is enough to keep a signal waiting. */
  release(): void {
    this.#taken = this.#signals.flatMap((signal) =>
      this.#process
        .rawListeners(signal)
        .map((listener) => [signal, listener as (...args: unknown[]) => void] as const),
    );
    for (const signal of this.#signals) this.#process.removeAllListeners(signal);
  }

  hold(): void {
    for (const [signal, listener] of this.#taken) this.#process.on(signal, listener);
    this.#taken = [];
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
