// All limits in one place, so that the two worlds refuse the same inputs.

/** The maximum bytes of one JSON-RPC message, in a frame or in a body. */
export const MESSAGE_BYTES = 1024 * 1024;

/** How far a script may move a node's wall clock: a day. */
export const CLOCK_OFFSET_MS = 86_400_000;

/** The maximum bytes of a key, as UTF-8. */
export const KEY_BYTES = 1024;

/**
 * The maximum bytes of a value, written as a JSON string: the maximum of a message minus ample room
 * for its envelope, so that every accepted value can also travel.
 */
export const VALUE_BYTES = MESSAGE_BYTES - 64 * 1024;

/**
 * The bytes of a text as UTF-8. A lone surrogate counts as U+FFFD, which is written in its place.
 */
export function utf8BytesOf(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    bytes += code < 0x800 ? 1 : 2;
    const isPair = code >= 0xd800 && code < 0xdc00 && isLowSurrogate(text.charCodeAt(index + 1));
    // The pair has two units and four bytes; both units are counted here.
    if (isPair) index += 1;
  }
  return bytes;
}

/** The bytes of a text, written as a JSON string. */
export function jsonBytesOf(text: string): number {
  return utf8BytesOf(JSON.stringify(text));
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code < 0xe000;
}

export function isKeyTooLarge(key: string): boolean {
  return key.length * 3 > KEY_BYTES && utf8BytesOf(key) > KEY_BYTES;
}

/** A short text is not measured: no encoding of its characters can be too large. */
export function isValueTooLarge(value: string): boolean {
  return value.length * 6 + 2 > VALUE_BYTES && jsonBytesOf(value) > VALUE_BYTES;
}

/** Entries that are sent together stay below this size, except a single larger entry. */
export const PART_BYTES = 256 * 1024;

/** The maximum number of live nodes of one role. */
export const LIVE_NODES = 64;

/**
 * How long one call waits for its answer, in milliseconds. A dead peer or a cut link is noticed at
 * once; this limit is for a silent peer, and is long enough that a process short of CPU time is not
 * taken for a silent one.
 */
export const CALL_TIMEOUT_MS = 2_000;

/** The maximum duration of a client's operation, in milliseconds: two calls, and a margin. */
export const OPERATION_DEADLINE_MS = 2.5 * CALL_TIMEOUT_MS;

/** The maximum nesting depth of the JSON of a message. */
export const JSON_DEPTH = 32;
