// The faults that a simulated world injects at random: in messages, nodes, disks and the
// configuration service.
import { HEALTHY_NETWORK, type NetworkPlan } from './network.ts';
import { HEALTHY_NODES, type NodePlan } from './nodePlan.ts';
import { type ServicePlan, USUAL_SERVICE } from './servicePlan.ts';
import { type DiskPlan, USUAL_DISK } from './simDisk.ts';

/** The network's faults are direct fields, because most plans have no others. */
export interface FaultPlan extends NetworkPlan {
  /** For the clocks and the execution of every node. */
  readonly nodes: NodePlan;
  /** For every server's disk; only servers with logs have one. */
  readonly disks: DiskPlan;
  /** For the configuration service, if the protocol has one. */
  readonly service: ServicePlan;
  /**
   * The probability that, after the last live server has died, the next join begins a new run on
   * the same disks: the configuration service then starts without its state. Only if servers have
   * logs.
   */
  readonly newRun: number;
}

export const NO_FAULTS: FaultPlan = {
  ...HEALTHY_NETWORK,
  nodes: HEALTHY_NODES,
  disks: USUAL_DISK,
  service: USUAL_SERVICE,
  newRun: 0,
};
