// Finds out which peers a server reaches, for the inquiries of the configuration service.
import type { Env } from '../kernel/env.ts';
import { CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { ignoreCallError } from './background.ts';
import { PING_MS, PINGS } from './timing.ts';

type Ping = (peer: NodeId, timeoutMs: number) => Promise<unknown>;

/** The peers that answer a ping, in the given order. */
export async function findReached(
  env: Pick<Env, 'after'>,
  peers: readonly NodeId[],
  ping: Ping,
): Promise<NodeId[]> {
  const answers = await Promise.all(peers.map((peer) => isReached(env, peer, ping)));
  return peers.filter((_peer, index) => answers[index]);
}

/** Sends up to PINGS pings, because messages may be lost. A late answer counts, too. */
function isReached(env: Pick<Env, 'after'>, peer: NodeId, ping: Ping): Promise<boolean> {
  return new Promise((resolve) => {
    let open = PINGS;
    let hasAnswered = false;
    const succeeded = (): void => {
      hasAnswered = true;
      resolve(true);
    };
    const failed = (error: unknown): void => {
      ignoreCallError(error);
      open -= 1;
      const isCut = error instanceof CallError && error.code === 'ERR_NOT_CONNECTED';
      if (isCut || open === 0) resolve(false);
    };
    for (let count = 0; count < PINGS; count += 1) {
      const timeoutMs = (PINGS - count) * PING_MS;
      env.after(count * PING_MS, () => {
        if (!hasAnswered) ping(peer, timeoutMs).then(succeeded, failed);
      });
    }
  });
}
