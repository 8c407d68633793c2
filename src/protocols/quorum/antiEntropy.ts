// Anti-entropy: each member makes itself equal with a random other one at intervals, so that
// replicas converge without requests and without hints.
import type { Env } from '../../kernel/env.ts';
import { randomOf } from '../../kernel/random.ts';
import { Repeating } from '../../replication/repeating.ts';
import type { HandOff } from './handOff.ts';
import type { QuorumMessages } from './messages.ts';
import type { QuorumState } from './state.ts';

/** Begins it, if the options ask for it. Its failures are repeated at the next time. */
export function beginAntiEntropy(
  env: Env<QuorumMessages, 'server'>,
  state: QuorumState,
  handOff: HandOff,
): void {
  const { antiEntropyMs } = state.settings;
  if (antiEntropyMs === null) return;
  const interval = { least: antiEntropyMs, most: antiEntropyMs };
  const repeating = new Repeating(env, interval, async () => {
    const peer = randomOf(() => env.random(), state.healthyNeighbours);
    if (peer !== undefined) await handOff.exchangeWith(peer);
  });
  repeating.turn(true);
}
