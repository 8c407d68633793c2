// POST /rpc: which requests are accepted, and what is refused before anything is done.
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import {
  openLink,
  type Post,
  post,
  sendRaw,
  type TestNode,
  useNodes,
} from '../support/hostedNode.ts';

const nodes = useNodes();
const asMaster = { authorization: `Bearer ${nodes.tokens.master}` };
const asServer = { authorization: `Bearer ${nodes.tokens.server}`, 'causeway-node': '1' };
const asClient = { authorization: `Bearer ${nodes.tokens.client}`, 'causeway-node': '5' };

const rpc = (method: string, params: Json | undefined, id: unknown = 1): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const write = (key: string, id?: unknown) => rpc('write', { key, value: 'v', isAppend: false }, id);

async function openServer(limits = {}): Promise<TestNode> {
  const [server, other, client] = await Promise.all([
    nodes.open(0, 'server', limits),
    nodes.open(1),
    nodes.open(5, 'client'),
  ]);
  openLink(server, other, 1);
  openLink(server, client, 2);
  return server;
}

async function storeOf({ port }: TestNode): Promise<unknown> {
  const { json } = await post(port, { headers: asMaster, body: rpc('printStore', {}) });
  return (json as { result: { entries: unknown } }).result.entries;
}

const fault = (code: number, id: unknown = null) => ({
  jsonrpc: '2.0',
  id,
  error: expect.objectContaining({ code, message: expect.any(String) }),
});

describe('a request that may pass', () => {
  it('is answered to the master, to a linked server and to a linked client', async () => {
    const { port } = await openServer();
    const asked = await post(port, { headers: asMaster, body: rpc('settle', {}, 'seven') });
    expect(asked).toMatchObject({ status: 200, json: { jsonrpc: '2.0', id: 'seven', result: {} } });
    const echo = await post(port, { headers: asServer, body: rpc('echo', { text: 'é' }) });
    expect(echo).toMatchObject({ status: 200, json: { id: 1, result: { text: 'é' } } });
    const put = await post(port, { headers: asClient, body: write('__proto__') });
    expect(put).toMatchObject({ status: 200, json: { id: 1, result: {} } });
  });

  it('may be a batch, in which every id is answered in its place', async () => {
    const { port } = await openServer();
    const echo = (text: string) => rpc('echo', { text }, 3);
    const body = `[${echo('a')},${echo('b')},${rpc('none', {}, 4)},42]`;
    const { status, json } = await post(port, { headers: asServer, body });
    expect(status).toBe(200);
    expect(json).toEqual([
      { jsonrpc: '2.0', id: 3, result: { text: 'a' } },
      { jsonrpc: '2.0', id: 3, result: { text: 'b' } },
      fault(-32601, 4),
      fault(-32600),
    ]);
    const single = await post(port, { headers: asServer, body: `[${echo('a')}]` });
    expect(single.json).toEqual([{ jsonrpc: '2.0', id: 3, result: { text: 'a' } }]);
  });

  it('has the last of two fields of one name, as on a link', async () => {
    const { port } = await openServer();
    const twice = '"jsonrpc":"1.0","jsonrpc":"2.0","method":"settle","method":"echo"';
    const body = `{"id":1,"id":2,${twice},"params":7,"params":{"text":"a","text":"b"}}`;
    const one = await post(port, { headers: asServer, body });
    expect([one.status, one.json]).toEqual([200, { jsonrpc: '2.0', id: 2, result: { text: 'b' } }]);
    const order = body.replace('"echo"', '"settle"');
    expect(await post(port, { headers: asServer, body: order })).toMatchObject({ status: 403 });
  });

  it('carries call errors with their number and name', async () => {
    const { port } = await openServer();
    const { json } = await post(port, { headers: asServer, body: rpc('refuse', {}) });
    expect(json).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32004,
        message: 'a clock too far in the future: a year ahead',
        data: { code: 'E_CLOCK_JUMP' },
      },
    });
  });
});

