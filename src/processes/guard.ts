// The master's end of the guard process (guardMain.ts). The guard is started when there is
// something that a killed master could leave behind.
import { CALL_TIMEOUT_MS } from '../kernel/limits.ts';
import { NodeProcess } from './nodeProcess.ts';

/** The orders to the guard, by method, with their answers. */
export interface GuardOrders {
  /**
   * What the master's end would leave behind: stopped (SIGSTOP) processes, groups of programs of
   * others as negative numbers, and how the marks begin of all that these start.
   */
  readonly 'guard.stopped': {
    readonly params: { readonly pids: number[]; readonly mark?: string };
    readonly result: object;
  };
  /** Creates a folder in `above`; answers with its path, or why it cannot be created. */
  readonly 'guard.folder': {
    readonly params: { readonly above: string };
    readonly result: { readonly folder?: string; readonly why?: string };
  };
}

export interface Guard {
  /** Undefined until the guard is started. */
  readonly pid: number | undefined;
  /**
   * Resolves when the guard has recorded the process, or the group of a negative number; only then
   * may it be stopped.
   */
  add(pid: number): Promise<void>;
  remove(pid: number): Promise<void>;
  /**
   * Creates a folder that the guard removes after the master's end, also if the master is killed.
   * In a normal run the caller removes it before. Rejects with an Error that says why it cannot be
   * created.
   */
  makeFolder(above: string): Promise<string>;
  stop(): Promise<void>;
}

/** How long the guard may take to start and to answer, on a machine under load. */
const GUARD_TIMEOUT_MS = 30 * CALL_TIMEOUT_MS;

/** The marks of programs of others begin with `mark` (strays.ts), if there can be any. */
export function createGuard(bundles: string, mark?: string): Guard {
  const pids = new Set<number>();
  let guard: Promise<NodeProcess> | undefined;
  let pid: number | undefined;
  const tell = async <K extends keyof GuardOrders>(
    method: K,
    params: GuardOrders[K]['params'],
  ): Promise<GuardOrders[K]['result']> => {
    guard ??= NodeProcess.start('guard', bundles);
    const process = await guard;
    pid = process.pid;
    return (await process.call(method, params, GUARD_TIMEOUT_MS)) as object;
  };
  const tellStopped = () =>
    tell('guard.stopped', { pids: [...pids], ...(mark !== undefined && { mark }) });
  return {
    get pid() {
      return pid;
    },
    add: async (pid) => {
      pids.add(pid);
      await tellStopped();
    },
    remove: async (pid) => {
      if (pids.delete(pid)) await tellStopped();
    },
    makeFolder: async (above) => {
      const { folder, why } = await tell('guard.folder', { above });
      if (folder === undefined) throw new Error(why);
      return folder;
    },
    stop: async () => {
      const process = await guard?.catch(() => undefined);
      await process?.kill();
    },
  };
}
