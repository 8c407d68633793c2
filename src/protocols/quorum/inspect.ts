// The answer to `inspect`: the state of a quorum server, for people and for pictures.
import { compareVersions, toVersionTuple } from '../../clocks/version.ts';
import type { InspectedEntry, Inspection } from '../../kernel/inspection.ts';
import type { QuorumState } from './state.ts';
import type { Write } from './write.ts';

/** How many digits of a token are shown. */
const TOKEN_DIGITS = 8;

export function inspect(state: QuorumState, isGossiping: boolean): Inspection {
  const { self, ring, store, hints, suspected, isComplete, clock } = state;
  const tokens = ring?.tokens ?? [];
  const writes = [...store.writes()].sort(byKeyAndVersion);
  const keys = new Set([...writes, ...Array.from(hints.all(), ({ write }) => write)].map(keyOf));
  return {
    clock: clock.time,
    ringNumber: ring?.number ?? null,
    members: [...(ring?.members ?? [])],
    ring: tokens.map(({ owner, token }) => ({
      server: owner,
      token: token.slice(0, TOKEN_DIGITS),
    })),
    store: writes.map((write) => {
      const isOwner = ring?.preferenceOf(write.key)[0] === self.id;
      return { ...entryOf(write), role: isOwner ? 'owner' : 'replica' };
    }),
    hints: Array.from(hints.all(), ({ owner, write }) => ({ ...entryOf(write), owner })),
    lists: Array.from(keys)
      .sort()
      .map((key) => ({ key, servers: [...(ring?.replicasOf(key) ?? [])] })),
    suspected,
    isGossiping,
    isComplete,
    floor: store.floor,
  };
}

function byKeyAndVersion(a: Write, b: Write): number {
  if (a.key === b.key) return compareVersions(a.version, b.version);
  return a.key < b.key ? -1 : 1;
}

function keyOf({ key }: Write): string {
  return key;
}

function entryOf({ key, value, version }: Write): InspectedEntry {
  return { key, value, version: toVersionTuple(version) };
}
