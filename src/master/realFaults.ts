// The faults of the command line on real programs: those of messages between nodes.
import _ from 'lodash';
import { toEighths, type Usual } from '../kernel/traffic.ts';
import { type FaultPlan, NO_FAULTS } from '../sim/faultPlan.ts';

/** Why real programs cannot have such faults, in a sentence; undefined if they can. */
export function whyNoUsual(plan: FaultPlan): string | undefined {
  const { loss, duplication, minDelayMs, maxDelayMs, tail, tailDelayMs } = plan;
  const ofMessages = { loss, duplication, minDelayMs, maxDelayMs, tail, tailDelayMs };
  if (_.isEqual(plan, { ...NO_FAULTS, ...ofMessages })) return undefined;
  return 'real programs take loss, duplication, delay and tail; other faults need --sim';
}

/** A plan that names no delay adds none: a real message takes its time anyway. */
export function toUsual(plan: FaultPlan): Usual {
  const { loss, duplication, minDelayMs, maxDelayMs, tail, tailDelayMs } = plan;
  const isSet = minDelayMs !== NO_FAULTS.minDelayMs || maxDelayMs !== NO_FAULTS.maxDelayMs;
  const [least, most] = isSet ? [minDelayMs, maxDelayMs] : [0, 0];
  return {
    loss,
    duplication,
    delay: (random) => {
      const isHeldUp = tail > 0 && random() < tail;
      return toEighths(least + random() * Math.max(0, (isHeldUp ? tailDelayMs : most) - least));
    },
  };
}
