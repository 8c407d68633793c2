// A tiny process that outlives the master by a moment and cleans up. A stopped process cannot
// notice that the master is gone, so the guard kills it, and the programs of others with all that
// they started. It also removes the folder that the run created for itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardOrders } from './guard.ts';
import { killTree } from './processTree.ts';
import { killQuietly, killStrays } from './strays.ts';

/** Servers notice the master's end at the same time as this process, and may write until then. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

const stopped = new Set<number>();
let stray: string | undefined;
let folder: string | undefined;

const ORDERS: { readonly [K in keyof GuardOrders]: (params: GuardOrders[K]['params']) => object } =
  {
    'guard.stopped': ({ pids, mark }) => {
      stray = mark;
      stopped.clear();
      for (const pid of pids) stopped.add(pid);
      return {};
    },
    'guard.folder': ({ above }) => {
      try {
        folder = mkdtempSync(join(above, 'causeway-'));
        return { folder };
      } catch (error) {
        return { why: (error as Error).message };
      }
    },
  };

type Order = {
  [K in keyof GuardOrders]: { method: K; params: GuardOrders[K]['params'] };
}[keyof GuardOrders];

process.on('message', (orders: (Order & { id: number })[]) => {
  for (const { id, method, params } of orders) {
    const result = ORDERS[method](params as never);
    process.send?.([{ jsonrpc: '2.0', id, result }]);
  }
});

process.on('disconnect', () => {
  for (const pid of stopped) {
    // A negative number is the group of a program, and the program has the same one.
    if (pid < 0) killTree(-pid);
    killQuietly(pid);
  }
  if (stray !== undefined) killStrays(stray);
  if (folder !== undefined) rmSync(folder, REMOVAL);
  process.exit(0);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
