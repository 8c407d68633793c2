// What scripts may do with a protocol's configuration service, which the master hosts.
import { hasService } from '../kernel/design.ts';
import { CallError } from '../kernel/errors.ts';
import { LineError } from './lineError.ts';
import { formatJson } from './printable.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';

/** Throws a LineError for a protocol without a service. */
export function assertHasService({ protocol }: Run): void {
  if (hasService(protocol)) return;
  throw new LineError('E_UNSUPPORTED', `protocol ${protocol.name} has no configuration service`);
}

/** Prints the state of the service. Throws a LineError for a protocol without a service. */
export async function inspectService(run: Run, report: LineReport): Promise<void> {
  assertHasService(run);
  const { service } = await run.openCluster();
  try {
    const state = await service.inspect();
    report.print([formatJson(state)], { command: 'inspect', state });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    report.outcome(error.code, error.message);
  }
}
