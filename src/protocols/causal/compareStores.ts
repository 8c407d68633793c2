// Compares the stores of two servers after a round of stabilize.
import { compareVersions } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import type { CausalState } from './state.ts';

/** Larger stores are not compared key by key, only by their vectors. */
const COMPARED_ENTRIES = 10_000;

/**
 * Asserts that two servers with equal vectors show the same values (C4). Tombstones are left out:
 * one of the two may have collected them.
 */
export function compareStores(a: CausalState, b: CausalState): void {
  if (!a.applied.dominates(b.applied) || !b.applied.dominates(a.applied)) return;
  const entries = [...a.entries()].filter(({ value }) => value !== null);
  if (entries.length > COMPARED_ENTRIES) return;
  const others = [...b.entries()].filter(({ value }) => value !== null);
  assert(entries.length === others.length, 'C4: equal vectors, stores of unequal size');
  for (const { key, value, version } of entries) {
    const other = b.read(key);
    assert(
      other !== undefined && compareVersions(other.version, version) === 0 && other.value === value,
      () => `C4: servers ${a.self.id} and ${b.self.id} differ at ${key} after the round`,
    );
  }
}
