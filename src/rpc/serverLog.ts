// The log of the server that this process becomes, if the master says that it has one.
import { Log } from '../log/log.ts';
import type { Assignment } from './assignment.ts';
import { openServerDisk } from './dataFolder.ts';
import { EXIT_ENVIRONMENT, type Lifetime } from './lifetime.ts';

/** Not opened yet; undefined without one. Rejects with a LogError if its folder is no good. */
export async function createServerLog(
  { id, incarnation, protocol, log }: Assignment,
  warn: (text: string) => void,
  { fail }: Lifetime,
): Promise<Log | undefined> {
  if (log === undefined) return undefined;
  return new Log({
    disk: await openServerDisk(log.data, id),
    owner: { run: log.run, protocol, server: id },
    life: { id, incarnation },
    warn,
    onFailure: ({ code, message }) => fail(`server ${id}: ${code}: ${message}`, EXIT_ENVIRONMENT),
  });
}
