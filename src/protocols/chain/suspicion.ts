// Notices servers that do not answer, and reports them to the configuration service. To report one
// removes nobody: the service looks for itself.
import type { Env } from '../../kernel/env.ts';
import type { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { askInVain } from './failures.ts';
import type { ChainMessages } from './messages.ts';
import type { ChainState } from './state.ts';
import { REPORT_MS, SUSPECT_MS } from './timing.ts';

export class Suspicion {
  readonly #env: Env<ChainMessages>;
  readonly #state: ChainState;
  readonly #silentSince = new Map<NodeId, number>();
  readonly #reportedAt = new Map<NodeId, number>();

  constructor(env: Env<ChainMessages>, state: ChainState) {
    this.#env = env;
    this.#state = state;
  }

  /** An error that the peer itself sent is an answer. */
  failed(peer: NodeId, { code }: CallError): void {
    if (code === 'ERR_NOT_CONNECTED') this.#report(peer);
    else if (code !== 'ERR_UNREACHABLE') this.answered(peer);
    else {
      const now = this.#env.now();
      const since = this.#silentSince.get(peer) ?? now;
      this.#silentSince.set(peer, since);
      if (now - since >= SUSPECT_MS) this.#report(peer);
    }
  }

  answered(peer: NodeId): void {
    this.#silentSince.delete(peer);
  }

  #report(peer: NodeId): void {
    const now = this.#env.now();
    const { epoch } = this.#state;
    if (now - (this.#reportedAt.get(peer) ?? Number.NEGATIVE_INFINITY) < REPORT_MS) return;
    this.#reportedAt.set(peer, now);
    this.#env.note('suspect', { server: peer, epoch });
    void this.#env.callService('suspect', { epoch, server: peer }).catch(askInVain);
  }
}
