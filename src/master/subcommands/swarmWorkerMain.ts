// A process of the swarm: runs the seeds that it is sent, and returns their results. The simulation
// puts a fence around the globals of its process, so each core has a process of its own.

import { createScriptLanguage } from '../../fuzz/scriptSession.ts';
import { runBatch } from '../../fuzz/search.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import type { WorkerOrder } from './swarmWorkers.ts';

// A stack for each call that fails takes a tenth of the time. `replay` shows it for a seed.
Error.stackTraceLimit = 0;

const language = createScriptLanguage(PROTOCOLS);

process.on('message', ({ protocol: name, ...range }: WorkerOrder) => {
  const protocol = PROTOCOLS.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no protocol ${name}`);
  void runBatch(language, protocol, range).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C at a terminal goes to every process: the master ends this one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
