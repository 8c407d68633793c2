// A cluster of three etcd servers on this machine, and a client that speaks its gRPC: the peer that
// replicated writes are measured beside. Debian has it as the package etcd-server.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { createServer } from 'node:net';
import { join } from 'node:path';

const MEMBERS = [0, 1, 2];
const START_MS = 10_000;
const POLL_MS = 50;

interface EtcdClient {
  put(key: string, value: string): Promise<void>;
  /** Linearizable, as etcd's reads are unless told otherwise. */
  get(key: string): Promise<void>;
}

/** Its client speaks gRPC. */
export interface Etcd extends EtcdClient {
  /** The same by HTTP and JSON, with connections that stay open. */
  readonly gateway: EtcdClient;
  stop(): Promise<void>;
}

/** Undefined if etcd is not installed. The client asks the leader, as one of etcd's own does. */
export async function startEtcd(folder: string): Promise<Etcd | undefined> {
  const ports = await Promise.all([...MEMBERS, ...MEMBERS].map(findPort));
  const [clients, peers] = [ports.slice(0, 3), ports.slice(3)];
  const cluster = MEMBERS.map((id) => `m${id}=http://127.0.0.1:${peers[id]}`).join(',');
  const children = MEMBERS.map((id) =>
    start(folder, id, clients[id] ?? 0, peers[id] ?? 0, cluster),
  );
  if ((await Promise.all(children.map(hasStarted))).includes(false)) return undefined;
  const { session: leader, port } = await findLeader(clients);
  return {
    gateway: gatewayTo(port),
    put: async (key, value) => {
      await call(leader, '/etcdserverpb.KV/Put', [field(1, key), field(2, value)]);
    },
    get: async (key) => {
      await call(leader, '/etcdserverpb.KV/Range', [field(1, key)]);
    },
    stop: async () => {
      leader.destroy();
      await Promise.all(
        children.map(
          (child) =>
            new Promise((resolve) => {
              child.once('close', resolve);
              child.kill('SIGKILL');
            }),
        ),
      );
    },
  };
}

function start(
  folder: string,
  id: number,
  port: number,
  peerPort: number,
  cluster: string,
): ChildProcess {
  const data = join(folder, `etcd-${id}`);
  mkdirSync(data, { mode: 0o700 });
  const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
  const flags = {
    name: `m${id}`,
    'data-dir': data,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': cluster,
    'log-level': 'error',
  };
  const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
  return spawn('etcd', args, { stdio: 'ignore' });
}

function hasStarted(child: ChildProcess): Promise<boolean> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('spawn', () => resolve(true));
  });
}

/** A port that is free now. */
function findPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A connection to the member that answers a status with its own id as the leader's. */
async function findLeader(
  ports: readonly number[],
): Promise<{ session: ClientHttp2Session; port: number }> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    for (const port of ports) {
      const session = connect(`http://127.0.0.1:${port}`);
      session.on('error', () => undefined);
      const status = await call(session, '/etcdserverpb.Maintenance/Status', []).catch(() => null);
      const { own, leader } = status === null ? {} : readStatus(status);
      if (leader !== undefined && own === leader) return { session, port };
      session.destroy();
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error('etcd has no leader');
}

function gatewayTo(port: number): EtcdClient {
  const agent = new Agent({ keepAlive: true });
  const ask = (path: string, body: Record<string, string>): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = { agent, port, host: '127.0.0.1', method: 'POST', path };
      const sent = request(options, (answer) => {
        answer.resume();
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve();
          else reject(new Error(`etcd answered ${answer.statusCode}`));
        });
      });
      sent.once('error', reject);
      sent.end(JSON.stringify(body));
    });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    put: (key, value) => ask('/v3/kv/put', { key: base64(key), value: base64(value) }),
    get: (key) => ask('/v3/kv/range', { key: base64(key) }),
  };
}

/** A unary call of gRPC: one message there, and one back. */
function call(session: ClientHttp2Session, path: string, fields: Buffer[]): Promise<Buffer> {
  const message = Buffer.concat(fields);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const parts: Buffer[] = [];
    let status: unknown;
    stream.on('response', (headers) => {
      status = headers['grpc-status'];
    });
    stream.on('trailers', (headers) => {
      status = headers['grpc-status'];
    });
    stream.on('data', (part: Buffer) => parts.push(part));
    stream.on('error', reject);
    stream.on('close', () => {
      if (status === '0') resolve(Buffer.concat(parts).subarray(5));
      else reject(new Error(`etcd answered ${String(status)}`));
    });
    stream.end(Buffer.concat([head, message]));
  });
}

/** A text as a field of a protobuf message. */
function field(number: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}

/** From a StatusResponse: member_id of the header (1.2), and leader (4). */
function readStatus(message: Buffer): { own?: bigint | undefined; leader?: bigint | undefined } {
  const fields = readFields(message);
  const header = fields.get(1);
  return {
    own: header instanceof Buffer ? numberOf(readFields(header).get(2)) : undefined,
    leader: numberOf(fields.get(4)),
  };
}

function numberOf(value: Buffer | bigint | undefined): bigint | undefined {
  return typeof value === 'bigint' && value !== 0n ? value : undefined;
}

function readFields(message: Buffer): Map<number, Buffer | bigint> {
  const fields = new Map<number, Buffer | bigint>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at] ?? 0;
      at += 1;
      value += BigInt(byte % 128) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(readVarint());
    const value = readVarint();
    if (tag % 8 === 2) {
      fields.set(Math.floor(tag / 8), message.subarray(at, at + Number(value)));
      at += Number(value);
    } else fields.set(Math.floor(tag / 8), value);
  }
  return fields;
}
