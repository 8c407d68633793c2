// How long it takes until a node answers, against processes that do nothing.
import { request } from 'node:http';
import { loadExeca } from '../src/processes/nodeProcess.ts';
import { runBareNode, runTenBareNodes } from './floors.ts';
import { interleave, showTable } from './measure.ts';
import { createProcessTestbed } from './testbed.ts';

const ROUNDS = 15;
const SERVERS = [0, 1, 2, 3, 4];

/** From the start of the process to its answer to a call of the master. */
async function firstAnswer(): Promise<number> {
  const begun = performance.now();
  const testbed = createProcessTestbed('eager', { server: 1 });
  await testbed.start(0, 'server');
  await testbed.ask(0, 'printStore', {});
  const took = performance.now() - begun;
  await testbed.stop();
  return took;
}

/**
 * From the start of the process to its answer to a call over HTTP, as a person with curl has it.
 */
async function firstHttpAnswer(): Promise<number> {
  const begun = performance.now();
  const testbed = createProcessTestbed('eager', { server: 1 });
  await testbed.start(0, 'server');
  const { nodes, tokens } = testbed.cluster.endpoints();
  await postPrintStore(nodes[0]?.port ?? 0, tokens.master);
  const took = performance.now() - begun;
  await testbed.stop();
  return took;
}

function postPrintStore(port: number, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/rpc', method: 'POST', headers },
      (response) => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        response.resume().once('end', resolve);
      },
    );
    asked.once('error', reject);
    asked.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'printStore', params: {} }));
  });
}

/** Five servers and five clients: started, one call each (the clients' are puts), ended. */
async function tenProcesses(): Promise<number> {
  const begun = performance.now();
  const { length } = SERVERS;
  const testbed = createProcessTestbed('eager', { server: length, client: length });
  await Promise.all(
    SERVERS.map(async (server) => {
      const client = length + server;
      await Promise.all([testbed.start(server, 'server'), testbed.start(client, 'client')]);
      await testbed.link(client, server);
      await Promise.all([
        testbed.ask(server, 'printStore', {}),
        testbed.operate(client, 'put', { key: 'k', value: 'v' }),
      ]);
    }),
  );
  await testbed.stop();
  return performance.now() - begun;
}

// The master loads it once, while the first process starts; here it is not to count at all.
await loadExeca();
const one = await interleave(ROUNDS, {
  bare: runBareNode,
  server: firstAnswer,
  http: firstHttpAnswer,
});
const { server, http } = one;
showTable('node -e 0', [
  { what: "a server's first answer", measured: server, floor: one.bare, unit: 'ms', most: 1.5 },
  { what: '  over POST /rpc', measured: http, floor: one.bare, unit: 'ms' },
]);
const ten = await interleave(ROUNDS, { bare: runTenBareNodes, nodes: tenProcesses });
const what = 'five servers, five clients: started, one call each, ended';
showTable('ten at once', [{ what, measured: ten.nodes, floor: ten.bare, unit: 'ms', most: 2 }]);
