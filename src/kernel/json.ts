// The values that may be in a message or a log: JSON that survives a round trip unchanged.
import { isSealedVector } from './sealedVector.ts';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** A name that reaches an object's prototype; no structure on the wire may use it as a field. */
function isUnsafe(field: string): boolean {
  return field === '__proto__' || field === 'constructor' || field === 'prototype';
}

/**
 * A deep copy that shares only sealed vectors with `value`. Equals
 * `JSON.parse(JSON.stringify(value))`, but is faster. Throws a TypeError that names the place of a
 * value that JSON would drop or change: `undefined`, NaN and the infinities, functions, class
 * instances such as `Map`, a `-0`.
 */
export function copyJson(value: unknown): Json {
  return copyAt(value, '$');
}

function copyAt(value: unknown, path: string): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0)) throw notJson(value, path);
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value) ? copyArray(value, path) : copyRecord(value, path);
    default:
      throw notJson(value, path);
  }
}

function copyArray(value: readonly unknown[], path: string): Json {
  if (isSealedVector(value)) return value as Json;
  const copy = new Array<Json>(value.length);
  for (let index = 0; index < value.length; index += 1) {
    const item = value[index];
    copy[index] = typeof item === 'string' ? item : copyAt(item, path);
  }
  return copy;
}

function copyRecord(value: object, path: string): Json {
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw notJson(value, path);
  const copy: { [key: string]: Json } = {};
  for (const key in value) {
    if (isUnsafe(key)) throw new TypeError(`unsafe field ${key} at ${path}`);
    const field = (value as Record<string, unknown>)[key];
    copy[key] = typeof field === 'string' ? field : copyAt(field, key);
  }
  return copy;
}

function notJson(value: unknown, path: string): TypeError {
  const shown = typeof value === 'object' ? value?.constructor?.name : String(value);
  return new TypeError(`not JSON at ${path}: ${shown}`);
}

/**
 * The first reason to reject parsed JSON from an untrusted sender, or undefined: nesting beyond
 * `maxDepth`, a field that would reach a prototype. Iterative, so that nesting cannot exhaust the
 * stack.
 */
export function findUnsafeJson(value: unknown, maxDepth: number): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      if (depth >= maxDepth) return `nested deeper than ${maxDepth}`;
      for (const field of Array.isArray(item) ? [] : Object.keys(item)) {
        if (isUnsafe(field)) return `unsafe field ${field}`;
      }
      for (const inner of Object.values(item)) next.push(inner);
    }
    level = next;
  }
  return undefined;
}
