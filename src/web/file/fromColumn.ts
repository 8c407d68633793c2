// Puts JSON data together again from its columns.
import type { Json } from '../../kernel/json.ts';
import { type Column, KIND, type Records, type Series, type Shape } from './column.ts';

/** Throws an Error if the column is none. */
export function fromColumn(column: Column): Json {
  return there(valuesOf(column)[0]);
}

/** All values of a column. A column at a time, since a value at a time takes twice as long. */
function valuesOf(column: Column): readonly Json[] {
  const { kinds, count } = column;
  if (typeof kinds === 'number') return valuesOfKind(column, kinds, count);
  const counts: number[] = [];
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  const supplies = counts.map((of, kind) => ({ values: valuesOfKind(column, kind, of), taken: 0 }));
  return kinds.map((kind) => takeFrom(supplies[kind] as Supply));
}

/** `count` is how many values of the column are of this kind. */
function valuesOfKind(column: Column, kind: number, count: number): readonly Json[] {
  switch (kind) {
    case KIND.null:
      return new Array(count).fill(null);
    case KIND.false:
      return new Array(count).fill(false);
    case KIND.true:
      return new Array(count).fill(true);
    case KIND.integer:
      return integersOf(there(column.integers));
    case KIND.double:
      return there(column.doubles);
    case KIND.text: {
      const { texts, places } = there(column.texts);
      return places.map((place) => there(texts[place]));
    }
    case KIND.numbered:
      return numberedOf(there(column.numbered));
    case KIND.record:
      return recordsOf(there(column.records), count);
    case KIND.list:
      return listsOf(there(column.lists));
    default:
      throw new Error(`a value of kind ${kind}`);
  }
}

function integersOf({ isDifferences, values }: Series): readonly number[] {
  if (!isDifferences) return values;
  let last = 0;
  return values.map((difference) => {
    last += difference;
    return last;
  });
}

function numberedOf({
  texts,
  places,
  numbers,
}: NonNullable<Column['numbered']>): readonly string[] {
  const lastByPlace: number[] = [];
  return places.map((place, index) => {
    const number = (lastByPlace[place] ?? 0) + there(numbers[index]);
    lastByPlace[place] = number;
    return `${there(texts[place])}${number}`;
  });
}

/** The values of a field that no record has taken yet. */
interface Supply {
  readonly values: readonly Json[];
  taken: number;
}

function recordsOf({ shapes, places, fields }: Records, count: number): readonly Json[] {
  const supplyByField = new Map(
    fields.map(([name, field]) => [name, { values: valuesOf(field), taken: 0 }]),
  );
  const makers = shapes.map((shape) => {
    const supplies = namesOf(shape).map((name) => there(supplyByField.get(name)));
    return typeof shape === 'number'
      ? () => supplies.map(takeFrom)
      : () => toRecord(shape, supplies);
  });
  if (typeof places !== 'number') return places.map((place) => there(makers[place])());
  const make = there(makers[places]);
  return Array.from({ length: count }, () => make());
}

function toRecord(names: readonly string[], supplies: readonly Supply[]): Json {
  const record: { [field: string]: Json } = {};
  for (let index = 0; index < names.length; index += 1) {
    setField(record, names[index] as string, takeFrom(supplies[index] as Supply));
  }
  return record;
}

function takeFrom(supply: Supply): Json {
  const value = there(supply.values[supply.taken]);
  supply.taken += 1;
  return value;
}

function listsOf({ lengths, elements }: NonNullable<Column['lists']>): readonly Json[] {
  const values = valuesOf(elements);
  let start = 0;
  return lengths.map((length) => {
    start += length;
    if (start > values.length) throw new Error('a value is missing');
    return values.slice(start - length, start);
  });
}

/** An assignment to `__proto__` would set the prototype. */
function setField(record: { [field: string]: Json }, name: string, value: Json): void {
  if (name !== '__proto__') record[name] = value;
  else {
    const field = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(record, name, field);
  }
}

function namesOf(shape: Shape): readonly string[] {
  return typeof shape === 'number' ? Array.from({ length: shape }, (_, at) => `${at}`) : shape;
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a value is missing');
  return value;
}
