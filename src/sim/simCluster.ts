// The setup of the simulated world, and the methods that it has beyond any other Cluster.
import type { Cluster, WorldSetup } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Witnessed } from '../kernel/invariants.ts';
import type { Json } from '../kernel/json.ts';
import type { FaultPlan } from './faultPlan.ts';
import type { NodeFaults } from './nodePlan.ts';
import type { Pace } from './scheduler.ts';
import type { SimData } from './simData.ts';
import type { SimDisk } from './simDisk.ts';
import type { SimService } from './simService.ts';

export interface SimSetup extends WorldSetup, Pace {
  /** The data that an earlier run has left; empty if absent. */
  readonly data?: SimData;
  /** The faults of the world; the master's messages are never lost. */
  readonly faults?: FaultPlan;
  /** Whether the protocol's invariants are checked after every event; true if absent. */
  readonly checkInvariants?: boolean;
}

/** A Cluster whose network and disks can be told to misbehave. */
export interface SimCluster extends Cluster {
  setFaults(plan: FaultPlan): void;
  /** The protocol's configuration service; tests can cut servers off from it. */
  readonly service: Pick<SimService, 'command' | 'inspect' | 'look' | 'setCutOff' | 'troubles'>;
  /** A server's disk, which outlives its lives; tests can damage it. */
  disk(id: NodeId): SimDisk;
  /** The data that another run can start from, once this one is stopped. */
  copyData(): SimData;
  /** How often the fault plan has troubled a node. */
  readonly nodeFaults: Pick<NodeFaults, 'troubles'>;
  /** Whether something has come to a live node that it has not handled. */
  isBehind(id: NodeId): boolean;
  /** How many events have run: deliveries, timers, and calls of the master. */
  readonly events: number;
  /** How often the fault plan has begun a new run on the disks of this one. */
  readonly newRuns: number;
  /** How often a log has been compacted. */
  readonly compactions: number;
  /** Every live node with its state. */
  living(): Witnessed[];
  /**
   * A live node's answer to a control method that it answers at once. The call is no event, so it
   * changes nothing.
   */
  look(id: NodeId, method: string, params: Json): Json;
  /** To be called between two events: code outside may use real time until the next one. */
  rest(): void;
  /** Ends the run where it stands: every wait for this world rejects with `why`. */
  halt(why: Error): void;
}
