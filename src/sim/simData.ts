// The data that outlives a simulated run, as a data folder outlives a real one: the disks of its
// servers, and the counts of lives and of runs.
import type { NodeId } from '../kernel/ids.ts';
import type { Invariants } from '../kernel/invariants.ts';
import type { DiskImage } from './simDisk.ts';

export interface SimData {
  /** As in the manifest of a data folder. */
  readonly run: string;
  /** The greatest incarnation of any life so far. */
  readonly lives: number;
  /** How often a configuration service has begun. */
  readonly generations: number;
  readonly imageById: ReadonlyMap<NodeId, DiskImage>;
  /** Their state covers earlier runs too; undefined if invariants are not checked. */
  readonly invariants: Invariants | undefined;
}
