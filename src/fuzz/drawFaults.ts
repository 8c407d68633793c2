// Draws what goes wrong with messages, with disks and with the configuration service.
import { type FaultPlan, NO_FAULTS } from '../sim/faultPlan.ts';
import type { NetworkPlan } from '../sim/network.ts';
import { type ServicePlan, USUAL_SERVICE } from '../sim/servicePlan.ts';
import type { DiskPlan } from '../sim/simDisk.ts';
import type { Lot } from './lot.ts';

const CALM_SHARE = 0.4;
const EACH = 0.5;
/** What takes servers away comes seldom enough that something else still happens. */
const EACH_GRAVE = 0.35;

/** Numbers to be read. Disks are only there where servers have logs. */
export function drawFaults(lot: Lot, hasLogs: boolean): FaultPlan {
  const network = lot.happens(CALM_SHARE) ? NO_FAULTS : drawNetwork(lot);
  const areDisksWell = !hasLogs || lot.happens(CALM_SHARE);
  const disks = areDisksWell ? NO_FAULTS.disks : drawDisks(lot);
  const recordWeight = hasLogs && lot.happens(EACH) ? lot.pick([100, 1_000, 10_000]) : 1;
  const newRun = hasLogs && lot.happens(EACH) ? lot.pick([0.5, 1]) : 0;
  return { ...network, disks: { ...disks, recordWeight }, service: USUAL_SERVICE, newRun };
}

/** What goes wrong with a configuration service: it is slow, or servers are cut off from it. */
export function drawServiceFaults(lot: Lot): ServicePlan {
  const plan = { ...USUAL_SERVICE };
  if (lot.happens(CALM_SHARE)) return plan;
  if (lot.happens(EACH)) plan.maxDelayMs = lot.pick([20, 100, 300]);
  if (lot.happens(EACH)) {
    plan.tail = lot.pick([0.05, 0.2]);
    plan.tailDelayMs = lot.pick([500, 1500, 3000]);
  }
  if (lot.happens(EACH_GRAVE)) plan.cutOff = lot.pick([0.1, 0.3]);
  return plan;
}

function drawNetwork(lot: Lot): NetworkPlan {
  const plan = { ...NO_FAULTS };
  if (lot.happens(EACH)) plan.loss = lot.pick([0.02, 0.1, 0.3]);
  if (lot.happens(EACH)) plan.duplication = lot.pick([0.05, 0.2, 0.5]);
  if (lot.happens(EACH)) plan.maxDelayMs = lot.pick([20, 40, 100, 300]);
  if (lot.happens(EACH)) {
    plan.tail = lot.pick([0.02, 0.05, 0.2]);
    plan.tailDelayMs = lot.pick([500, 1500, 3000]);
  }
  return plan;
}

function drawDisks(lot: Lot): DiskPlan {
  const plan = { ...NO_FAULTS.disks };
  if (lot.happens(EACH)) {
    plan.minDelayMs = 1;
    plan.maxDelayMs = lot.pick([5, 20, 60]);
  }
  if (lot.happens(EACH)) {
    plan.tail = lot.pick([0.02, 0.1]);
    plan.tailDelayMs = lot.pick([300, 600, 1500]);
  }
  if (lot.happens(EACH_GRAVE)) plan.full = lot.pick([0.01, 0.05, 0.2]);
  if (lot.happens(EACH_GRAVE)) plan.failure = lot.pick([0.005, 0.02, 0.08]);
  return plan;
}
