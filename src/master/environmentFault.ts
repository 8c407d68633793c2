// Distinguishes faults of the environment from bugs.
import { EnvironmentError } from '../kernel/cluster.ts';
import { escapeControls } from '../language/printable.ts';
import { isScarcity } from '../rpc/scarcity.ts';

/**
 * The fault of the environment that an error stands for; undefined for a bug. A lack of file
 * descriptors can appear anywhere, even where a part of the program is loaded.
 */
export function toEnvironmentError(error: unknown): EnvironmentError | undefined {
  if (error instanceof EnvironmentError) return error;
  return isScarcity(error) ? new EnvironmentError('E_LIMIT', (error as Error).message) : undefined;
}

/** The line for it on stderr. */
export function describeFault({ code, message }: EnvironmentError): string {
  return `causeway: ${code}: ${escapeControls(message)}\n`;
}
