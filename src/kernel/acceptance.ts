// A fast check that accepts valid values. Nearly every message is valid, and for a valid one this
// check is enough; valibot would build a report and a copy of each.
import type * as v from 'valibot';

/**
 * True only for JSON that the schema accepts unchanged. False is no verdict: the schema must then
 * decide.
 */
export type Acceptance = (value: unknown) => boolean;

type Schema = v.GenericSchema<unknown, unknown>;
type Step = Schema | v.GenericPipeItem<unknown, unknown>;

/** The parts of valibot's schemas and checks that are read here; each may be absent. */
interface Parts {
  readonly kind: string;
  readonly type: string;
  readonly pipe?: readonly Step[];
  readonly entries?: { readonly [key: string]: Schema };
  readonly items?: readonly Schema[];
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly default?: unknown;
  readonly fallback?: unknown;
  readonly options?: readonly unknown[];
  readonly check?: (value: unknown) => boolean;
  readonly requirement?: unknown;
}

const never: Acceptance = () => false;

/** Built once for each schema. Never accepts a value of a schema that it does not know. */
export function acceptanceOf(schema: Schema): Acceptance {
  return acceptanceOfStep(schema);
}

function acceptanceOfStep(step: Step): Acceptance {
  const parts = step as unknown as Parts;
  if (parts.pipe !== undefined) return all(parts.pipe);
  if (parts.kind === 'validation') return acceptanceOfCheck(parts);
  return parts.kind === 'schema' && parts.fallback === undefined
    ? acceptanceOfSchema(parts)
    : never;
}

/** A pipe contains its own schema, without the pipe, as its first step. */
function all(pipe: readonly Step[]): Acceptance {
  const [first = never, second, ...others] = pipe.map(acceptanceOfStep);
  if (second === undefined) return first;
  if (others.length === 0) return (value) => first(value) && second(value);
  return (value) => first(value) && second(value) && others.every((accepts) => accepts(value));
}

function acceptanceOfSchema(parts: Parts): Acceptance {
  const { type, entries, items, item, wrapped, options, check } = parts;
  if (type === 'string') return (value) => typeof value === 'string';
  if (type === 'boolean') return (value) => typeof value === 'boolean';
  if (type === 'number') return (value) => typeof value === 'number' && !Number.isNaN(value);
  if (type === 'custom' && check !== undefined) return (value) => check(value);
  if (type === 'picklist' && options !== undefined) return (value) => options.includes(value);
  if (type === 'strict_object' && entries !== undefined) return strictObject(entries);
  if (type === 'strict_tuple' && items !== undefined) return strictTuple(items);
  if (type === 'array' && item !== undefined) {
    return arrayOf(acceptanceOfStep(item));
  }
  if (type === 'nullable' && wrapped !== undefined && parts.default === undefined) {
    const accepts = acceptanceOfStep(wrapped);
    return (value) => value === null || accepts(value);
  }
  return never;
}

function isExactOptional(schema: Schema): boolean {
  const { type, fallback, default: value } = schema as unknown as Parts;
  return type === 'exact_optional' && fallback === undefined && value === undefined;
}

/** The schema of a field's value, if the field is there. */
function unwrap(schema: Schema): Schema {
  const { wrapped } = schema as unknown as Parts;
  return isExactOptional(schema) && wrapped !== undefined ? wrapped : schema;
}

/** The value has each field of the schema that is not optional, and no field beyond the schema. */
function strictObject(entries: { readonly [key: string]: Schema }): Acceptance {
  const keys = Object.keys(entries);
  if (keys.some((key) => key in Object.prototype)) return never;
  const accepts = keys.map((key) => acceptanceOfStep(unwrap(entries[key] as Schema)));
  const isOptional = keys.map((key) => isExactOptional(entries[key] as Schema));
  const needed = isOptional.filter((is) => !is).length;
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    if (Object.getPrototypeOf(value) !== Object.prototype) return false;
    let count = 0;
    let required = 0;
    for (const key in value) {
      const field = (value as Record<string, unknown>)[key];
      // Nearly always, the fields come in the schema's order.
      const index = keys[count] === key ? count : keys.indexOf(key);
      if (field === undefined || !accepts[index]?.(field)) return false;
      if (isOptional[index] !== true) required += 1;
      count += 1;
    }
    return required === needed;
  };
}

/** Checks the holes of a sparse array, too. */
function arrayOf(accepts: Acceptance): Acceptance {
  return (value) => {
    if (!Array.isArray(value)) return false;
    for (let index = 0; index < value.length; index += 1) if (!accepts(value[index])) return false;
    return true;
  };
}

function strictTuple(items: readonly Schema[]): Acceptance {
  const accepts = items.map(acceptanceOfStep);
  return (value) =>
    Array.isArray(value) &&
    value.length === accepts.length &&
    accepts.every((accept, index) => accept(value[index]));
}

function acceptanceOfCheck({ type, requirement }: Parts): Acceptance {
  if (type === 'min_value' && typeof requirement === 'number') {
    return (value) => (value as number) >= requirement;
  }
  if (type === 'max_value' && typeof requirement === 'number') {
    return (value) => (value as number) <= requirement;
  }
  if ((type === 'check' || type === 'integer') && typeof requirement === 'function') {
    return (value) => requirement(value) === true;
  }
  return never;
}
