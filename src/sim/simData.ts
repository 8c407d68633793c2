// What outlives a simulated run, as a data folder outlives a real one: the disks of its servers,
// and how far lives and new runs were counted.
import type { NodeId } from '../kernel/ids.ts';
import type { Invariants } from '../kernel/protocol.ts';
import type { DiskImage } from './simDisk.ts';

export interface SimData {
  /** As the manifest of a data folder has it. */
  readonly run: string;
  /** The greatest incarnation of any life so far. */
  readonly lives: number;
  /** How often a configuration service has begun. */
  readonly generations: number;
  readonly imageById: ReadonlyMap<NodeId, DiskImage>;
  /** They remember what earlier runs did; undefined where nobody looks. */
  readonly invariants: Invariants | undefined;
}
