// Whether anything is under way that may change what servers hold or who can reach whom. A look at
// all servers compares them only if nothing of that kind happened meanwhile.
export class Activity {
  #underWay = 0;
  #changes = 0;

  async during<T>(task: () => Promise<T>): Promise<T> {
    this.#underWay += 1;
    this.#changes += 1;
    try {
      return await task();
    } finally {
      this.#underWay -= 1;
      this.#changes += 1;
    }
  }

  /** Something changed at once. */
  note(): void {
    this.#changes += 1;
  }

  /** A function that says whether all has been quiet from now until it is called. */
  watch(): () => boolean {
    const [underWay, changes] = [this.#underWay, this.#changes];
    return () => underWay === 0 && changes === this.#changes;
  }
}
