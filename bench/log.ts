// What it costs to have each write on the disk before it is acknowledged: in the log alone, and
// through the master, a client and a server; against a loop that only writes and syncs. And how
// long a million records take to come back.
import {
  closeSync,
  fdatasyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../src/log/log.ts';
import { type DataFolder, openDataFolder } from '../src/rpc/dataFolder.ts';
import { createNodeDisk } from '../src/rpc/nodeDisk.ts';
import { type Call, measureP50, measureRate } from './calls.ts';
import { interleave, showTable } from './measure.ts';
import { createProcessTestbed } from './testbed.ts';

const ROUNDS = 5;
const WRITES = 1_500;
const IN_FLIGHT = [1, 32, 256] as const;
const CLIENT = 100;
const RECORDS = 1_000_000;
const KEYS = 100_000;
/** So many records of the long log share a frame. */
const IN_A_GROUP = 1_000;

/** A write as the server keeps it, for a floor of as many bytes. */
const recordOf = (count: number) => ({
  kind: 'write',
  incarnation: 1,
  session: [CLIENT, 1],
  seq: count,
  key: `key${count % KEYS}`,
  value: `value ${count}`,
  guard: null,
  clock: count,
});

function createBare(folder: string): () => number {
  const file = openSync(join(folder, 'bare'), 'a');
  const bytes = Buffer.from(JSON.stringify(recordOf(1_000)));
  return () => {
    const begun = performance.now();
    for (let count = 0; count < WRITES; count += 1) {
      writeSync(file, bytes);
      fdatasyncSync(file);
    }
    return WRITES / ((performance.now() - begun) / 1_000);
  };
}

function createLog(path: string, run: string, incarnation: number): Log {
  return new Log({
    disk: createNodeDisk(path),
    owner: { run, protocol: 'causal', server: 0 },
    life: { id: 0, incarnation },
    warn: (text) => process.stderr.write(`${text}\n`),
    onFailure: (error) => {
      throw error;
    },
  });
}

/** A client and a server, with a log or without; gives its puts. Warm. */
async function createPath(data?: DataFolder): Promise<{ put: Call; stop(): Promise<void> }> {
  const testbed = createProcessTestbed('off', { server: 1, client: 1 }, data);
  await testbed.start(0, 'server');
  await testbed.start(CLIENT, 'client');
  await testbed.link(CLIENT, 0);
  const put: Call = (count) =>
    testbed.operate(CLIENT, 'put', { key: `key${count % 100}`, value: `value ${count}` });
  await measureRate(put, 6_000, 32);
  return { put, stop: () => testbed.stop() };
}

async function measureWrites(folder: string): Promise<void> {
  const bare = createBare(folder);
  const path = join(folder, 'log alone');
  mkdirSync(path);
  const log = createLog(path, 'bench', 1);
  await log.open(() => undefined);
  const append: Call = (count) => log.append(recordOf(count));
  const durable = await createPath(await openDataFolder(join(folder, 'data')));
  const forgetful = await createPath();
  for (const inFlight of IN_FLIGHT) {
    const writes = WRITES * Math.min(inFlight, 8);
    const { floor, ...measured } = await interleave(ROUNDS, {
      floor: bare,
      append: () => measureRate(append, writes, inFlight),
      put: () => measureRate(durable.put, writes, inFlight),
      without: () => measureRate(forgetful.put, writes, inFlight),
    });
    const least = inFlight === 1 ? 0.7 : inFlight === 32 ? 10 : undefined;
    const shared = { floor, unit: '/s' };
    const target = least === undefined ? {} : { least };
    // A group's puts are made one sync and one way through the processes after the other.
    const possible = measured.without.map((rate, round) => {
      const syncs = (floor[round] ?? Number.NaN) * inFlight;
      return (rate * syncs) / (rate + syncs);
    });
    showTable('bare writes and syncs', [
      { what: `appends to the log, ${inFlight} in flight`, measured: measured.append, ...shared },
      { what: `puts through the path, ${inFlight}`, measured: measured.put, ...shared, ...target },
      { what: '  without a log', measured: measured.without, ...shared },
      { what: '  of both, one sync for all in flight', measured: possible, ...shared },
    ]);
  }
  const { floor, p50 } = await interleave(ROUNDS, {
    floor: () => 1_000 / bare(),
    p50: () => measureP50(durable.put, 500),
  });
  showTable('a bare write and sync', [{ what: 'put, p50', measured: p50, floor, unit: 'ms' }]);
  await durable.stop();
  await forgetful.stop();
}

/** Reads the file and does nothing with it. */
function readBare(path: string): number {
  const begun = performance.now();
  const file = openSync(path, 'r');
  const bytes = Buffer.alloc(256 * 1024);
  while (readSync(file, bytes) > 0);
  closeSync(file);
  return (performance.now() - begun) / 1_000;
}

async function measureRecovery(folder: string): Promise<void> {
  const data = await openDataFolder(join(folder, 'long'));
  const path = join(data.path, 'server-0');
  mkdirSync(path);
  const log = createLog(path, data.run, 1);
  await log.open(() => undefined);
  for (let count = 1; count <= RECORDS; count += 1) {
    const appended = log.append(recordOf(count));
    if (count % IN_A_GROUP === 0) await appended;
  }
  const file = join(path, 'log');
  let most = 0;
  let incarnation = 1;
  const recover = async (): Promise<number> => {
    incarnation += 1;
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let records = 0;
    const begun = performance.now();
    await createLog(path, data.run, incarnation).open(() => {
      records += 1;
      if (records % 10_000 === 0) most = Math.max(most, process.memoryUsage.rss() - before);
    });
    if (records !== RECORDS) throw new Error(`${records} records came back`);
    return (performance.now() - begun) / 1_000;
  };
  const { floor, recovered } = await interleave(3, {
    floor: () => readBare(file),
    recovered: recover,
  });
  const testbed = createProcessTestbed('off', { server: 1 }, data);
  const begun = performance.now();
  await testbed.cluster.start({ role: 'server', id: 0, incarnation: incarnation + 1 });
  const served = (performance.now() - begun) / 1_000;
  await testbed.stop();
  const shared = { floor, unit: 's' };
  showTable('reading the file', [
    { what: 'a million records are read', measured: recovered, ...shared },
    { what: '  until a server with 100,000 keys answers', measured: [served], ...shared },
  ]);
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
  process.stdout.write(
    `The log has ${megabytes(statSync(file).size)} MB; ` +
      `while it is read, at most ${megabytes(most)} MB more are resident.\n\n`,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
try {
  await measureWrites(folder);
  await measureRecovery(folder);
} finally {
  rmSync(folder, { recursive: true });
}
