// The master's end of the guard process (guardMain.ts), which is started with the first pause.
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import { NodeProcess } from './nodeProcess.ts';

export interface PauseGuard {
  /** Undefined until there is one. */
  readonly pid: number | undefined;
  /** Resolves when the guard knows of it: only then may the process be stopped. */
  add(pid: number): Promise<void>;
  remove(pid: number): Promise<void>;
  stop(): Promise<void>;
}

/** How long the guard may take to start and to answer, on a machine under load. */
const GUARD_TIMEOUT_MS = 30 * CALL_TIMEOUT_MS;

export function createPauseGuard(bundles: string): PauseGuard {
  const pids = new Set<number>();
  let guard: Promise<NodeProcess> | undefined;
  let pid: number | undefined;
  const tell = async (): Promise<void> => {
    guard ??= NodeProcess.start('guard', bundles);
    const process = await guard;
    pid = process.pid;
    await process.call('guard.stopped', { pids: [...pids] }, GUARD_TIMEOUT_MS);
  };
  return {
    get pid() {
      return pid;
    },
    add: async (pid) => {
      pids.add(pid);
      await tell();
    },
    remove: async (pid) => {
      if (pids.delete(pid)) await tell();
    },
    stop: async () => {
      const process = await guard?.catch(() => undefined);
      await process?.kill();
    },
  };
}
