// The messages of nodes: JSON objects on lines of their own, as Maelstrom's protocol has them
// (jepsen-io/maelstrom, doc/protocol.md), and the texts of scripts in them.
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';

/** The body of a message; only the fields that the master reads have a meaning here. */
export type Body = { readonly [field: string]: Json };

export interface Message {
  readonly src: string;
  readonly dest: string;
  readonly body: Body;
  /** The line as it was written, which is passed on unchanged. */
  readonly text: string;
}

/** The name of the master as a sender. */
export const MASTER_NAME = 'master';

export function nameOfServer(id: NodeId): string {
  return `n${id}`;
}

export function nameOfClient(id: NodeId): string {
  return `c${id}`;
}

/** The id in the name of a server or client; undefined for another text. */
export function idOf(name: string, letter: 'n' | 'c'): NodeId | undefined {
  const [, first, digits] = /^([nc])(0|[1-9][0-9]{0,5})$/.exec(name) ?? [];
  return first === letter ? Number(digits) : undefined;
}

const DEEPEST = 32;
const SHOWN_CHARACTERS = 60;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Says why a line is no message. It is called for the first such line only. */
export type Refusal = () => string;

/** What a line says, or why it is no message. A line that is none costs little. */
export function readMessage(line: Uint8Array): Message | Refusal {
  if (!mayBeObject(line)) return () => whyNoObject(line);
  let text: string;
  try {
    text = utf8.decode(line);
  } catch {
    return () => 'it is not UTF-8';
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return () => `it is not JSON: ${shown(text)}`;
  }
  if (!isRecord(value)) return () => `it is not an object: ${shown(text)}`;
  const { src, dest, body } = value;
  if (typeof src !== 'string' || typeof dest !== 'string' || !isRecord(body)) {
    return () => `it has no src, dest and body: ${shown(text)}`;
  }
  if (isDeeper(body, DEEPEST)) return () => `its body is nested deeper than ${DEEPEST}`;
  return { src, dest, body: body as Body, text };
}

const BRACE = 0x7b;
const BLANKS: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0d]);

/** Whether the first character is that of an object. */
function mayBeObject(line: Uint8Array): boolean {
  let at = 0;
  while (BLANKS.has(line[at])) at += 1;
  return line[at] === BRACE;
}

function whyNoObject(line: Uint8Array): string {
  try {
    const text = utf8.decode(line);
    try {
      JSON.parse(text);
      return `it is not an object: ${shown(text)}`;
    } catch {
      return `it is not JSON: ${shown(text)}`;
    }
  } catch {
    return 'it is not UTF-8';
  }
}

function shown(text: string): string {
  return JSON.stringify(
    text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text,
  );
}

/** The number of the request that a message answers; undefined if it names none. */
export function replyNumber({ in_reply_to: number }: Body): number | undefined {
  return typeof number === 'number' ? number : undefined;
}

/** Equal texts for equal values, in whatever order the fields of objects come. */
export function canonical(value: Json | undefined): string | undefined {
  return JSON.stringify(value, (_name, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function writeMessage(src: string, dest: string, body: Body): string {
  return `${JSON.stringify({ src, dest, body })}\n`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Iterative, so that nesting cannot exhaust the stack. */
function isDeeper(value: unknown, most: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > most) return true;
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const inner of Object.values(item)) next.push(inner);
    }
    level = next;
  }
  return false;
}

const WHOLE = /^(?:0|-?[1-9][0-9]{0,15})$/;

/**
 * A key or value of a script as JSON. With `asNumbers` a whole number is a number if it is exact,
 * and written as JSON writes it: so each text comes back as it was.
 */
export function toJson(text: string, asNumbers: boolean): Json {
  const isNumber = asNumbers && WHOLE.test(text) && Number.isSafeInteger(Number(text));
  return isNumber ? Number(text) : text;
}

/** The text that a string or a number of a node stands for; undefined for anything else. */
export function toText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}

/** The entries of the store that a node shows, by key in code units; or why it is none. */
export function readStore(store: unknown): [key: string, value: string][] | string {
  if (!isRecord(store)) return 'its dump has no store';
  const entries: [string, string][] = [];
  for (const [key, value] of Object.entries(store)) {
    const text = toText(value);
    if (text === undefined) return `its dump has a value that is no text: ${key}`;
    entries.push([key, text]);
  }
  return entries.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}
