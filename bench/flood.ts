// A server under a flood of what strangers may send, while one client keeps asking. What the server
// takes of the memory is a promise, and a broken one makes this table fail. The flood comes from a
// process of its own, which ends with this one.
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { quantile, show } from './measure.ts';
import { createProcessTestbed } from './testbed.ts';

const SECONDS = Number(process.env.CAUSEWAY_FLOOD_SECONDS ?? 60);
const CLIENT = 100;
const MEMORY_MB = 256;
const WAIT_MS = 100;
const MEBIBYTE = 1024 * 1024;

/** Bytes that a stranger sends on one connection, over and over, and how many such connections. */
interface Attack {
  readonly what: string;
  readonly sockets: number;
  readonly bytes: (port: number) => string | Buffer;
}

const head = (port: number, rest: string): string =>
  `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n${rest}\r\n`;

const CHUNK = `fff\r\n${' '.repeat(4095)}\r\n`;

const upgrade = (port: number): string =>
  `GET /link HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

const ATTACKS: readonly Attack[] = [
  {
    what: 'pipelined requests without a token',
    sockets: 16,
    bytes: (port) => `${head(port, 'Content-Length: 2\r\n')}{}`.repeat(100),
  },
  {
    what: 'bodies beyond the limit',
    sockets: 8,
    bytes: (port) =>
      Buffer.concat([
        Buffer.from(head(port, `Content-Length: ${8 * MEBIBYTE}\r\n`)),
        Buffer.alloc(2 * MEBIBYTE, 0x20),
      ]),
  },
  {
    what: 'chunks without an end',
    sockets: 8,
    bytes: (port) => head(port, 'Transfer-Encoding: chunked\r\n') + CHUNK.repeat(512),
  },
  { what: 'heads that stop half way', sockets: 64, bytes: () => 'POST /rpc HTTP/1.1\r\nHost' },
  { what: 'links without a token', sockets: 16, bytes: (port) => upgrade(port).repeat(4) },
  { what: 'what is no HTTP', sockets: 8, bytes: () => Buffer.alloc(64 * 1024, 0x16) },
];

/** Keeps every attack going: an attacker that is cut off dials again. Never stops by itself. */
function flood(port: number): void {
  for (const { sockets, bytes } of ATTACKS) {
    const load = bytes(port);
    for (let count = 0; count < sockets; count += 1) attack(port, load);
  }
}

function attack(port: number, load: string | Buffer): void {
  const socket: Socket = connect(port, '127.0.0.1');
  const send = (): void => {
    while (socket.writable && socket.write(load));
  };
  socket.on('connect', () => socket.write(load));
  socket.on('drain', send);
  socket.on('data', () => undefined);
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(attack, 10, port, load));
}

function residentMegabytes(pid: number | undefined): number {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

async function measure(): Promise<boolean> {
  const testbed = createProcessTestbed('eager', { server: 1, client: 1 });
  let flooder: ChildProcess | undefined;
  try {
    await testbed.start(0, 'server');
    await testbed.start(CLIENT, 'client');
    await testbed.link(CLIENT, 0);
    await testbed.operate(CLIENT, 'put', { key: 'tea', value: 'green' });
    const [node] = testbed.cluster.endpoints().nodes;
    flooder = fork(process.argv[1] ?? '', ['--flood', String(node?.port)]);
    const waits: number[] = [];
    let most = 0;
    const until = performance.now() + SECONDS * 1000;
    while (performance.now() < until) {
      const begun = performance.now();
      await testbed.operate(CLIENT, 'get', { key: 'tea' });
      waits.push(performance.now() - begun);
      most = Math.max(most, residentMegabytes(testbed.pids[0]));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const wait = quantile(waits, 0.99);
    const say = (text: string): boolean => process.stdout.write(`${text}\n`);
    say(`${SECONDS} s of ${ATTACKS.map(({ what }) => what).join(', ')}:\n`);
    say(`- the server's memory, at most: ${show(most)} MB (promised: below ${MEMORY_MB} MB)`);
    const verdict = wait < WAIT_MS ? 'met' : 'missed';
    say(`- a get meanwhile, p99 of ${waits.length}: ${show(wait)} ms (${WAIT_MS} ms, ${verdict})`);
    return most < MEMORY_MB;
  } finally {
    flooder?.kill('SIGKILL');
    await testbed.stop();
  }
}

const [, , mode, port] = process.argv;
if (mode === '--flood') {
  process.on('disconnect', () => process.exit());
  flood(Number(port));
} else if (!(await measure())) {
  process.stdout.write('\nNOT as promised\n');
  process.exitCode = 1;
}
