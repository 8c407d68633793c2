// Decides after which lines of a script the servers are asked for their states, for a report or a
// live page. A look costs about as much time as a put, and its size is that of the stores.

/** Lines after which a reader wants to see the stores. */
const SHOWS_STORES = /^[ \t]*(?:stabilize|inspect|printStore)(?:[ \t]|$)/;

/** After each line, up to this number of looks and this number of characters in them. */
const MOST_LOOKS = 500;
const MOST_CHARACTERS = 4_000_000;
/** After lines that show stores, up to so many times as much. */
const MORE = 4;

export class LookPlan {
  #looks = 0;
  #characters = 0;

  isWanted(line: string): boolean {
    const times = SHOWS_STORES.test(line) ? MORE : 1;
    return this.#looks < times * MOST_LOOKS && this.#characters < times * MOST_CHARACTERS;
  }

  /** `characters` is the size of a look as JSON. */
  took(characters: number): void {
    this.#looks += 1;
    this.#characters += characters;
  }
}
