// Retries of a request that a server forwards for a client. The chains may change meanwhile, so a
// failed attempt is made again while there is time. Pure.
import { CallError, type CallErrorCode } from '../../kernel/errors.ts';
import { CALL_TIMEOUT_MS } from '../../kernel/limits.ts';
import { STALE_EPOCH } from './errors.ts';

/** After so many milliseconds the client no longer waits for this server. */
const FORWARD_MS = CALL_TIMEOUT_MS - 200;

/** Errors that another attempt would only meet again. */
const FINAL: ReadonlySet<CallErrorCode> = new Set(['E_BAD_REQUEST', 'E_TOO_LARGE', 'E_CLOCK_JUMP']);

export interface FailedForward {
  readonly error: CallError;
  /** Whether the attempt went to another server. */
  readonly isThere: boolean;
  /** How many members the chain had; undefined if no chain is known. */
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
   * An attempt has failed. Undefined if another attempt is to be made. Otherwise the error for the
   * client: ERR_UNREACHABLE if any attempt may have had an effect.
   */
  failed({ error, isThere, members }: FailedForward, now: number): CallError | undefined {
    // That server refuses in another epoch. A copy may arrive there when it is in our epoch.
    const mayComeTrue = this.#isWrite && isThere && error.code === STALE_EPOCH;
    this.#isDoubtful ||= !error.definite || mayComeTrue;
    // If the chain has other members, one of them replaces the server with the full disk at once.
    const isFull = error.code === 'E_STORAGE' && members === 1;
    if (!isFull && !FINAL.has(error.code) && now < this.#lastTryAt) return undefined;
    return this.#isDoubtful ? new CallError('ERR_UNREACHABLE') : error;
  }
}
