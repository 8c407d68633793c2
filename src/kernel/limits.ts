// What is too much, in one place, so that the two worlds refuse the same things.

/** The most bytes of one JSON-RPC message, in a frame or in a body. */
export const MESSAGE_BYTES = 1024 * 1024;

/** The most bytes of a key, as UTF-8. */
export const KEY_BYTES = 1024;

/**
 * The most bytes of a value, written as a JSON string: what a message holds less an ample share for
 * its envelope, so that every value which was accepted can also travel.
 */
export const VALUE_BYTES = MESSAGE_BYTES - 64 * 1024;

export function isKeyTooLarge(key: string): boolean {
  return key.length * 3 > KEY_BYTES && Buffer.byteLength(key) > KEY_BYTES;
}

/** A short text is not measured: it cannot be too large, however its characters are written. */
export function isValueTooLarge(value: string): boolean {
  return (
    value.length * 6 + 2 > VALUE_BYTES && Buffer.byteLength(JSON.stringify(value)) > VALUE_BYTES
  );
}

/** Entries that travel together stay below this, unless a single one is larger. */
export const PART_BYTES = 256 * 1024;

/** The most nodes of one role alive at a time. */
export const LIVE_NODES = 64;

/**
 * How long one call waits for its answer, in milliseconds. A dead peer or a cut link is noticed at
 * once; this is for silence, and long enough that a process which merely starves is not taken for
 * a silent one.
 */
export const CALL_TIMEOUT_MS = 2_000;

/** How long a client's operation may take in all, in milliseconds: two calls, and some. */
export const OPERATION_DEADLINE_MS = 2.5 * CALL_TIMEOUT_MS;

/** How deep the JSON of a message may nest. */
export const JSON_DEPTH = 32;
