// Deals the tokens of a ring to servers.
import type { NodeId } from '../kernel/ids.ts';
import { type RandomStream, randomBelow } from '../kernel/random.ts';

/**
 * The server of each token, in random order: the servers 0, 1, 2 and so on get as many tokens as
 * any other one, give or take one.
 */
export function dealOwners(random: RandomStream, tokens: number, servers: number): NodeId[] {
  const left = Array.from({ length: tokens }, (_, token) => token % servers);
  return Array.from({ length: tokens }, () => {
    const [owner = 0] = left.splice(randomBelow(random, left.length), 1);
    return owner;
  });
}
