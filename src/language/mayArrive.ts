// Decides which lines may be under way together (arrivals.ts).
import { hasService } from '../kernel/design.ts';
import type { Action } from './command.ts';
import { LineError } from './lineError.ts';
import type { Run } from './run.ts';

/**
 * Whether a line may be under way together with those before it. The first one runs alone: it
 * creates the world. So do all lines of a run with a configuration service or with logs, which see
 * which life began first; and a line that will be refused.
 */
export function mayArrive(run: Run, { check }: Action): boolean {
  if (check === undefined || !run.isBegun || run.cluster.startsTogether !== true) return false;
  if (run.hasLogs || hasService(run.protocol)) return false;
  try {
    check(run);
    return true;
  } catch (error) {
    if (error instanceof LineError) return false;
    throw error;
  }
}
