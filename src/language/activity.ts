// Tracks whether anything is under way that may change the stores or the links of servers. A look
// at all servers compares them only if nothing of that kind happened meanwhile.
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

  /** Records a change that is complete at once. */
  note(): void {
    this.#changes += 1;
  }

  /** Returns a function that says whether no activity took place between this call and its own. */
  watch(): () => boolean {
    const [underWay, changes] = [this.#underWay, this.#changes];
    return () => underWay === 0 && changes === this.#changes;
  }
}
