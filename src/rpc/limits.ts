// What the real world refuses because it is too much: the limits of a node's port and of its links.
import { JSON_DEPTH, MESSAGE_BYTES } from '../kernel/limits.ts';

export interface RpcLimits {
  /** The most bytes of one frame of a link, and of one HTTP body. */
  readonly messageBytes: number;
  readonly jsonDepth: number;
  /** The most requests in one JSON-RPC batch. */
  readonly batchItems: number;
  /** The most connections at a time that are not links. */
  readonly sockets: number;
  /** How long a request's head may take to arrive. */
  readonly headerTimeoutMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
  /** The most bytes that wait for a peer that does not read; beyond it the socket is dropped. */
  readonly bufferedBytes: number;
}

export const RPC_LIMITS: RpcLimits = {
  messageBytes: MESSAGE_BYTES,
  jsonDepth: JSON_DEPTH,
  batchItems: 100,
  sockets: 128,
  headerTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  bufferedBytes: 64 * MESSAGE_BYTES,
};

/** The limits with those changed that are given. Throws a RangeError for what is no limit. */
export function completeLimits(given: Partial<RpcLimits> = {}): RpcLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(RPC_LIMITS, name)) throw new RangeError(`no such limit: ${name}`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`the limit ${name} must be a whole number above 0, not ${value}`);
    }
  }
  return { ...RPC_LIMITS, ...given };
}
