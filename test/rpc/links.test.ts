// Links between two nodes over real sockets: which peers may open one, what is refused on it, how
// it ends.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CallError, UnfitMessage } from '../../src/kernel/errors.ts';
import type { LinkSetting } from '../../src/kernel/linkSettings.ts';
import { Complaints } from '../../src/rpc/complaints.ts';
import { openLink, sendRaw, type TestNode, useNodes } from '../support/hostedNode.ts';

const nodes = useNodes();
const sockets: WebSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

const call = (from: TestNode, to: number, method: string, params: object = {}, ms = 1_000) =>
  from.hostedNode.links
    .call(to, method, params, ms)
    .catch((error) => (error instanceof CallError ? error.code : String(error)));

type Headers = { readonly [name: string]: string | undefined };

/**
 * A socket as node 1 of a link with number 1 would open it to node 0, but for the given headers.
 */
function dial(port: number, headers: Headers = {}, path = '/link'): WebSocket {
  const all: Headers = {
    authorization: `Bearer ${nodes.tokens.server}`,
    'causeway-from': '1.1',
    'causeway-to': '0.1',
    'causeway-link': '1',
    ...headers,
  };
  const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: sent as Record<string, string>,
    perMessageDeflate: true,
  });
  sockets.push(socket);
  socket.on('error', () => undefined);
  return socket;
}

/** `open`, or the status that refused the handshake. */
async function outcomeOf(socket: WebSocket): Promise<string | number> {
  return new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      resolve(response.statusCode ?? 0);
    });
  });
}

async function openPair(): Promise<[TestNode, TestNode]> {
  const pair = await Promise.all([nodes.open(0), nodes.open(1)]);
  openLink(...pair);
  return pair;
}

async function openSocket(): Promise<[TestNode, WebSocket]> {
  const [node] = await openPair();
  const socket = dial(node.port);
  await once(socket, 'open');
  return [node, socket];
}

const echo = (id: unknown, text: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'echo', params: { text }, lamport: 5 });

async function nextFrame(socket: WebSocket): Promise<unknown> {
  const [data] = await once(socket, 'message');
  return JSON.parse(String(data));
}

