// The values in EDN and JSON files, and the texts by which the checkers compare them. Different
// values always have different texts, and equal values have equal texts: the string "3" is not the
// number 3, a list equals the vector of its items, and maps and sets have no order.

export type Datum = null | boolean | number | string | Keyword | Token | Compound | Opaque;

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

/** A character, or a number that is not a safe integer, in the one form that stands for it. */
export class Token {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What has no equality that is known here: a symbol, a tagged literal, a number out of range. */
export class Opaque {
  /** As in the file, or its beginning. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Opening = '[' | '{' | '#{';

const CLOSINGS = { '[': ']', '{': '}', '#{': '}' } as const;

/** The items of a map are its keys and values in turn. */
export class Compound {
  readonly opening: Opening;
  readonly items: readonly Datum[];

  constructor(opening: Opening, items: readonly Datum[]) {
    this.opening = opening;
    this.items = items;
  }
}

/** The items of a list or vector; undefined for other data. */
export function itemsOf(datum: Datum | undefined): readonly Datum[] | undefined {
  return datum instanceof Compound && datum.opening === '[' ? datum.items : undefined;
}

/** The value of a map's field; the field's name may be a keyword or a string. */
export function fieldOf({ items }: Compound, name: string): Datum | undefined {
  for (let index = 0; index < items.length; index += 2) {
    if (wordOf(items[index]) === name) return items[index + 1];
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
  if (datum instanceof Token || datum instanceof Opaque) return datum.text;
  const { opening } = datum;
  return `${opening}${printItems(datum).join(' ')}${CLOSINGS[opening]}`;
}

function printItems({ opening, items }: Compound): string[] {
  if (opening === '[') return items.map(printEdn);
  if (opening === '#{') return items.map(printEdn).sort();
  return entriesOf(items).map(([key, value]) => `${key} ${printEdn(value)}`);
}

/** The entries of a map by the texts of their keys, in the order of these. */
export function entriesOf(items: readonly Datum[]): (readonly [key: string, value: Datum])[] {
  const entries: (readonly [string, Datum])[] = [];
  for (let index = 0; index < items.length; index += 2) {
    entries.push([printEdn(items[index] as Datum), items[index + 1] as Datum]);
  }
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A part of the datum that has no known equality; undefined if it has none. */
export function findOpaque(datum: Datum): Opaque | undefined {
  if (datum instanceof Opaque) return datum;
  if (!(datum instanceof Compound)) return undefined;
  for (const item of datum.items) {
    const found = findOpaque(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of keys of a map or items of a set: one that is there twice. */
export function findTwice(items: readonly Datum[]): Datum | undefined {
  const isSimple = items.every((item) => typeof item !== 'object' || item instanceof Keyword);
  const names = new Set(isSimple ? items : items.map(printEdn));
  if (names.size === items.length) return undefined;
  const seen = new Set<string>();
  return items.find((item) => seen.size === seen.add(printEdn(item)).size);
}
