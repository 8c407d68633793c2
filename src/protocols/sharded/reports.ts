// What the disks of servers had when their latest lives began: a new run on old disks begins when
// every server of the earlier runs has reported. Pure.
import type { NodeId } from '../../kernel/ids.ts';
import type { DiskReport } from './messages.ts';
import { type RecoveredRun, resumeFrom } from './recovery.ts';

export class Reports {
  readonly #earlier: readonly NodeId[];
  /** Null for an empty disk. */
  readonly #disks = new Map<NodeId, DiskReport | null>();

  /** The servers of earlier runs. */
  constructor(earlier: readonly NodeId[]) {
    this.#earlier = earlier;
  }

  add(id: NodeId, report: DiskReport | null): void {
    this.#disks.set(id, report);
  }

  /** The servers of earlier runs whose reports are missing. */
  get awaited(): NodeId[] {
    const known = [...this.#disks.values()].flatMap(
      (disk) => disk?.configuration.groups.flatMap(({ members }) => members) ?? [],
    );
    return [...new Set([...this.#earlier, ...known])].filter((id) => !this.#disks.has(id));
  }

  /** Undefined if all disks are empty. */
  resume(): RecoveredRun | undefined {
    return resumeFrom(this.#disks);
  }
}
