// What the machine is to blame for, and what is a bug.
import { EnvironmentError } from '../kernel/cluster.ts';
import { escapeControls } from '../language/printable.ts';
import { isScarcity } from '../rpc/scarcity.ts';

/**
 * The fault of the environment that an error stands for; undefined for a bug. Too few file
 * descriptors can show anywhere, where a part of the program is loaded too.
 */
export function toEnvironmentError(error: unknown): EnvironmentError | undefined {
  if (error instanceof EnvironmentError) return error;
  return isScarcity(error) ? new EnvironmentError('E_LIMIT', (error as Error).message) : undefined;
}

/** The line that stderr has for it. */
export function describeFault({ code, message }: EnvironmentError): string {
  return `causeway: ${code}: ${escapeControls(message)}\n`;
}
