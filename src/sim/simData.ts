// What outlives a simulated run: the disks of its servers, and how far runs and lives were counted.
// Another run may go on with it, as real runs do with a data folder.
import type { NodeId } from '../kernel/ids.ts';
import { LOG } from '../log/recovery.ts';
import type { SimDisk } from './simDisk.ts';

export class SimData {
  /** As the manifest of a data folder has it. */
  readonly run: string;
  readonly diskById = new Map<NodeId, SimDisk>();
  #lives = 0;
  #generations = 0;

  constructor(run: string) {
    this.run = run;
  }

  /** The greatest incarnation that any life on this data has had. */
  get lives(): number {
    return this.#lives;
  }

  /** The servers that have begun a log, as far as their disks show. */
  get begun(): NodeId[] {
    return [...this.diskById].flatMap(([id, disk]) =>
      disk.durableFile(LOG) === undefined ? [] : [id],
    );
  }

  reserve(incarnation: number): void {
    this.#lives = Math.max(this.#lives, incarnation);
  }

  /** Counts from 0 the times that somebody began anew with this data. */
  nextGeneration(): number {
    this.#generations += 1;
    return this.#generations - 1;
  }
}