describe('a body that is no request', () => {
  it.each([
    ['', -32700, 400],
    ['{"jsonrpc":', -32700, 400],
    ['42', -32600, 400],
    ['"x"', -32600, 400],
    ['null', -32600, 400],
    ['{"id":1,"method":"echo","params":{"text":"x"}}', -32600, 400],
    ['{"jsonrpc":"1.0","id":1,"method":"echo","params":{"text":"x"}}', -32600, 400],
    ['{"jsonrpc":"2.0","id":1,"method":7}', -32600, 400],
    ['{"jsonrpc":"2.0","id":{},"method":"echo","params":{"text":"x"}}', -32600, 400],
    ['[]', -32600, 400],
    ['[null]', -32600, 200],
    [rpc('frobnicate', {}), -32601, 200],
    [rpc('__proto__', {}), -32601, 200],
    [rpc('constructor', {}), -32601, 200],
    [rpc('toString', {}), -32601, 200],
    [rpc('echo', undefined), -32602, 200],
    [rpc('echo', {}), -32602, 200],
    [rpc('echo', { text: 7 }), -32602, 200],
    [rpc('echo', { text: 'x', extra: 1 }), -32602, 200],
    [rpc('echo', ['x']), -32602, 200],
    ['{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"x","__proto__":{}}}', -32602, 200],
    ['{"jsonrpc":"2.0","id":1,"method":"echo","params":{"constructor":{}}}', -32602, 200],
    ['{"jsonrpc":"2.0","id":1,"method":"size","params":{"length":1e400}}', -32602, 200],
    ['{"jsonrpc":"2.0","id":1,"method":"size","params":{"length":9007199254740993}}', -32602, 200],
    [rpc('size', { length: -1 }), -32602, 200],
    [rpc('size', { length: 1.5 }), -32602, 200],
    [rpc('size', { length: '7' }), -32602, 200],
    [rpc('size', { length: null }), -32602, 200],
    [`${'['.repeat(200_000)}${']'.repeat(200_000)}`, -32600, 400],
    [rpc('echo', { text: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }), -32600, 400],
  ])('%#: gets its own code', async (body, code, status) => {
    const server = await openServer();
    const reply = await post(server.port, { headers: asServer, body });
    expect(reply.status).toBe(status);
    const [answer] = Array.isArray(reply.json) ? reply.json : [reply.json];
    expect(answer).toMatchObject({ jsonrpc: '2.0', error: { code } });
    expect(server.bugs).toEqual([]);
    expect(({} as { text?: unknown }).text).toBeUndefined();
  });

  it('is not UTF-8', async () => {
    const { port } = await openServer();
    const body = Buffer.from(rpc('echo', { text: 'é' }), 'latin1');
    const reply = await post(port, { headers: asServer, body });
    expect(reply).toMatchObject({ status: 400, json: { error: { code: -32700 } } });
  });

  it('writes without an id, or in a batch that is too large: nothing is done', async () => {
    const server = await openServer();
    const noId =
      '{"jsonrpc":"2.0","method":"write","params":{"key":"k","value":"v","isAppend":false}}';
    const one = await post(server.port, { headers: asClient, body: noId });
    expect(one).toMatchObject({ status: 400, json: { error: { code: -32600 } } });
    const body = `[${Array.from({ length: 101 }, (_, id) => write('k', id)).join()}]`;
    const many = await post(server.port, { headers: asClient, body });
    expect(many).toMatchObject({ status: 400, json: { error: { code: -32600 } } });
    expect((many.json as { error: { message: string } }).error.message).toContain(
      'batch too large',
    );
    expect(await storeOf(server)).toEqual([]);
  });
});

describe('a caller who may not', () => {
  const wrong = 'x'.repeat(43);
  const text = rpc('echo', { text: 'x' });
  it.each<[string, number, Post]>([
    ['has no token', 401, { headers: {}, body: text }],
    ['has a wrong token', 401, { headers: { authorization: `Bearer ${wrong}` }, body: text }],
    ['has a token of no length', 401, { headers: { authorization: 'Bearer ' }, body: text }],
    ['has a token of another kind', 401, { headers: { authorization: wrong }, body: text }],
    [
      'shows its token in the URL',
      401,
      { path: `/rpc?token=${nodes.tokens.master}`, body: rpc('settle', {}) },
    ],
    ['orders with a client token', 403, { headers: asClient, body: rpc('settle', {}) }],
    ['orders with a server token', 403, { headers: asServer, body: rpc('printStore', {}) }],
    ['gossips with the master token', 403, { headers: asMaster, body: text }],
    ['gossips with a client token', 403, { headers: asClient, body: text }],
    ['writes with a server token', 403, { headers: asServer, body: write('k') }],
    ['hides an order in a batch', 403, { headers: asClient, body: `[${write('k')},${text}]` }],
    ['has no name', 403, { headers: { ...asServer, 'causeway-node': undefined }, body: text }],
    ['has no link', 403, { headers: { ...asServer, 'causeway-node': '3' }, body: text }],
    [
      'speaks for another role',
      403,
      { headers: { ...asServer, 'causeway-node': '5' }, body: text },
    ],
    ['writes its name oddly', 403, { headers: { ...asServer, 'causeway-node': '01' }, body: text }],
  ])('%s: %i, and nothing is done', async (_name, status, request) => {
    const server = await openServer();
    const reply = await post(server.port, request);
    expect(reply.status).toBe(status);
    expect(reply.text).not.toContain(nodes.tokens.master);
    expect(await storeOf(server)).toEqual([]);
  });

  it('loses the right with the link', async () => {
    const server = await openServer();
    server.hostedNode.links.close(1);
    const reply = await post(server.port, { headers: asServer, body: text });
    expect(reply.status).toBe(403);
  });
});

