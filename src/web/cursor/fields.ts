// The fields of inspections that no other picture shows: clocks, positions in logs, and so on.
import type { NodeId } from '../../kernel/ids.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import type { Json } from '../../kernel/json.ts';
import { formatJson } from '../../language/printable.ts';
import type { ServerLook } from '../view.ts';

/** Drawn elsewhere. */
const DRAWN = new Set(['store', 'hints', 'ring', 'chains', 'groups', 'suspected', 'lists']);

export interface FieldRow {
  readonly name: string;
  /** By server; empty if it does not show the field. */
  readonly texts: readonly { readonly server: NodeId; readonly text: string }[];
}

/** A row for each field, in the order in which servers show them. */
export function fieldRows(servers: readonly ServerLook[]): FieldRow[] {
  const fields = servers.map(({ id, state }) => ({ id, fields: fieldsOf(state) }));
  const names = [...new Set(fields.flatMap((one) => [...one.fields.keys()]))];
  return names.map((name) => ({
    name,
    texts: fields.map((one) => ({ server: one.id, text: one.fields.get(name) ?? '' })),
  }));
}

function fieldsOf(state: Inspection | null): Map<string, string> {
  const own = Object.entries(state ?? {}).filter(([name]) => !DRAWN.has(name));
  return new Map(own.flatMap(([name, value]) => flatten(name, value)));
}

/** The fields of an object are rows of their own. */
function flatten(name: string, value: Json): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [[name, typeof value === 'string' ? value : formatField(value)]];
  }
  return Object.entries(value).flatMap(([field, inner]) => flatten(`${name}.${field}`, inner));
}

/** Lists of numbers and of tuples as texts that can break: `0.1: 4, 1.1: 2` for a vector. */
function formatField(value: Json): string {
  if (value === null) return '\u2013';
  if (!Array.isArray(value)) return formatJson(value);
  if (value.every(isTriple)) return value.map(([s, i, t]) => `${s}.${i}: ${t}`).join(', ');
  return value.map((one) => formatJson(one)).join(', ');
}

function isTriple(value: Json): value is [number, number, number] {
  return (
    Array.isArray(value) && value.length === 3 && value.every((one) => typeof one === 'number')
  );
}