describe('the handshake', () => {
  it.each<[string, string | number, Headers, string?]>([
    ['of the linked peer', 'open', {}],
    ['without a token', 401, { authorization: undefined }],
    ['with a wrong token', 401, { authorization: 'Bearer nothing' }],
    ['of another role', 403, { authorization: `Bearer ${nodes.tokens.client}` }],
    ['of the master', 403, { authorization: `Bearer ${nodes.tokens.master}` }],
    ['of a node without a link', 403, { 'causeway-from': '2.1' }],
    ['of a former life', 403, { 'causeway-from': '1.2' }],
    ['for another node', 403, { 'causeway-to': '3.1' }],
    ['for a former life', 403, { 'causeway-to': '0.2' }],
    ['for a former link', 403, { 'causeway-link': '0' }],
    ['for no link', 400, { 'causeway-link': undefined }],
    ['with a name of another notation', 400, { 'causeway-from': '01.1' }],
    ['with too long a name', 400, { 'causeway-from': '1.1.1' }],
    ['from a page', 403, { origin: 'https://evil.example' }],
    ['under another name', 403, { host: 'evil.example' }],
    ['on another path', 404, {}, '/rpc'],
    ['with the token in the URL', 404, { authorization: undefined }, '/link?token=x'],
  ])('%s: %s', async (_name, expected, headers, path) => {
    const [node] = await openPair();
    const socket = dial(node.port, headers, path);
    expect(await outcomeOf(socket)).toBe(expected);
  });

  it('is refused once the link is cut, and while the process has no node', async () => {
    const [node] = await openPair();
    node.hostedNode.links.close(1);
    expect(await outcomeOf(dial(node.port))).toBe(403);
    node.hostedNode.links.open({ peer: { ...node.peer, id: 1 }, number: 2 });
    expect(await outcomeOf(dial(node.port))).toBe(403);
    expect(await outcomeOf(dial(node.port, { 'causeway-link': '2' }))).toBe('open');
  });

  it('gives no compression', async () => {
    const [, socket] = await openSocket();
    expect(socket.extensions).toBe('');
  });

  it('gives no third socket of one link', async () => {
    const [node, first] = await openSocket();
    const second = dial(node.port);
    await once(second, 'open');
    const third = dial(node.port);
    await once(third, 'close');
    first.send(echo(1, 'still here'));
    expect(await nextFrame(first)).toMatchObject({ id: 1, result: { text: 'still here' } });
  });

  it.each([
    ['that is no WebSocket handshake', '/link', ''],
    ['to two hosts', '/link', 'Host: evil.example\r\n'],
    ['with a host in its target', 'http://evil.example/link', ''],
  ])('%s gets an HTTP error', async (_what, target, host) => {
    const [{ port }] = await openPair();
    const first = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${host}`;
    const head = `${first}Connection: Upgrade\r\n`;
    const lines = [
      `Authorization: Bearer ${nodes.tokens.server}`,
      'Causeway-From: 1.1',
      'Causeway-To: 0.1',
      'Causeway-Link: 1',
    ].join('\r\n');
    const answer = await sendRaw(port, `${head}Upgrade: websocket\r\n${lines}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe('a frame', () => {
  it('may hold one message or several', async () => {
    const [, socket] = await openSocket();
    socket.send(echo(1, 'a'));
    expect(await nextFrame(socket)).toMatchObject({ jsonrpc: '2.0', id: 1, result: { text: 'a' } });
    socket.send(`[${echo(2, 'b')},${echo(3, 'c')}]`);
    expect(await nextFrame(socket)).toMatchObject([{ id: 2 }, { id: 3 }]);
  });

  it.each([
    ['', 'a'.repeat(200), 'é', 'b'],
    ['a', 'x'.repeat(200_000), '€😀', 'y'.repeat(70_000), 'b'],
  ])('may have texts of any length and alphabet, which stay in order', async (...texts) => {
    const [one, other] = await openPair();
    const ended: string[] = [];
    const ask = async (from: TestNode, to: number, text: string): Promise<void> => {
      expect(await call(from, to, 'echo', { text })).toEqual({ text });
      if (from === one) ended.push(text);
    };
    for (const text of texts) await ask(one, 1, text);
    const both = texts.flatMap((text) => [ask(one, 1, text), ask(other, 0, text)]);
    await Promise.all(both);
    expect(ended).toEqual([...texts, ...texts]);
  });

  it('has the last of two fields of one name, as over HTTP', async () => {
    const [, socket] = await openSocket();
    const twice = '"jsonrpc":"1.0","jsonrpc":"2.0","method":"settle","method":"echo"';
    socket.send(`{"id":1,"id":2,${twice},"params":7,"params":{"text":"a","text":"b"}}`);
    expect(await nextFrame(socket)).toMatchObject({ id: 2, result: { text: 'b' } });
  });

  it('carries the sender’s Lamport time, above what it has received', async () => {
    const [, socket] = await openSocket();
    socket.send(echo(1, 'a'));
    // Begun at 1; received at max(1, 5) + 1; sent one later.
    expect(await nextFrame(socket)).toMatchObject({ lamport: 7, message: 1 });
  });

  it.each([
    ['of bytes', (socket: WebSocket) => socket.send(Buffer.from(echo(1, 'x'))), 1003],
    [
      'that is not UTF-8',
      (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
      1007,
    ],
    ['over the limit', (socket: WebSocket) => socket.send('x'.repeat(1024 * 1024 + 1)), 1009],
    [
      'in too many pieces',
      (socket: WebSocket) => {
        for (let piece = 0; piece < 17_000; piece += 1) socket.send('x', { fin: false });
      },
      1008,
    ],
    [
      'that never ends',
      (socket: WebSocket) => {
        for (let piece = 0; piece < 40; piece += 1) {
          socket.send('x'.repeat(32 * 1024), { fin: false });
        }
      },
      1009,
    ],
    ['that is no JSON', (socket: WebSocket) => socket.send('{'), 1006],
    ['that holds no message', (socket: WebSocket) => socket.send('[1]'), 1006],
  ])('%s closes the socket', async (_name, send, code) => {
    const [node, socket] = await openSocket();
    const closed = once(socket, 'close');
    send(socket);
    expect((await closed)[0]).toBe(code);
    expect(node.bugs).toEqual([]);
  });

  it.each<[string, object, number]>([
    ['without an id', { jsonrpc: '2.0', method: 'echo', params: { text: 'x' } }, -32600],
    ['of another version', { jsonrpc: '1.0', id: 1, method: 'echo' }, -32600],
    ['for a control method', { jsonrpc: '2.0', id: 1, method: 'settle', params: {} }, -32601],
    ['for a client’s method', { jsonrpc: '2.0', id: 1, method: 'read', params: {} }, -32601],
    ['for an inherited name', { jsonrpc: '2.0', id: 1, method: 'toString' }, -32601],
    ['with unfit parameters', { jsonrpc: '2.0', id: 1, method: 'echo', params: [] }, -32602],
    [
      'that reaches for a prototype',
      JSON.parse('{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"","__proto__":{}}}'),
      -32602,
    ],
  ])('with a request %s is answered with an error', async (_name, request, code) => {
    const [, socket] = await openSocket();
    socket.send(JSON.stringify(request));
    expect(await nextFrame(socket)).toMatchObject({ jsonrpc: '2.0', error: { code } });
  });

  it('with an answer to nothing is ignored', async () => {
    const [, socket] = await openSocket();
    socket.send('{"jsonrpc":"2.0","id":99,"result":{"text":"unasked"}}');
    socket.send(echo(1, 'still here'));
    expect(await nextFrame(socket)).toMatchObject({ id: 1 });
  });
});

describe('a call', () => {
  it('in both directions at once works over crossing dials', async () => {
    const [a, b] = await openPair();
    const texts = await Promise.all([
      call(a, 1, 'echo', { text: 'to b' }),
      call(b, 0, 'echo', { text: 'to a' }),
    ]);
    expect(texts).toEqual([{ text: 'to b' }, { text: 'to a' }]);
    expect(await call(a, 1, 'echo', { text: 'again' })).toEqual({ text: 'again' });
  });

  it('to a port without a listener fails at once', async () => {
    const node = await nodes.open(0);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    await new Promise((resolve) => listener.close(resolve));
    node.hostedNode.links.open({ peer: { ...node.peer, id: 1, port }, number: 1 });
    expect(await call(node, 1, 'echo', { text: 'x' }, 20_000)).toBe('ERR_UNREACHABLE');
  });

  it('on a link that opens anew under another number fails; the next one works', async () => {
    const [a, b] = await openPair();
    const held = call(a, 1, 'hold', {}, 20_000);
    await call(a, 1, 'echo', { text: '' });
    openLink(a, b, 2);
    expect(await held).toBe('ERR_UNREACHABLE');
    expect(await call(a, 1, 'echo', { text: 'x' })).toEqual({ text: 'x' });
  });

  it.each<[string, string]>([
    ['garbage', '{'],
    ['something that is no answer', '{"jsonrpc":"2.0","id":1}'],
    ['an error that says nothing', '{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"?"}}'],
    ['an error that is none', '{"jsonrpc":"2.0","id":1,"error":null}'],
    ['an error without fields', '{"jsonrpc":"2.0","id":1,"error":{}}'],
    ['an error of one number', '{"jsonrpc":"2.0","id":1,"error":7}'],
    ['a result for a prototype', '{"jsonrpc":"2.0","id":1,"result":{"__proto__":1}}'],
    ['200 MB', 'x'.repeat(200_000_000)],
  ])('that is answered with %s has failed', async (_name, answer) => {
    const node = await nodes.open(0);
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', () => socket.send(answer));
    });
    const { port } = server.address() as AddressInfo;
    node.hostedNode.links.open({ peer: { ...node.peer, id: 1, port }, number: 1 });
    expect(await call(node, 1, 'echo', { text: 'x' }, 20_000)).toBe('ERR_UNREACHABLE');
    for (const socket of server.clients) socket.terminate();
    server.close();
  });

  it('whose socket is reset after it was sent has failed without a verdict', async () => {
    const node = await nodes.open(0);
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.on('message', () => socket.terminate()));
    const { port } = server.address() as AddressInfo;
    node.hostedNode.links.open({ peer: { ...node.peer, id: 1, port }, number: 1 });
    expect(await call(node, 1, 'echo', { text: 'x' }, 20_000)).toBe('ERR_UNREACHABLE');
    server.close();
  });
});

describe('what is set for messages to a peer', () => {
  const even = { kind: 'uniform', leastMs: 0, mostMs: 30 } as const;

  /** The ids of the answers to 40 requests, in the order of their arrival. */
  async function answersUnder(setting: LinkSetting): Promise<number[]> {
    const [node, socket] = await openSocket();
    node.hostedNode.links.set(1, setting);
    const ids = Array.from({ length: 40 }, (_, index) => index + 1);
    const received: number[] = [];
    const all = new Promise<void>((resolve) => {
      socket.on('message', (data) => {
        const messages = [JSON.parse(String(data))].flat() as { id: number }[];
        received.push(...messages.map(({ id }) => id));
        if (new Set(received).size === ids.length) resolve();
      });
    });
    for (const id of ids) socket.send(echo(id, 'x'));
    await all;
    return received;
  }

  it('lets them overtake each other, unless their order is kept', async () => {
    const free = await answersUnder({ delay: even });
    expect(free).not.toEqual([...free].sort((a, b) => a - b));
    const ordered = await answersUnder({ delay: even, isOrdered: true });
    expect(ordered).toEqual([...ordered].sort((a, b) => a - b));
  });

  it('repeats them, and a call takes the first answer', async () => {
    const received = await answersUnder({ duplication: 1, isOrdered: true });
    expect(received.slice(0, 4)).toEqual([1, 1, 2, 2]);
    const [a, b] = await openPair();
    a.hostedNode.links.set(1, { duplication: 1 });
    b.hostedNode.links.set(0, { duplication: 1 });
    expect(await call(a, 1, 'echo', { text: 'x' })).toEqual({ text: 'x' });
    expect(await call(a, 1, 'echo', { text: 'y' })).toEqual({ text: 'y' });
  });

  it.each([
    ['requests', 0],
    ['answers', 1],
  ])('loses %s, whose callers have no answer in time', async (_what, from) => {
    const pair = await openPair();
    const [a] = pair;
    pair[from]?.hostedNode.links.set(1 - from, { loss: 1 });
    expect(await call(a, 1, 'echo', { text: 'x' }, 50)).toBe('ERR_UNREACHABLE');
    pair[from]?.hostedNode.links.set(1 - from, undefined);
    expect(await call(a, 1, 'echo', { text: 'x' })).toEqual({ text: 'x' });
  });

  it('drops those that wait when the link is closed', async () => {
    const [a, b] = await openPair();
    a.hostedNode.links.set(1, { delay: { kind: 'uniform', leastMs: 20, mostMs: 20 } });
    const dropped = call(a, 1, 'refuse', {}, 20_000);
    a.hostedNode.links.close(1);
    expect(await dropped).toBe('ERR_UNREACHABLE');
    a.hostedNode.links.open({ peer: b.peer, number: 1 });
    expect(await call(a, 1, 'echo', { text: 'x' })).toEqual({ text: 'x' });
  });
});

describe('a message that the table does not allow', () => {
  it('is told by the server that refuses it, once for each method', async () => {
    const [node, other] = await openPair();
    for (const text of [1, 2]) expect(await call(node, 1, 'echo', { text })).toBe('E_BAD_REQUEST');
    expect(other.said).toEqual([
      expect.stringMatching(/^server 1 refused 'echo' of server 0: .*text/),
    ]);
    expect(node.said).toEqual([]);
  });

  it('is told by the server that gets it as an answer', async () => {
    const [node] = await openPair();
    const order = { name: 'call', args: ['1', 'lie', '{}'] };
    await node.hostedNode.node.handle('master', 'command', order);
    const why = "server 1 answered 'lie' of server 0 with an unusable answer: text: ";
    expect(node.said).toEqual([expect.stringContaining(why)]);
  });

  it('is told of so many methods at most', () => {
    const told: string[] = [];
    const complaints = new Complaints({ id: 0, role: 'server' }, (text) => told.push(text));
    const error = new UnfitMessage('E_BAD_REQUEST');
    for (let count = 0; count < 100; count += 1) {
      complaints.ofRequest({ id: 1, role: 'server' }, `m${count}`, error);
    }
    expect(told).toHaveLength(20);
  });
});
