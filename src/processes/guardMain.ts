// A tiny process that outlives the master by a moment. A stopped process cannot notice that the
// master is gone, and none can take a folder along; this one does what is left to do: it kills
// those that are stopped, and removes the folder that the run had for itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardOrders } from './guard.ts';

/** Servers notice the master's end when this does, and may write something until then. */
const REMOVAL = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const;

const stopped = new Set<number>();
let folder: string | undefined;

const ORDERS: { readonly [K in keyof GuardOrders]: (params: GuardOrders[K]['params']) => object } =
  {
    'guard.stopped': ({ pids }) => {
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
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone already, which is what we want.
    }
  }
  if (folder !== undefined) rmSync(folder, REMOVAL);
  process.exit(0);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
