// Creates the log of the server that this process hosts.
import { Log } from '../log/log.ts';
import type { Assignment } from './assignment.ts';
import { openServerDisk } from './dataFolder.ts';
import { EXIT_ENVIRONMENT, type Lifetime } from './lifetime.ts';

/** The log is not opened yet. Rejects with a LogError if its folder cannot be used. */
export async function createServerLog(
  { id, incarnation, protocol }: Assignment,
  log: NonNullable<Assignment['log']>,
  warn: (text: string) => void,
  { fail }: Lifetime,
): Promise<Log> {
  return new Log({
    disk: await openServerDisk(log.data, id),
    owner: { run: log.run, protocol, server: id },
    life: { id, incarnation },
    warn,
    onFailure: ({ code, message }) => fail(`server ${id}: ${code}: ${message}`, EXIT_ENVIRONMENT),
  });
}
