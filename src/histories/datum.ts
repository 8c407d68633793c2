// The values in EDN and JSON files, and the texts by which the checkers compare them. Different
// values always have different texts: the string "3" is not the number 3.

export type Datum = null | boolean | number | string | Keyword | Token | Compound;

/** `:read` has the name `read`. There is one object per name. */
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

/** A character, or a number that is not a safe integer. Tokens are compared as written. */
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

/** The items of a vector; undefined for other data. */
export function itemsOf(datum: Datum | undefined): readonly Datum[] | undefined {
  return datum instanceof Compound && datum.opening === '[' ? datum.items : undefined;
}

/** The value of a map's field; the field's name may be a keyword or a string. */
export function fieldOf({ items }: Compound, name: string): Datum | undefined {
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (key instanceof Keyword ? key.name === name : key === name) return items[index + 1];
  }
  return undefined;
}

/** The name of a keyword, or a string; undefined for other data. */
export function wordOf(datum: Datum | undefined): string | undefined {
  if (datum instanceof Keyword) return datum.name;
  return typeof datum === 'string' ? datum : undefined;
}

/** The canonical text of a datum as EDN. */
export function printEdn(datum: Datum): string {
  if (datum === null) return 'nil';
  if (typeof datum === 'string') return JSON.stringify(datum);
  if (typeof datum !== 'object') return String(datum);
  if (datum instanceof Keyword) return `:${datum.name}`;
  if (datum instanceof Token) return datum.text;
  const { opening, items } = datum;
  return `${opening}${items.map(printEdn).join(' ')}${CLOSINGS[opening]}`;
}
