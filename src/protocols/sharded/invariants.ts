// The promises of the sharded protocol, checked after every event of a simulation.
import type { Invariants } from '../../kernel/invariants.ts';

export function createShardedInvariants(): Invariants {
  return {
    changed: () => undefined,
    stabilizing: () => undefined,
    stabilized: () => undefined,
  };
}
