// What idle processes take of the machine's memory, against a Node process that does nothing.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { interleave, type Subject, showTable } from './measure.ts';
import { createProcessTestbed } from './testbed.ts';

const ROUNDS = 5;
const CLIENT = 100;
/** Long enough for what a start leaves behind to be over. */
const IDLE_MS = 500;

/**
 * All that a process has in memory, or what it shares with no other (the program itself it does).
 */
type Kind = 'resident' | 'own';

const FIELDS: { readonly [kind in Kind]: RegExp } = {
  resident: /^Rss: +([0-9]+) kB/gm,
  own: /^Private_(?:Clean|Dirty): +([0-9]+) kB/gm,
};

async function megabytesOf(pid: number | undefined, kind: Kind): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  let kilobytes = 0;
  for (const [, field] of text.matchAll(FIELDS[kind])) kilobytes += Number(field);
  return kilobytes / 1024;
}

async function measureBare(kind: Kind): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'], { stdio: 'ignore' });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const megabytes = await megabytesOf(child.pid, kind);
  child.kill('SIGKILL');
  await gone;
  return megabytes;
}

async function measureServer(kind: Kind): Promise<number> {
  const testbed = createProcessTestbed('eager', { server: 1 });
  await testbed.start(0, 'server');
  const megabytes = await megabytesOf(testbed.pids[0], kind);
  await testbed.stop();
  return megabytes;
}

/** A client and its server, which have a link because there was a put. */
async function measureLinked(kind: Kind, which: 0 | 1, puts: number): Promise<number> {
  const testbed = createProcessTestbed('eager', { server: 1, client: 1 });
  await testbed.start(0, 'server');
  await testbed.start(CLIENT, 'client');
  await testbed.link(CLIENT, 0);
  for (let count = 0; count < puts; count += 1) {
    await testbed.operate(CLIENT, 'put', { key: `key${count}`, value: `value ${count}` });
  }
  const megabytes = await megabytesOf(testbed.pids[which], kind);
  await testbed.stop();
  return megabytes;
}

async function measure(kind: Kind): Promise<void> {
  const subject =
    (which: 0 | 1, puts: number): Subject =>
    () =>
      measureLinked(kind, which, puts);
  const { floor, ...measured } = await interleave(ROUNDS, {
    floor: () => measureBare(kind),
    idle: () => measureServer(kind),
    server: subject(0, 1),
    client: subject(1, 1),
    used: subject(0, 10_000),
  });
  const shared = { floor, unit: 'MB' };
  showTable('an idle node', [
    { what: `idle server, ${kind}`, measured: measured.idle, ...shared },
    { what: '  after one put, with its link', measured: measured.server, ...shared },
    { what: '  after 10,000 puts', measured: measured.used, ...shared },
    { what: `client after one put, ${kind}`, measured: measured.client, ...shared },
  ]);
}

if (existsSync('/proc/self/smaps_rollup')) {
  await measure('resident');
  await measure('own');
} else {
  process.stdout.write('Left out: it reads /proc, which only Linux has.\n');
}
