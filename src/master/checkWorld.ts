// What the command line says of the world, against what the chosen protocol can run in.
import type { Design } from '../kernel/design.ts';
import { isEngine } from '../kernel/engine.ts';
import { tellReal } from '../language/choice.ts';
import { LineError } from '../language/lineError.ts';
import type { FaultPlan } from '../sim/faultPlan.ts';
import { whyNoUsual } from './realFaults.ts';

export interface GivenWorld {
  readonly sim?: true;
  readonly faults?: FaultPlan;
  readonly endpoints?: string;
}

/** Throws a LineError for a world that cannot run the protocol, or not with these faults. */
export function checkWorld({ sim, faults, endpoints }: GivenWorld, protocol: Design): void {
  if (sim) {
    if (isEngine(protocol)) throw new LineError('E_ARGS', `${tellReal(protocol)}: leave --sim out`);
    return;
  }
  if (isEngine(protocol) && endpoints !== undefined) {
    throw new LineError('E_ARGS', `protocol ${protocol.name} has no addresses for --endpoints`);
  }
  if (faults === undefined) return;
  if (!isEngine(protocol)) {
    throw new LineError('E_ARGS', 'only a simulation takes --faults: add --sim');
  }
  const why = whyNoUsual(faults) ?? protocol.refuseLink?.(faults);
  if (why !== undefined) throw new LineError('E_ARGS', why);
}
