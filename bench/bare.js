// The floor of a whole script: the same processes, channels, sockets and messages with nothing in
// between, no protocol, no check, no library. Reads a script of puts as the master does, has each
// put done by five servers and five clients, and prints what every server holds.
//
// A put is thirteen messages here as well: to the client, its server and back; from the server to
// its four peers and back; and the server's word to the master that they have answered.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
const SERVERS = 5;
const LIFE = [0, 1, 1];
/** As long as what a server of five says about what it has applied. */
const APPLIED = Array.from({ length: SERVERS }, (_, id) => [id, 1, 1_000]);

const ROLES = { master: runMaster, server: runServer, client: runClient };
const [, , role = 'master'] = process.argv;
await ROLES[role]();

async function runMaster() {
  let script = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) script += chunk;
  const puts = script.matchAll(/^put ([0-9]+) (\S+) (.*)$/gm);
  const nodes = [...Array(2 * SERVERS).keys()].map((id) =>
    startNode(id < SERVERS ? 'server' : 'client'),
  );
  const ports = await Promise.all(nodes.map(({ call }) => call('port')));
  const peersOf = (id) => (id < SERVERS ? ports.slice(0, id) : [ports[id - SERVERS]]);
  await Promise.all(nodes.map(({ call }, id) => call('connect', { ports: peersOf(id) })));
  let question = 0;
  for (const [, client, key, value] of puts) {
    question -= 1;
    const settled = nodes[client - SERVERS].call.expect(question);
    await nodes[client].call('put', { key, value, settle: question });
    await settled;
  }
  for (const { call } of nodes.slice(0, SERVERS)) {
    const { entries } = await call('printStore', {});
    process.stdout.write(entries.map(([key, value]) => `${key} ${value}\n`).join(''));
  }
  await Promise.all(nodes.map(({ kill }) => kill()));
}

function startNode(kind) {
  const child = spawn(process.execPath, [SELF, kind], { stdio: ['ignore', 2, 2, 'ipc'] });
  const call = createCaller((request) => child.send(request));
  child.on('message', call.receive);
  const kill = () => child.kill('SIGKILL') && once(child, 'exit');
  return { call, kill };
}

/** One end's calls; resolves each with its answer's result. */
function createCaller(send) {
  const waiting = new Map();
  const call = (method, params) =>
    new Promise((resolve) => {
      const id = call.count++;
      waiting.set(id, resolve);
      send({ jsonrpc: '2.0', id, method, params });
    });
  call.count = 0;
  /** The result of a call that reaches the other end another way. */
  call.expect = (id) => new Promise((resolve) => waiting.set(id, resolve));
  call.receive = ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  };
  return call;
}

/** Answers what the master asks, each by a function that may take its time. */
function listen(methods) {
  process.on('disconnect', () => process.exit());
  process.on('message', async ({ id, method, params }) => {
    process.send({ jsonrpc: '2.0', id, result: await methods[method](params) });
  });
}

/** JSON, a line for each message, both ways. `answer` is given requests. */
function createPeer(socket, answer) {
  const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
  const call = createCaller(send);
  let rest = '';
  socket.setNoDelay(true).setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      if (message.method === undefined) call.receive(message);
      else send({ jsonrpc: '2.0', id: message.id, result: answer(message, call) });
    }
  });
  return call;
}

async function dial(port, answer) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return createPeer(socket, answer);
}

function runServer() {
  const store = new Map();
  const peers = new Set();
  const answers = {
    hello: (_params, peer) => {
      peers.add(peer);
      return {};
    },
    write: ({ key, value, settle }) => {
      store.set(key, value);
      const push = { entries: [[key, value, LIFE]], applied: APPLIED, since: APPLIED, clock: 1 };
      const pushes = Promise.all(Array.from(peers, (peer) => peer('push', push)));
      pushes.then(() => process.send({ jsonrpc: '2.0', id: settle, result: {} }));
      return { status: 'ok', version: LIFE, applied: APPLIED, clock: 1 };
    },
    push: ({ entries }) => {
      for (const [key, value] of entries) store.set(key, value);
      return { accepted: true, applied: APPLIED, clock: 1 };
    },
  };
  const answer = ({ method, params }, peer) => answers[method](params, peer);
  const listener = createServer((socket) => createPeer(socket, answer)).listen(0, '127.0.0.1');
  const opened = once(listener, 'listening');
  listen({
    port: () => opened.then(() => listener.address().port),
    connect: async ({ ports }) => {
      for (const port of ports) {
        const peer = await dial(port, answer);
        peers.add(peer);
        await peer('hello', {});
      }
      return {};
    },
    printStore: () => ({ entries: [...store].sort(([a], [b]) => (a < b ? -1 : 1)) }),
  });
}

function runClient() {
  let server;
  listen({
    port: () => 0,
    connect: async ({ ports: [port] }) => {
      server = await dial(port, () => ({}));
      return {};
    },
    put: ({ key, value, settle }) =>
      server('write', { session: LIFE, seq: 1, key, value, guard: null, clock: 1, settle }),
  });
}
