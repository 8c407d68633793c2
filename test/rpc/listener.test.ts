// A node's port under excessive load.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RPC_LIMITS } from '../../src/rpc/limits.ts';
import type { Links } from '../../src/rpc/links.ts';
import { openListener } from '../../src/rpc/listener.ts';

const endings: (() => void)[] = [];

afterEach(() => {
  for (const end of endings.splice(0)) end();
});

async function openFor(serve: (response: ServerResponse) => void) {
  const { server, port, setHandler } = await openListener(RPC_LIMITS);
  endings.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const links = { match: () => undefined } as unknown as Links;
  setHandler({ links, rankOf: () => undefined, serve: (_request, response) => serve(response) });
  return port;
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  endings.push(() => socket.destroy());
  return socket;
}

const request = (port: number): string =>
  `POST /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 0\r\n\r\n`;

describe('requests behind a refused one', () => {
  it('are not even looked at, however many came in one chunk', async () => {
    let served = 0;
    const port = await openFor((response) => {
      served += 1;
      response.setHeader('connection', 'close').writeHead(401).end();
    });
    const socket = open(port);
    socket.write(request(port).repeat(300));
    let answers = '';
    socket.on('data', (data) => {
      answers += String(data);
    });
    await once(socket, 'close');
    expect(answers.match(/HTTP\/1\.1 401/g)).toHaveLength(1);
    expect(served).toBe(1);
  });

  it('are not looked at when the refusal comes late', async () => {
    const open401: ServerResponse[] = [];
    const port = await openFor((response) => open401.push(response));
    const socket = open(port);
    socket.write(request(port));
    await expect.poll(() => open401.length).toBe(1);
    open401[0]?.setHeader('connection', 'close').writeHead(413).end();
    socket.write(request(port));
    socket.resume();
    await once(socket, 'close');
    expect(open401).toHaveLength(1);
  });
});

describe('a thousand connections', () => {
  it('leave as many as may be open, and those are served', async () => {
    const port = await openFor((response) => response.writeHead(204).end());
    const sockets = Array.from({ length: 1_000 }, () => open(port));
    const refused = new Set<Socket>();
    for (const socket of sockets) socket.once('close', () => refused.add(socket));
    await expect.poll(() => refused.size, { timeout: 20_000 }).toBe(1_000 - RPC_LIMITS.sockets);
    const one = sockets.find((socket) => !refused.has(socket)) as Socket;
    one.write(request(port));
    const [answer] = await once(one, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 204 /);
  });
});
