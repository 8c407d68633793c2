// Values as EDN and JSON files have them, and the texts by which the checkers compare them. Two
// different values never have the same text: the string "3" is not the number 3.

export type Datum = null | boolean | number | string | Keyword | Token | Compound;

/** `:read` has the name `read`. There is one object for each name. */
export class Keyword {
  static readonly #byName = new Map<string, Keyword>();
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static named(name: string): Keyword {
    let keyword = Keyword.#byName.get(name);
    if (keyword === undefined) {
      keyword = new Keyword(name);
      Keyword.#byName.set(name, keyword);
    }
    return keyword;
  }
}

/** A number that is no safe integer, or a character: what matters is how it is written. */
export class Token {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Opening = '[' | '(' | '{' | '#{';

const CLOSINGS = { '[': ']', '(': ')', '{': '}', '#{': '}' } as const;

/** The items of a map are its keys and values in turn. */
export class Compound {
  readonly opening: Opening;
  readonly items: readonly Datum[];

  constructor(opening: Opening, items: readonly Datum[]) {
    this.opening = opening;
    this.items = items;
  }
}

/** The items of a vector, undefined of anything else. */
export function itemsOf(datum: Datum | undefined): readonly Datum[] | undefined {
  return datum instanceof Compound && datum.opening === '[' ? datum.items : undefined;
}

/** The value of a map's field, whose name may be a keyword or a string. */
export function fieldOf({ items }: Compound, name: string): Datum | undefined {
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (key instanceof Keyword ? key.name === name : key === name) return items[index + 1];
  }
  return undefined;
}

/** A keyword's name or a string; undefined of anything else. */
export function wordOf(datum: Datum | undefined): string | undefined {
  if (datum instanceof Keyword) return datum.name;
  return typeof datum === 'string' ? datum : undefined;
}

/** The one way to write a datum as EDN. */
export function printEdn(datum: Datum): string {
  if (datum === null) return 'nil';
  if (typeof datum === 'string') return JSON.stringify(datum);
  if (typeof datum !== 'object') return String(datum);
  if (datum instanceof Keyword) return `:${datum.name}`;
  if (datum instanceof Token) return datum.text;
  const { opening, items } = datum;
  return `${opening}${items.map(printEdn).join(' ')}${CLOSINGS[opening]}`;
}
