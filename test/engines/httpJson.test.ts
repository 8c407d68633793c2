// Calls over HTTP at servers that do not answer as they should: each call settles, with an error
// that says no more than what is known.
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Gateway } from '../../src/engines/etcd/gateway.ts';
import { HttpJson } from '../../src/engines/tcp/httpJson.ts';

const MOST = 1_000;
const SOON_MS = 5_000;
const closings: (() => void)[] = [];
afterEach(() => {
  for (const close of closings.splice(0)) close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  closings.push(() => server.closeAllConnections());
  return listen(server);
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closings.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('an answer over the limit is no answer, however much follows', async () => {
  const url = await serve((_asked, answer) => {
    const more = (): void => {
      while (!answer.destroyed && answer.write('x'.repeat(100)));
    };
    answer.on('drain', more);
    more();
  });
  const http = new HttpJson(url, MOST);
  await expect(http.post('/', {}, SOON_MS)).rejects.toMatchObject({
    code: 'ERR_UNREACHABLE',
    detail: 'an answer of more than 1000 bytes',
  });
});

it('an answer up to the limit is read', async () => {
  const text = JSON.stringify('x'.repeat(MOST - 2));
  const http = new HttpJson(await serve((_asked, answer) => answer.end(text)), MOST);
  const { status, body } = await http.post('/', {}, SOON_MS);
  expect([status, JSON.stringify(body)]).toEqual([200, text]);
  http.close();
});

it.each([
  ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n'],
  ['no HTTP', '+PONG\r\n'],
  ['nothing', ''],
])('a connection that ends after %s gives no answer', async (_what, text) => {
  const url = await listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(`${text}\r\n`));
    }),
  );
  const asked = new HttpJson(url).post('/', {}, SOON_MS);
  await expect(asked).rejects.toMatchObject({ code: 'ERR_UNREACHABLE' });
});

it.each(['{}', '[]', 'null', '5', '{"header":5}', 'no JSON'])(
  'what answers %s is no etcd',
  async (text) => {
    const gateway = new Gateway(await serve((_asked, answer) => answer.end(text)));
    await expect(gateway.status(SOON_MS)).rejects.toMatchObject({
      code: 'ERR_ETCD_FAILED',
      definite: false,
    });
    gateway.close();
  },
);
