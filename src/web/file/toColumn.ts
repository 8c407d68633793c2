// Takes JSON data apart into columns.
import type { Json } from '../../kernel/json.ts';
import { type Alike, type Column, KIND, type Series, type Shape, type Texts } from './column.ts';

/** Up to this length each position of a list has a column of its own: versions, vectors. */
const SHORT = 8;
/** A number of more digits may not be exact. */
const DIGITS = 15;

export function toColumn(value: Json): Column {
  const builder = new Builder();
  builder.add(value);
  return builder.build();
}

class Builder {
  readonly #kinds: number[] = [];
  readonly #integers: number[] = [];
  readonly #doubles: number[] = [];
  readonly #texts = new TextPlaces();
  readonly #beginnings = new TextPlaces();
  readonly #numbers: number[] = [];
  readonly #lastByBeginning: number[] = [];
  readonly #start = new ShapeStep();
  readonly #shapes: Shape[] = [];
  readonly #shaped: number[] = [];
  readonly #fields = new Map<string, Builder>();
  readonly #lengths: number[] = [];
  #elements: Builder | undefined;

  add(value: Json): void {
    if (value === null) this.#kinds.push(KIND.null);
    else if (typeof value === 'boolean') this.#kinds.push(value ? KIND.true : KIND.false);
    else if (typeof value === 'number') this.#addNumber(value);
    else if (typeof value === 'string') this.#addText(value);
    else if (Array.isArray(value)) this.#addList(value);
    else this.#addRecord(value as Fields);
  }

  build(): Column {
    const [texts, beginnings] = [this.#texts.build(), this.#beginnings.build()];
    return {
      kinds: oneOrAll(this.#kinds),
      count: this.#kinds.length,
      ...(this.#integers.length > 0 && { integers: toSeries(this.#integers) }),
      ...(this.#doubles.length > 0 && { doubles: this.#doubles }),
      ...(texts && { texts }),
      ...(beginnings && { numbered: { ...beginnings, numbers: this.#numbers } }),
      ...(this.#shaped.length > 0 && {
        records: {
          shapes: this.#shapes,
          places: oneOrAll(this.#shaped),
          fields: Array.from(this.#fields, ([name, field]) => [name, field.build()] as const),
        },
      }),
      ...(this.#elements && {
        lists: { lengths: this.#lengths, elements: this.#elements.build() },
      }),
    };
  }

  #addNumber(value: number): void {
    // The difference of two numbers of this size is exact.
    if (Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER / 2) {
      this.#kinds.push(KIND.integer);
      this.#integers.push(value);
    } else {
      this.#kinds.push(KIND.double);
      this.#doubles.push(value);
    }
  }

  #addText(text: string): void {
    const start = startOfNumber(text);
    if (start === text.length) {
      this.#kinds.push(KIND.text);
      this.#texts.add(text);
      return;
    }
    this.#kinds.push(KIND.numbered);
    const place = this.#beginnings.add(text.slice(0, start));
    const number = Number(text.slice(start));
    this.#numbers.push(number - (this.#lastByBeginning[place] ?? 0));
    this.#lastByBeginning[place] = number;
  }

  #addList(list: readonly Json[]): void {
    if (list.length <= SHORT) {
      this.#addRecord(list as unknown as Fields, list.length);
      return;
    }
    this.#kinds.push(KIND.list);
    this.#lengths.push(list.length);
    this.#elements ??= new Builder();
    for (const element of list) this.#elements.add(element);
  }

  /** Of a list, the fields are its indices. As in JSON, a field that is undefined is none. */
  #addRecord(record: Fields, length?: number): void {
    this.#kinds.push(KIND.record);
    let step = length === undefined ? this.#start : this.#start.next('');
    for (const name of Object.keys(record)) {
      const value = record[name];
      if (value === undefined) continue;
      step = step.next(`f${name}`);
      step.field ??= this.#field(name);
      step.field.add(value);
    }
    step.place ??= this.#shapes.push(length ?? step.names()) - 1;
    this.#shaped.push(step.place);
  }

  #field(name: string): Builder {
    let field = this.#fields.get(name);
    if (field === undefined) {
      field = new Builder();
      this.#fields.set(name, field);
    }
    return field;
  }
}

/** Gives each different text a place. */
class TextPlaces {
  readonly #placeByText = new Map<string, number>();
  readonly #places: number[] = [];

  add(text: string): number {
    let place = this.#placeByText.get(text);
    if (place === undefined) {
      place = this.#placeByText.size;
      this.#placeByText.set(text, place);
    }
    this.#places.push(place);
    return place;
  }

  /** Undefined without any text. */
  build(): Texts | undefined {
    if (this.#places.length === 0) return undefined;
    return { texts: [...this.#placeByText.keys()], places: this.#places };
  }
}

interface Fields {
  readonly [field: string]: Json | undefined;
}

/** The shapes of a column as a tree: a step for each field, from the first. */
class ShapeStep {
  readonly #before: ShapeStep | undefined;
  readonly #name: string;
  readonly #next = new Map<string, ShapeStep>();
  /** The column of the field. */
  field: Builder | undefined;
  /** The place of the shape that ends here. */
  place: number | undefined;

  constructor(before?: ShapeStep, name = '') {
    this.#before = before;
    this.#name = name;
  }

  next(name: string): ShapeStep {
    let step = this.#next.get(name);
    if (step === undefined) {
      step = new ShapeStep(this, name);
      this.#next.set(name, step);
    }
    return step;
  }

  /** The fields up to here. */
  names(): string[] {
    return this.#before === undefined ? [] : [...this.#before.names(), this.#name.slice(1)];
  }
}

/** Where the number begins that the text ends in; the text's length if it ends in none. */
function startOfNumber(text: string): number {
  let start = text.length;
  while (start > 0 && text.length - start < DIGITS && isDigit(text, start - 1)) start -= 1;
  while (start < text.length - 1 && text[start] === '0') start += 1;
  return start;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function oneOrAll(values: readonly number[]): Alike {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : values;
}

/** Whichever is the shorter text. */
function toSeries(values: readonly number[]): Series {
  const differences = values.map((value, index) => value - (values[index - 1] ?? 0));
  const isDifferences = lengthOf(differences) < lengthOf(values);
  return { isDifferences, values: isDifferences ? differences : values };
}

function lengthOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + String(value).length, 0);
}
