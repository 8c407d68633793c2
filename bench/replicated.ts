// Durable puts and linearizable gets beside etcd, on the same disk in the same minutes: three
// servers of a chain and three of a quorum with logs, and three of etcd, by its gRPC and by its
// JSON gateway.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd } from './etcd.ts';
import { measure, rowsOf } from './figures.ts';
import { showTable } from './measure.ts';
import { callsOf, keyOf, startReplicated, VALUE } from './replicas.ts';

async function measureBesidePeer(folder: string): Promise<void> {
  const quorum = await startReplicated('quorum', 3, { storage: 'log' }, join(folder, 'quorum'));
  const chain = await startReplicated('chain', 3, { storage: 'log' }, join(folder, 'chain'));
  const etcd = await startEtcd(folder);
  if (etcd === undefined) {
    process.stdout.write('etcd is not installed (Debian: etcd-server): the table needs it\n\n');
  } else {
    const taken = await measure({
      etcdPut: (count) => etcd.put(keyOf(count), VALUE),
      etcdGet: (count) => etcd.get(keyOf(count)),
      gatewayPut: (count) => etcd.gateway.put(keyOf(count), VALUE),
      gatewayGet: (count) => etcd.gateway.get(keyOf(count)),
      quorumPut: callsOf(quorum).put,
      quorumGet: callsOf(quorum).get,
      chainPut: callsOf(chain).put,
      chainGet: callsOf(chain).get,
    });
    showTable("etcd's gRPC", [
      ...rowsOf('durable puts, chain', taken.chainPut, taken.etcdPut, 1.5),
      ...rowsOf("durable puts, etcd's JSON gateway", taken.gatewayPut, taken.etcdPut),
      ...rowsOf('durable puts, quorum', taken.quorumPut, taken.etcdPut, 1),
      ...rowsOf('linearizable gets, chain', taken.chainGet, taken.etcdGet, 1.5),
      ...rowsOf("linearizable gets, etcd's JSON gateway", taken.gatewayGet, taken.etcdGet),
      ...rowsOf('gets, quorum', taken.quorumGet, taken.etcdGet),
    ]);
    await etcd.stop();
  }
  await chain.stop();
  await quorum.stop();
}

const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-replicated-'));
try {
  await measureBesidePeer(folder);
} finally {
  rmSync(folder, { recursive: true });
}
