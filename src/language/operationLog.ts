// The operations of a run so far. A check may come at any time and needs all of them, but a long
// script has a million, and few scripts check. So only the latest are objects; older ones are
// packed into columns, which take about a fifth of the memory, until a check asks for them.
import type { Recorded } from '../kernel/history.ts';

/** So many are objects always: checks of shorter scripts cost what they did. */
const LATEST = 20_000;
const PACKED_AT_ONCE = 1_000;

export class OperationLog {
  readonly #packed: Packed[] = [];
  #latest: Recorded[] = [];

  add(operation: Recorded): void {
    this.#latest.push(operation);
    if (this.#latest.length < LATEST + PACKED_AT_ONCE) return;
    this.#packed.push(pack(this.#latest.slice(0, PACKED_AT_ONCE)));
    this.#latest = this.#latest.slice(PACKED_AT_ONCE);
  }

  /** All operations in their order. Of those that were packed, new objects each time. */
  list(): readonly Recorded[] {
    if (this.#packed.length === 0) return this.#latest;
    const all: Recorded[] = [];
    for (const packed of this.#packed) for (const operation of unpack(packed)) all.push(operation);
    for (const operation of this.#latest) all.push(operation);
    return all;
  }
}

/** The values of one field. */
type Column =
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'numbers'; readonly values: Float64Array | Int32Array }
  | { readonly kind: 'json'; readonly text: string }
  /** With a value that JSON does not have. */
  | { readonly kind: 'plain'; readonly values: readonly unknown[] };

/** Objects with the same fields in the same order, and their places among all. */
interface Group {
  readonly fields: readonly string[];
  readonly places: Uint16Array;
  readonly columns: readonly Column[];
}

/** Objects without their identity: what they hold is JSON, or undefined. */
export interface Packed {
  readonly length: number;
  readonly groups: readonly Group[];
}

/** At most 65536 objects, which have no methods. */
export function pack(objects: readonly object[]): Packed {
  const placesByShape = new Map<string, number[]>();
  for (const [place, object] of objects.entries()) {
    const shape = JSON.stringify(Object.keys(object));
    const places = placesByShape.get(shape) ?? [];
    placesByShape.set(shape, places);
    places.push(place);
  }
  const groups = Array.from(placesByShape, ([shape, places]): Group => {
    const fields = JSON.parse(shape) as string[];
    const columns = fields.map((field) =>
      toColumn(places.map((place) => (objects[place] as Record<string, unknown>)[field])),
    );
    return { fields, places: Uint16Array.from(places), columns };
  });
  return { length: objects.length, groups };
}

export function unpack({ length, groups }: Packed): Recorded[] {
  const objects = new Array<Record<string, unknown>>(length);
  for (const { fields, places, columns } of groups) {
    const values = columns.map((column) => valuesOf(column, places.length));
    for (const [row, place] of places.entries()) {
      const object: Record<string, unknown> = {};
      for (let at = 0; at < fields.length; at += 1) {
        object[fields[at] as string] = values[at]?.[row];
      }
      objects[place] = object;
    }
  }
  return objects as unknown as Recorded[];
}

function toColumn(values: readonly unknown[]): Column {
  const [value] = values;
  const isPrimitive = typeof value !== 'object' || value === null;
  if (isPrimitive && values.every((other) => Object.is(other, value))) {
    return { kind: 'constant', value };
  }
  if (values.every((other) => typeof other === 'number')) {
    const numbers = values as number[];
    const Exact = numbers.every(isSmall) ? Int32Array : Float64Array;
    return { kind: 'numbers', values: Exact.from(numbers) };
  }
  if (values.includes(undefined)) return { kind: 'plain', values };
  return { kind: 'json', text: JSON.stringify(values) };
}

function isSmall(value: number): boolean {
  return Object.is(value | 0, value);
}

function valuesOf(column: Column, length: number): ArrayLike<unknown> {
  switch (column.kind) {
    case 'constant':
      return new Array<unknown>(length).fill(column.value);
    case 'numbers':
    case 'plain':
      return column.values;
    case 'json':
      return JSON.parse(column.text) as unknown[];
  }
}
