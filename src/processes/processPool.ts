// Processes that are started before they are needed. A process does not know who it will be until
// the cluster tells it, so any one of the right role will do.
import type { Role } from '../kernel/ids.ts';
import { findBundles, loadExeca, NodeProcess } from './nodeProcess.ts';

/** The most processes that wait unused: a long script must not start all it will ever need. */
const MAX_SPARE = 16;

export type RoleCounts = { readonly [role in Role]?: number };

export interface PoolSetup {
  /** The folder with the built programs; the one of this very build unless told. */
  readonly bundles?: string;
}

export interface ProcessPool {
  readonly bundles: string;
  /** Says that so many more will be taken soon. Starts them, a bounded number ahead. */
  expect(counts: RoleCounts): void;
  /** A process that is nobody yet, started now if none waits. Rejects with EnvironmentError. */
  take(role: Role): Promise<NodeProcess>;
  /** How many wait now. */
  spare(): number;
  /** Ends the processes that nobody took, and those that are still taken after it. */
  stop(): Promise<void>;
}

export function createProcessPool({ bundles = findBundles() }: PoolSetup = {}): ProcessPool {
  const expected = { server: 0, client: 0 };
  const spare: { readonly [role in Role]: Promise<NodeProcess>[] } = { server: [], client: [] };
  let isStopped = false;
  void loadExeca();

  const start = (role: Role): Promise<NodeProcess> => {
    const started = NodeProcess.start(role, bundles);
    // Whoever takes it hears of the failure; until then it is nobody's.
    started.catch(() => undefined);
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
