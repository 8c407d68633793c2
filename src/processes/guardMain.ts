// A tiny process that outlives the master by a moment. A stopped process cannot notice that the
// master is gone; this one does, and kills those that are stopped.

const stopped = new Set<number>();

process.on('message', (orders: { id: number; params: { pids: number[] } }[]) => {
  for (const { id, params } of orders) {
    stopped.clear();
    for (const pid of params.pids) stopped.add(pid);
    process.send?.([{ jsonrpc: '2.0', id, result: {} }]);
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
  process.exit(0);
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
