// What must be true of the chain protocol after every event of a simulation.
import type { Invariants } from '../../kernel/protocol.ts';

export function createChainInvariants(): Invariants {
  return { changed: () => undefined, stabilizing: () => undefined, stabilized: () => undefined };
}
