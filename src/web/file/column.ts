// JSON data as columns: what the records of a list have in one field is kept side by side, so that
// it deflates to a fraction of the records' own text, and times and counts are kept as differences.
// Any JSON comes back as it was, with the order of its fields, also fields that are new here.

/**
 * The values of one place of the data, in their order: the values of each kind, and the kinds. It
 * is JSON.
 */
export interface Column {
  /** The kind of each value; one number if all are alike. */
  readonly kinds: Alike;
  /** How many values there are. */
  readonly count: number;
  readonly integers?: Series;
  readonly doubles?: readonly number[];
  readonly texts?: Texts;
  /** Texts that end in a number: each as the difference to the last one of its beginning. */
  readonly numbered?: Texts & { readonly numbers: readonly number[] };
  readonly records?: Records;
  /** Long lists. */
  readonly lists?: { readonly lengths: readonly number[]; readonly elements: Column };
}

/** One number for each value; a single one if all are alike. */
export type Alike = number | readonly number[];

export interface Texts {
  /** Each different text once. */
  readonly texts: readonly string[];
  /** For each value the place of its text in `texts`. */
  readonly places: readonly number[];
}

/** Objects and short lists. */
export interface Records {
  readonly shapes: readonly Shape[];
  /** For each record the place of its shape in `shapes`. */
  readonly places: Alike;
  /** By field; of a short list, by index. */
  readonly fields: readonly (readonly [name: string, column: Column])[];
}

/** The fields in their order, or the length of a list. */
export type Shape = readonly string[] | number;

/** Integers: as they are, or each as the difference to the one before. */
export interface Series {
  readonly isDifferences: boolean;
  readonly values: readonly number[];
}

export const KIND = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  double: 4,
  text: 5,
  /** A text that ends in a number. */
  numbered: 6,
  /** An object, or a short list. */
  record: 7,
  list: 8,
} as const;

/** How a report's text begins, so that a page can tell what it cannot read. */
export const RUN_FORMAT = { format: 'causeway run', version: 1 } as const;
