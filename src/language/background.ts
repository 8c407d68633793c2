// Work that no line waits for, such as the effects of a death.

export class Background {
  readonly #tasks = new Set<Promise<void>>();
  #failure: unknown;

  /** `quiesce` waits for the task, and throws its failure. */
  add(task: Promise<unknown>): void {
    const ended = task.catch(this.fail).then(() => {
      this.#tasks.delete(ended);
    });
    this.#tasks.add(ended);
  }

  /** Records a failure that no line could throw; only the first one counts. */
  readonly fail = (error: unknown): void => {
    this.#failure ??= error;
  };

  /** Waits for all tasks. Throws a failure that occurred meanwhile. */
  async quiesce(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
