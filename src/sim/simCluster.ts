// What the simulated world is built from, and what may be asked of it beyond any other Cluster.
import type { Cluster, WorldSetup } from '../kernel/cluster.ts';
import type { NodeId } from '../kernel/ids.ts';
import type { Json } from '../kernel/json.ts';
import type { Witnessed } from '../kernel/protocol.ts';
import type { FaultPlan } from './faultPlan.ts';
import type { Pace } from './scheduler.ts';
import type { SimData } from './simData.ts';
import type { SimDisk } from './simDisk.ts';
import type { SimService } from './simService.ts';

export interface SimSetup extends WorldSetup, Pace {
  /** What an earlier run has left; nothing unless told. */
  readonly data?: SimData;
  /** What goes wrong with messages between nodes, and with disks; the master's words are safe. */
  readonly faults?: FaultPlan;
  /** Whether the protocol's invariants are checked after every event; they are unless told. */
  readonly checkInvariants?: boolean;
}

/** A Cluster whose network and disks can be told to misbehave. */
export interface SimCluster extends Cluster {
  setFaults(plan: FaultPlan): void;
  /** The protocol's configuration service, for who wants to cut servers off from it. */
  readonly service: Pick<SimService, 'command' | 'setCutOff' | 'troubles'>;
  /** A server's disk, which outlives its lives; for who wants to damage it. */
  disk(id: NodeId): SimDisk;
  /** What another run would go on with, once this one is stopped. */
  copyData(): SimData;
  /** How many events have run: deliveries, timers, and what the master asked for. */
  readonly events: number;
  /** How often the fault plan has begun a new run on the disks of this one. */
  readonly newRuns: number;
  /** How often a log has been compacted. */
  readonly compactions: number;
  /** Every living node with its state. */
  living(): Witnessed[];
  /**
   * What a living node answers to a control method that it answers at once. There is no event in
   * it, so looking changes nothing.
   */
  look(id: NodeId, method: string, params: Json): Json;
}
