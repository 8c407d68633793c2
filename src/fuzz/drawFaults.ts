// Draws the faults of messages, of nodes, of disks, of the master and of the configuration service.
import { type FaultPlan, NO_FAULTS } from '../sim/faultPlan.ts';
import type { NetworkPlan } from '../sim/network.ts';
import { HEALTHY_NODES, type NodePlan } from '../sim/nodePlan.ts';
import { type ServicePlan, USUAL_SERVICE } from '../sim/servicePlan.ts';
import type { DiskPlan } from '../sim/simDisk.ts';
import type { RandomSource } from './randomSource.ts';

const CALM_SHARE = 0.4;
/** The share of scripts in which something may be wrong with nodes. */
const NODE_SHARE = 0.25;
const EACH = 0.5;
/** Faults that remove servers are rare, so that other things happen too. */
const EACH_GRAVE = 0.35;

/** Draws readable numbers. Disk faults are drawn only if servers have logs. */
export function drawFaults(random: RandomSource, hasLogs: boolean): FaultPlan {
  const network = random.happens(CALM_SHARE) ? NO_FAULTS : drawNetwork(random);
  const areDisksWell = !hasLogs || random.happens(CALM_SHARE);
  const disks = areDisksWell ? NO_FAULTS.disks : drawDisks(random);
  const recordWeight = hasLogs && random.happens(EACH) ? random.pick([100, 1_000, 10_000]) : 1;
  const newRun = hasLogs && random.happens(EACH) ? random.pick([0.5, 1]) : 0;
  const others = { nodes: HEALTHY_NODES, service: USUAL_SERVICE, newRun };
  return { ...network, disks: { ...disks, recordWeight }, ...others };
}

/** What goes wrong with single nodes: their clocks, or how fast and how steadily they work. */
export function drawNodeFaults(random: RandomSource): NodePlan {
  const plan = { ...HEALTHY_NODES };
  if (!random.happens(NODE_SHARE)) return plan;
  if (random.happens(EACH_GRAVE)) {
    plan.drifting = random.pick([0.3, 1]);
    plan.drift = random.pick([0.01, 0.1, 0.3]);
  }
  if (random.happens(EACH_GRAVE)) {
    plan.jumping = random.pick([0.2, 0.5]);
    plan.jumpMs = random.pick([100, 1000, 10_000]);
  }
  if (random.happens(EACH_GRAVE)) {
    plan.slow = random.pick([0.1, 0.3, 1]);
    plan.stepMs = random.pick([1, 5, 20]);
  }
  if (random.happens(EACH_GRAVE)) {
    plan.stall = random.pick([0.001, 0.01]);
    plan.stallMs = random.pick([300, 1000, 3000]);
  }
  return plan;
}

/** What goes wrong with a configuration service: it is slow, or servers are cut off from it. */
export function drawServiceFaults(random: RandomSource): ServicePlan {
  const plan = { ...USUAL_SERVICE };
  if (random.happens(CALM_SHARE)) return plan;
  if (random.happens(EACH)) plan.maxDelayMs = random.pick([20, 100, 300]);
  if (random.happens(EACH)) {
    plan.tail = random.pick([0.05, 0.2]);
    plan.tailDelayMs = random.pick([500, 1500, 3000]);
  }
  if (random.happens(EACH_GRAVE)) plan.cutOff = random.pick([0.1, 0.3]);
  return plan;
}

function drawNetwork(random: RandomSource): NetworkPlan {
  const plan = { ...NO_FAULTS };
  if (random.happens(EACH)) plan.loss = random.pick([0.02, 0.1, 0.3]);
  if (random.happens(EACH)) plan.duplication = random.pick([0.05, 0.2, 0.5]);
  if (random.happens(EACH)) plan.maxDelayMs = random.pick([20, 40, 100, 300]);
  if (random.happens(EACH)) {
    plan.tail = random.pick([0.02, 0.05, 0.2]);
    plan.tailDelayMs = random.pick([500, 1500, 3000]);
  }
  return plan;
}

function drawDisks(random: RandomSource): DiskPlan {
  const plan = { ...NO_FAULTS.disks };
  if (random.happens(EACH)) {
    plan.minDelayMs = 1;
    plan.maxDelayMs = random.pick([5, 20, 60]);
  }
  if (random.happens(EACH)) {
    plan.tail = random.pick([0.02, 0.1]);
    plan.tailDelayMs = random.pick([300, 600, 1500]);
  }
  if (random.happens(EACH_GRAVE)) plan.full = random.pick([0.01, 0.05, 0.2]);
  if (random.happens(EACH_GRAVE)) plan.failure = random.pick([0.005, 0.02, 0.08]);
  return plan;
}
