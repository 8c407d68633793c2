// Finds an assignment that avoids known bad combinations of choices (nogoods). Conflict-driven
// search, as in Dechter, "Enhancement schemes for constraint processing: backjumping, learning, and
// cutset decomposition" (Artificial Intelligence 1990). When every option of a variable is ruled
// out, the earlier choices that caused this are a new nogood, and the last of them is changed.

/** One option of one variable. */
export interface Pick {
  readonly variable: number;
  readonly option: number;
}

/** Options are numbered from 0 in order of preference. */
export interface Variables {
  readonly count: number;
  optionCount(variable: number): number;
  /** Variables whose options may exclude each other from the start. */
  readonly bound: readonly number[];
  /** Whether these options of two bound variables exclude each other. */
  excludes(a: Pick, b: Pick): boolean;
}

/** How many nogoods may be visited. */
const MOST_LOOKS = 3_000_000;

export class Nogoods {
  readonly #variables: Variables;
  /** By variable and option: the nogoods that contain it. */
  readonly #nogoods = new Map<number, Map<number, (readonly Pick[])[]>>();
  /** Variables that may not be free to take their first option, in the order of decision. */
  readonly #order: number[] = [];
  readonly #isOrdered: Uint8Array;
  readonly #isBound: Uint8Array;
  #looks = 0;
  #hasGivenUp = false;

  constructor(variables: Variables) {
    this.#variables = variables;
    this.#isOrdered = new Uint8Array(variables.count);
    for (const variable of variables.bound) this.#enter(variable);
    this.#isBound = this.#isOrdered.slice();
  }

  /** Whether a search ended because too many nogoods were visited. */
  get hasGivenUp(): boolean {
    return this.#hasGivenUp;
  }

  /** From now on `choose` never combines these picks. */
  add(nogood: readonly Pick[]): void {
    for (const { variable, option } of nogood) {
      this.#enter(variable);
      let byOption = this.#nogoods.get(variable);
      if (byOption === undefined) {
        byOption = new Map();
        this.#nogoods.set(variable, byOption);
      }
      const known = byOption.get(option);
      if (known === undefined) byOption.set(option, [nogood]);
      else known.push(nogood);
    }
  }

  /** An option for each variable; undefined if none is left, or none was found in the bound. */
  choose(): Int32Array | undefined {
    const chosen = new Int32Array(this.#variables.count);
    /** By variable: its position among the decided ones, or -1. */
    const place = new Int32Array(this.#variables.count).fill(-1);
    let from = 0;
    for (let count = 0; count < this.#order.length; ) {
      const variable = this.#order[count] as number;
      const option = this.#firstFree(variable, from, chosen, place);
      if (option !== undefined) {
        chosen[variable] = option;
        place[variable] = count;
        count += 1;
        from = 0;
        continue;
      }
      const culprits = this.#culprits(variable, chosen, place);
      this.#hasGivenUp = culprits.length > 0 && this.#looks > MOST_LOOKS;
      if (culprits.length === 0 || this.#hasGivenUp) return undefined;
      this.add(culprits);
      const last = Math.max(...culprits.map((pick) => place[pick.variable] as number));
      for (; count > last; count -= 1) place[this.#order[count - 1] as number] = -1;
      from = (chosen[this.#order[last] as number] as number) + 1;
    }
    return chosen;
  }

  #enter(variable: number): void {
    if (this.#isOrdered[variable] === 1) return;
    this.#isOrdered[variable] = 1;
    this.#order.push(variable);
  }

  #firstFree(
    variable: number,
    from: number,
    chosen: Int32Array,
    place: Int32Array,
  ): number | undefined {
    const count = this.#variables.optionCount(variable);
    for (let option = from; option < count; option += 1) {
      if (this.#conflict({ variable, option }, chosen, place) === undefined) return option;
    }
    return undefined;
  }

  /** The decided picks that rule out this option; undefined if it may be chosen. */
  #conflict(pick: Pick, chosen: Int32Array, place: Int32Array): readonly Pick[] | undefined {
    const { variable, option } = pick;
    const isOther = (other: Pick): boolean => other.variable !== variable;
    const isFree = (other: Pick): boolean =>
      isOther(other) && (place[other.variable] === -1 || chosen[other.variable] !== other.option);
    for (const nogood of this.#nogoods.get(variable)?.get(option) ?? []) {
      this.#looks += 1;
      if (nogood.findLastIndex(isFree) < 0) return nogood.filter(isOther);
    }
    if (this.#isBound[variable] === 0) return undefined;
    for (const other of this.#variables.bound) {
      if (place[other] === -1) continue;
      const rival = { variable: other, option: chosen[other] as number };
      if (this.#variables.excludes(pick, rival)) return [rival];
    }
    return undefined;
  }

  /** The decided picks that together rule out all options of a variable. */
  #culprits(variable: number, chosen: Int32Array, place: Int32Array): Pick[] {
    const culprits = new Map<number, Pick>();
    for (let option = 0; option < this.#variables.optionCount(variable); option += 1) {
      for (const pick of this.#conflict({ variable, option }, chosen, place) ?? []) {
        culprits.set(pick.variable, pick);
      }
    }
    return [...culprits.values()];
  }
}
