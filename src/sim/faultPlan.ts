// What goes wrong in a simulated world without anybody's order: to messages, to disks, to the
// configuration service.
import { HEALTHY_NETWORK, type NetworkPlan } from './network.ts';
import { type ServicePlan, USUAL_SERVICE } from './servicePlan.ts';
import { type DiskPlan, USUAL_DISK } from './simDisk.ts';

/** The network's part lies open, because most plans have nothing else. */
export interface FaultPlan extends NetworkPlan {
  /** Every server's disk; only servers with logs have one. */
  readonly disks: DiskPlan;
  /** The configuration service, where the protocol has one. */
  readonly service: ServicePlan;
  /**
   * How often, when the last living server has died, the next begins a new run on the disks of this
   * one: the configuration service then has forgotten everything. Only where servers have logs.
   */
  readonly newRun: number;
}

export const NO_FAULTS: FaultPlan = {
  ...HEALTHY_NETWORK,
  disks: USUAL_DISK,
  service: USUAL_SERVICE,
  newRun: 0,
};
