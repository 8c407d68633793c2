// Frames written in one piece, read by the ws library.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { writeTextFrame } from '../../src/rpc/textFrame.ts';

/** Around each length at which the header changes. */
const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

describe('a frame in one piece', () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  let dialer: WebSocket;
  let dialed: WebSocket;
  let sockets: { dialer: Socket; dialed: Socket };

  beforeAll(async () => {
    const { port } = server.address() as AddressInfo;
    dialer = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    const [[response], [accepted, request]] = await Promise.all([
      once(dialer, 'upgrade') as Promise<[IncomingMessage]>,
      once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>,
      once(dialer, 'open'),
    ]);
    dialed = accepted;
    sockets = { dialer: response.socket, dialed: request.socket };
  });

  afterAll(() => {
    dialer.terminate();
    server.close();
  });

  /** What the other end reads, and whether as text. */
  async function read(from: WebSocket): Promise<[text: string, isBinary: boolean]> {
    const [data, isBinary] = (await once(from, 'message')) as [Buffer, boolean];
    return [data.toString(), isBinary];
  }

  it.each(LENGTHS)('of %i bytes is read as it was written, in both directions', async (length) => {
    const text = 'x'.repeat(length);
    sockets.dialer.write(writeTextFrame(text, true));
    expect(await read(dialed)).toEqual([text, false]);
    sockets.dialed.write(writeTextFrame(text, false));
    expect(await read(dialer)).toEqual([text, false]);
  });

  it('counts bytes, not characters, and mixes with the frames of ws', async () => {
    const text = '"ä€😀"'.repeat(20);
    const seen: string[] = [];
    dialed.on('message', (data) => seen.push(data.toString()));
    sockets.dialer.write(writeTextFrame(text, true));
    dialer.send('own');
    dialer.ping();
    sockets.dialer.write(writeTextFrame('last', true));
    await once(dialer, 'pong');
    while (seen.length < 3) await once(dialed, 'message');
    expect(seen).toEqual([text, 'own', 'last']);
  });
});
