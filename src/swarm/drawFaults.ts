// Draws what the network does to messages.
import { type FaultPlan, NO_FAULTS } from '../sim/faultPlan.ts';
import type { Lot } from './lot.ts';

const CALM_SHARE = 0.4;
const EACH = 0.5;

/** Healthy in two of five; otherwise each kind of fault in every other. Numbers to be read. */
export function drawFaults(lot: Lot): FaultPlan {
  if (lot.happens(CALM_SHARE)) return NO_FAULTS;
  const faults = { ...NO_FAULTS };
  if (lot.happens(EACH)) faults.loss = lot.pick([0.02, 0.1, 0.3]);
  if (lot.happens(EACH)) faults.duplication = lot.pick([0.05, 0.2, 0.5]);
  if (lot.happens(EACH)) faults.maxDelayMs = lot.pick([20, 40, 100, 300]);
  if (lot.happens(EACH)) {
    faults.tail = lot.pick([0.02, 0.05, 0.2]);
    faults.tailDelayMs = lot.pick([500, 1500, 3000]);
  }
  return faults;
}
