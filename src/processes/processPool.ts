// Starts processes before they are needed. A process is not assigned to a node until the cluster
// does so, so any process of the right role can be used.
import type { Role } from '../kernel/ids.ts';
import { findBundles, loadExeca, NodeProcess } from './nodeProcess.ts';

/**
 * The maximum number of waiting processes: a long script must not start all its processes at once.
 */
const MAX_SPARE = 16;

export type RoleCounts = { readonly [role in Role]?: number };

export interface PoolSetup {
  /** The folder of the built programs; by default that of this build. */
  readonly bundles?: string;
}

export interface ProcessPool {
  readonly bundles: string;
  /** Announces that this many processes will be taken soon. Starts them ahead, up to a limit. */
  expect(counts: RoleCounts): void;
  /** Lets all processes load this protocol while they wait, those that start later too. */
  prepare(protocol: string): void;
  /** Returns an unassigned process; starts one if none waits. Rejects with EnvironmentError. */
  take(role: Role): Promise<NodeProcess>;
  /** How many processes wait now. */
  spare(): number;
  /** Ends the waiting processes, and those that are still taken after this call. */
  stop(): Promise<void>;
}

export function createProcessPool({ bundles = findBundles() }: PoolSetup = {}): ProcessPool {
  const expected = { server: 0, client: 0 };
  const spare: { readonly [role in Role]: Promise<NodeProcess>[] } = { server: [], client: [] };
  let isStopped = false;
  let prepared: string | undefined;
  void loadExeca();

  const start = (role: Role): Promise<NodeProcess> => {
    const started = NodeProcess.start(role, bundles);
    // The caller of `take` handles the failure; this prevents an unhandled rejection.
    started.catch(() => undefined);
    if (prepared !== undefined) prepareLater(started, prepared);
    return started;
  };
  const refill = (): void => {
    for (const role of ['server', 'client'] as const) {
      while (expected[role] > spare[role].length && countSpare() < MAX_SPARE && !isStopped) {
        spare[role].push(start(role));
      }
    }
  };
  const countSpare = (): number => spare.server.length + spare.client.length;

  return {
    bundles,
    expect: (counts) => {
      expected.server += counts.server ?? 0;
      expected.client += counts.client ?? 0;
      refill();
    },
    prepare: (protocol) => {
      prepared = protocol;
      for (const started of [...spare.server, ...spare.client]) prepareLater(started, protocol);
    },
    take: async (role) => {
      const waiting = spare[role].shift();
      expected[role] = Math.max(0, expected[role] - 1);
      refill();
      const ready = await waiting;
      const process = ready === undefined || ready.isGone ? await start(role) : ready;
      if (isStopped) await process.kill();
      return process;
    },
    spare: countSpare,
    stop: async () => {
      isStopped = true;
      const unused = [...spare.server.splice(0), ...spare.client.splice(0)];
      const started = await Promise.allSettled(unused);
      await Promise.all(
        started.map((result) => (result.status === 'fulfilled' ? result.value.kill() : undefined)),
      );
    },
  };
}

/** A process that cannot be started is reported when it is taken. */
function prepareLater(started: Promise<NodeProcess>, protocol: string): void {
  started.then((process) => process.prepare(protocol)).catch(() => undefined);
}