describe('a page in a browser', () => {
  const body = write('k');
  it.each<[string, number, Post]>([
    ['a rebound name', 403, { headers: { ...asClient, host: 'evil.example' }, body }],
    ['localhost6', 403, { headers: { ...asClient, host: 'localhost6' }, body }],
    ['all addresses', 403, { headers: { ...asClient, host: '0.0.0.0' }, body }],
    ['another port', 403, { headers: { ...asClient, host: '127.0.0.1:1' }, body }],
    ['a foreign origin', 403, { headers: { ...asClient, origin: 'https://evil.example' }, body }],
    ['no origin to speak of', 403, { headers: { ...asClient, origin: 'null' }, body }],
    ['a plain text', 415, { headers: { ...asClient, 'content-type': 'text/plain' }, body }],
    ['no type', 415, { headers: { ...asClient, 'content-type': undefined }, body }],
    [
      'a form',
      415,
      { headers: { ...asClient, 'content-type': 'application/x-www-form-urlencoded' }, body },
    ],
    [
      'another charset',
      415,
      { headers: { ...asClient, 'content-type': 'application/json; charset=utf-16' }, body },
    ],
    [
      'a compressed body',
      415,
      { headers: { ...asClient, 'content-encoding': 'gzip' }, body: gzipSync(body) },
    ],
    ['OPTIONS', 405, { method: 'OPTIONS', headers: asClient }],
    ['GET', 405, { method: 'GET', headers: asClient }],
    ['PUT', 405, { method: 'PUT', headers: asClient, body }],
    ['TRACE', 405, { method: 'TRACE', headers: asClient }],
    ['another path', 404, { path: '/', headers: asClient, body }],
    ['a path below', 404, { path: '/rpc/', headers: asClient, body }],
  ])('with %s is refused with %i', async (_name, status, request) => {
    const server = await openServer();
    const reply = await post(server.port, request);
    expect(reply.status).toBe(status);
    const names = Object.keys(reply.headers).join();
    expect(names).not.toContain('access-control');
    expect(names).not.toContain('x-powered-by');
    expect(await storeOf(server)).toEqual([]);
  });

  it('is welcome under each name of this machine', async () => {
    const { port } = await openServer();
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      const host = `${name}:${port}`;
      const headers = { ...asMaster, host, origin: `http://${host}` };
      const reply = await post(port, { headers, body: rpc('settle', {}) });
      expect(reply.status).toBe(200);
    }
  });

  it('gets no tunnel', async () => {
    const { port } = await openServer();
    const answer = await sendRaw(port, `CONNECT x:1 HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
  });
});

describe('too much', () => {
  const head = (port: number, more: string) =>
    `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n` +
    `Content-Type: application/json\r\nAuthorization: ${asMaster.authorization}\r\n${more}\r\n`;

  it('of a body is 413, before it has been read', async () => {
    const { port } = await openServer();
    const answer = await sendRaw(port, head(port, 'Content-Length: 2000000\r\n'));
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
  });

  it('of a body without an end is 413 at the limit', async () => {
    const { port } = await openServer({ messageBytes: 10_000 });
    const chunk = `1000\r\n${'['.repeat(0x1000)}\r\n`;
    const chunks = head(port, 'Transfer-Encoding: chunked\r\n') + chunk.repeat(4);
    expect(await sendRaw(port, chunks)).toMatch(/^HTTP\/1.1 413 /);
  });

  it('of a head is 431', async () => {
    const { port } = await openServer();
    const long = head(port, `X-Long: ${'x'.repeat(17_000)}\r\n`);
    expect(await sendRaw(port, long)).toMatch(/^HTTP\/1.1 431 /);
    const fields = Array.from({ length: 3_000 }, (_, index) => `X-${index}: y\r\n`).join('');
    expect(await sendRaw(port, head(port, fields))).toMatch(/^HTTP\/1.1 431 /);
  });

  it('of a batch of 100,000 is 413', async () => {
    const { port } = await openServer();
    const body = `[${Array.from({ length: 100_000 }, () => rpc('settle', {})).join()}]`;
    const reply = await post(port, { headers: asMaster, body }).catch((error) => error.code);
    expect(reply === 'EPIPE' || reply === 'ECONNRESET' || reply.status === 413).toBe(true);
  });

  it('of silence in the head, or in the body, is 408', async () => {
    const { port } = await openServer({ headerTimeoutMs: 50, requestTimeoutMs: 100 });
    const [silentHead, silentBody] = await Promise.all([
      sendRaw(port, 'POST /rpc HTTP/1.1\r\nHost'),
      sendRaw(port, head(port, 'Content-Length: 10\r\n')),
    ]);
    expect(silentHead).toMatch(/^HTTP\/1.1 408 /);
    expect(silentBody).toMatch(/^HTTP\/1.1 408 /);
  });

  it('of connections is cut off, while those that are open are served', async () => {
    const { port } = await openServer({ sockets: 3 });
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const others = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
    const last = others[2];
    last?.on('error', () => undefined);
    if (last !== undefined) await once(last, 'close');
    first.write(head(port, 'Content-Length: 0\r\n'));
    const [answer] = await once(first, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1.1 400 /);
    for (const socket of [first, ...others]) socket.destroy();
  });

  it('of pipelined requests is answered, and does not starve others', async () => {
    const { port } = await openServer();
    const body = rpc('settle', {});
    const length = `Content-Length: ${body.length}\r\n`;
    const last = head(port, `${length}Connection: close\r\n`) + body;
    const flood = sendRaw(port, (head(port, length) + body).repeat(1_099) + last);
    const other = await post(port, { headers: asMaster, body });
    expect(other.status).toBe(200);
    const answers = (await flood).match(/HTTP\/1.1 [0-9]+/g) ?? [];
    expect(answers.filter((status) => status === 'HTTP/1.1 200')).toHaveLength(1_000);
  });
});

describe('what is no HTTP, or not plain enough', () => {
  it.each([
    ['two lengths', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a length that is none', 'Content-Length: five\r\n\r\n'],
    ['a length below nothing', 'Content-Length: -1\r\n\r\n'],
  ])('%s: 400', async (_name, rest) => {
    const { port } = await openServer();
    const answer = await sendRaw(port, `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${rest}`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });

  const settle = rpc('settle', {});
  const rest =
    `Content-Type: application/json\r\nAuthorization: ${asMaster.authorization}\r\n` +
    `Content-Length: ${settle.length}\r\nConnection: close\r\n\r\n${settle}`;

  it.each([
    ['one name of this machine', 200, '/rpc', ['Host: SELF']],
    ['two names, one of them foreign', 400, '/rpc', ['Host: SELF', 'Host: evil.example']],
    ['the other way round', 400, '/rpc', ['Host: evil.example', 'hOST: SELF']],
    ['the same name twice', 400, '/rpc', ['Host: SELF', 'Host: SELF']],
    ['no name', 400, '/rpc', []],
    ['a foreign name in its target', 400, 'http://evil.example/rpc', ['Host: SELF']],
    ['our name in its target', 400, 'http://SELF/rpc', ['Host: SELF']],
    ['a target that is no path', 400, '*', ['Host: SELF']],
  ])('a request with %s: %i', async (_name, status, target, hosts) => {
    const { port } = await openServer();
    const lines = [`POST ${target} HTTP/1.1`, ...hosts].join('\r\n');
    const answer = await sendRaw(
      port,
      `${lines.replaceAll('SELF', `127.0.0.1:${port}`)}\r\n${rest}`,
    );
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  it('a TLS greeting, or lines that end in LF only: 400', async () => {
    const { port } = await openServer();
    const hello = Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 3]);
    expect(await sendRaw(port, hello)).toMatch(/^HTTP\/1.1 400 /);
    const lines = `POST /rpc HTTP/1.1\nHost: 127.0.0.1:${port}\n\n`;
    expect(await sendRaw(port, lines)).toMatch(/^HTTP\/1.1 400 /);
  });
});
