// The size and time limits of a node's port and its links in the real world.
import { JSON_DEPTH, MESSAGE_BYTES } from '../kernel/limits.ts';

export interface RpcLimits {
  /** Maximum size in bytes of one frame of a link, and of one HTTP body. */
  readonly messageBytes: number;
  readonly jsonDepth: number;
  /** Maximum number of requests in one JSON-RPC batch. */
  readonly batchItems: number;
  /** Maximum number of simultaneous connections that are not links. */
  readonly sockets: number;
  /** How long the head of a request may take to arrive. */
  readonly headerTimeoutMs: number;
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number;
  /** Maximum of buffered bytes for a peer that does not read; then the socket is dropped. */
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

/** The default limits with the given changes. Throws a RangeError for an invalid limit. */
export function completeLimits(given: Partial<RpcLimits> = {}): RpcLimits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(RPC_LIMITS, name)) throw new RangeError(`no such limit: ${name}`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`the limit ${name} must be a whole number above 0, not ${value}`);
    }
  }
  return { ...RPC_LIMITS, ...given };
}
