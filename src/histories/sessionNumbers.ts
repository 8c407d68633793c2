// Numbers for the clients of a history. A client with a name, or with a number that is too large to
// be exact, gets the next number that no other one has.
const MOST_NAMED = 10;

export class SessionNumbers {
  /** Those without a number of their own; their numbers are negative until all are known. */
  readonly #names: (string | bigint)[] = [];
  #notes: readonly string[] = [];

  /** To be called once for each client. `settle` replaces negative numbers. */
  of(client: string | bigint | number): number {
    if (typeof client === 'number') return client;
    if (typeof client === 'bigint' && client <= Number.MAX_SAFE_INTEGER) return Number(client);
    return -this.#names.push(client);
  }

  /** Gives the clients without a number one, after the greatest number of the others. */
  settle(operations: readonly { session: number }[]): void {
    if (this.#names.length === 0) return;
    const first = 1 + operations.reduce((most, { session }) => Math.max(most, session), -1);
    for (const operation of operations) {
      if (operation.session < 0) operation.session = first - 1 - operation.session;
    }
    const told = this.#names
      .slice(0, MOST_NAMED)
      .map((name, index) => `client ${first + index} is ${name}`);
    const rest = this.#names.length > MOST_NAMED ? ', and so on' : '';
    this.#notes = [`clients without a small number are numbered: ${told.join(', ')}${rest}`];
  }

  get notes(): readonly string[] {
    return this.#notes;
  }
}
