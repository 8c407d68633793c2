// Decides which servers are reported as silent. Pure: the caller passes the results of its calls
// and the time.
import type { CallErrorCode } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { REPORT_MS, SUSPECT_MS } from './timing.ts';

export class FailureDetector {
  readonly #silentSince = new Map<NodeId, number>();
  readonly #reportedAt = new Map<NodeId, number>();

  answered(peer: NodeId): void {
    this.#silentSince.delete(peer);
  }

  /**
   * A call to that peer has failed. True if the peer is to be reported now: at once if the link is
   * known to be cut, otherwise after SUSPECT_MS of silence; at most once in REPORT_MS. Any other
   * error comes from the peer itself, so it counts as an answer.
   */
  failed(peer: NodeId, code: CallErrorCode, now: number): boolean {
    if (code !== 'ERR_NOT_CONNECTED' && code !== 'ERR_UNREACHABLE') {
      this.answered(peer);
      return false;
    }
    if (code === 'ERR_UNREACHABLE' && !this.#isSilentForLong(peer, now)) return false;
    if (now - (this.#reportedAt.get(peer) ?? Number.NEGATIVE_INFINITY) < REPORT_MS) return false;
    this.#reportedAt.set(peer, now);
    return true;
  }

  #isSilentForLong(peer: NodeId, now: number): boolean {
    const since = this.#silentSince.get(peer) ?? now;
    this.#silentSince.set(peer, since);
    return now - since >= SUSPECT_MS;
  }
}
