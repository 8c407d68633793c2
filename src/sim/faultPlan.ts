// What goes wrong in a simulated world without anybody's order: to messages, to disks, to what the
// master remembers.
import { HEALTHY_NETWORK, type NetworkPlan } from './network.ts';
import { type DiskPlan, USUAL_DISK } from './simDisk.ts';

/** The network's part lies open, because most plans have nothing else. */
export interface FaultPlan extends NetworkPlan {
  /** Every server's disk; only servers with logs have one. */
  readonly disks: DiskPlan;
  /**
   * How often, when the last living server has died, the next begins a new run on the disks of this
   * one: the configuration service then has forgotten everything. Only where servers have logs.
   */
  readonly newRun: number;
}

export const NO_FAULTS: FaultPlan = { ...HEALTHY_NETWORK, disks: USUAL_DISK, newRun: 0 };
