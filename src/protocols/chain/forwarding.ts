// What becomes of a request that a server takes for a client, when the one that should answer it
// does not: chains may change meanwhile, so it is tried again while there is time. Pure.
import { CallError, type CallErrorCode } from '../../kernel/errors.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import { STALE_EPOCH } from './errors.ts';

/** After this the client has given up on this server, in milliseconds. */
const FORWARD_MS = CALL_TIMEOUT_MS - 200;

/** Errors that another attempt would only meet again. */
const FINAL: ReadonlySet<CallErrorCode> = new Set(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_CLOCK_JUMP']);

export interface FailedForward {
  readonly error: CallError;
  /** Whether the error came from another server. */
  readonly isThere: boolean;
  /** How many members the chain had; undefined where none is known. */
  readonly members: number | undefined;
}

export class Forwarding {
  readonly #isWrite: boolean;
  readonly #lastTryAt: number;
  #isDoubtful = false;

  constructor(isWrite: boolean, now: number) {
    this.#isWrite = isWrite;
    this.#lastTryAt = now + FORWARD_MS;
  }

  /**
   * An attempt has failed. Undefined if another is to be made; else the error to be answered:
   * ERR_UNREACHABLE where any attempt may have had an effect.
   */
  failed({ error, isThere, members }: FailedForward, now: number): CallError | undefined {
    // A server in another epoch refuses the request now; a copy may come when it is in ours.
    const mayComeTrue = this.#isWrite && isThere && error.code === STALE_EPOCH;
    this.#isDoubtful ||= !error.definite || mayComeTrue;
    // Where a full disk has company, that takes its place at once.
    const isFull = error.code === 'E_STORAGE' && members === 1;
    if (!isFull && !FINAL.has(error.code) && now < this.#lastTryAt) return undefined;
    return this.#isDoubtful ? new CallError('ERR_UNREACHABLE') : error;
  }
}
