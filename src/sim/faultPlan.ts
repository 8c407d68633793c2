// What goes wrong in a simulated world without anybody's order: to messages, and to disks.
import { HEALTHY_NETWORK, type NetworkPlan } from './network.ts';
import { type DiskPlan, USUAL_DISK } from './simDisk.ts';

/** The network's part lies open, because most plans have nothing else. */
export interface FaultPlan extends NetworkPlan {
  /** Every server's disk; only servers with logs have one. */
  readonly disks: DiskPlan;
}

export const NO_FAULTS: FaultPlan = { ...HEALTHY_NETWORK, disks: USUAL_DISK };
