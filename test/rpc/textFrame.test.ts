// Frames written in one piece, read by the ws library, and read without it.
import { type EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as library from 'ws';
import { WebSocket, WebSocketServer } from 'ws';
import { readTextFrames, writeTextFrame } from '../../src/rpc/textFrame.ts';

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
    sockets.dialer.write(writeTextFrame(text, true), 'latin1');
    expect(await read(dialed)).toEqual([text, false]);
    sockets.dialed.write(writeTextFrame(text, false), 'latin1');
    expect(await read(dialer)).toEqual([text, false]);
  });

  it('counts bytes, not characters, and mixes with the frames of ws', async () => {
    const text = '"ä€😀"'.repeat(20);
    const seen: string[] = [];
    dialed.on('message', (data) => seen.push(data.toString()));
    sockets.dialer.write(writeTextFrame(text, true), 'latin1');
    dialer.send('own');
    dialer.ping();
    sockets.dialer.write(writeTextFrame('last', true), 'latin1');
    await once(dialer, 'pong');
    while (seen.length < 3) await once(dialed, 'message');
    expect(seen).toEqual([text, 'own', 'last']);
  });
});

/** What reads the bytes of a socket in ws; it is missing in the types of the package. */
type ReceiverClass = new (options: {
  readonly isServer: boolean;
}) => EventEmitter & { write(bytes: Buffer): void };
const { Receiver } = library as unknown as { readonly Receiver: ReceiverClass };

const MOST = 60_000;
const asBytes = (frame: string | Buffer): Buffer =>
  typeof frame === 'string' ? Buffer.from(frame, 'latin1') : frame;
const bytesOf = (text: string, isMasked: boolean): Buffer =>
  asBytes(writeTextFrame(text, isMasked));

/** A frame, its parts given by number. */
function frame(first: number, second: number, ...rest: (number | string)[]): Buffer {
  const parts = rest.map((part) => (typeof part === 'string' ? Buffer.from(part) : [part]));
  return Buffer.concat([Buffer.from([first, second]), ...parts.map((part) => Buffer.from(part))]);
}

describe.each([true, false])('a chunk of simple frames, masked: %s', (isMasked) => {
  const read = (...chunks: Buffer[]): string[] | undefined =>
    readTextFrames(Buffer.concat(chunks), isMasked, MOST);
  const simple = bytesOf('{"id":1}', isMasked);
  const mask = isMasked ? [0, 0, 0, 0] : [];
  const bit = isMasked ? 0x80 : 0;

  it.each([0, 1, 125, 126, 127, 65_535])('of %i bytes gives its text', (length) => {
    const text = 'x'.repeat(length);
    const expected = length > MOST ? undefined : [text, '{"id":1}', text];
    const long = bytesOf(text, isMasked);
    expect(read(long, simple, long)).toEqual(expected);
  });

  it('is left to ws unless it ends where a frame does', () => {
    const whole = Buffer.concat([simple, bytesOf('y'.repeat(300), isMasked)]);
    for (let length = 1; length < whole.length; length += 1) {
      const expected = length === simple.length ? ['{"id":1}'] : undefined;
      expect(read(whole.subarray(0, length)), `${length} bytes`).toEqual(expected);
    }
  });

  it.each<[string, Buffer]>([
    ['a first part', frame(0x01, bit | 1, ...mask, 'x')],
    ['a last part', frame(0x80, bit | 1, ...mask, 'x')],
    ['bytes', frame(0x82, bit | 1, ...mask, 'x')],
    ['a ping', frame(0x89, bit | 1, ...mask, 'x')],
    ['a close', frame(0x88, bit, ...mask)],
    ['a reserved bit', frame(0xc1, bit | 1, ...mask, 'x')],
    ['the other mask', frame(0x81, (bit ^ 0x80) | 1, ...(isMasked ? [] : [0, 0, 0, 0]), 'x')],
    ['a text that is not ASCII', frame(0x81, bit | 2, ...mask, 'é')],
    ['bytes that are not UTF-8', frame(0x81, bit | 1, ...mask, 0xff)],
    ['a length in too many bytes', frame(0x81, bit | 126, 0, 1, ...mask, 'x')],
    ['a length in eight bytes', frame(0x81, bit | 127, 0, 0, 0, 0, 0, 0, 0, 1, ...mask, 'x')],
    ['a text over the limit', bytesOf('x'.repeat(MOST + 1), isMasked)],
    ...(isMasked ? [['a mask', frame(0x81, 0x81, 1, 2, 3, 4, 'x')] as [string, Buffer]] : []),
  ])('is left to ws with %s', (_name, other) => {
    expect(read(other)).toBeUndefined();
    expect(read(simple, other, simple)).toBeUndefined();
  });

  it('never gives other texts than ws reads, whatever the bytes', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { maxLength: 3 });
    const change = fc.record({ at: fc.nat(20), bit: fc.nat(8), cut: fc.nat(40) });
    fc.assert(
      fc.property(texts, change, (sent, { at, bit, cut }) => {
        const chunk = Buffer.concat(sent.map((text) => bytesOf(text, isMasked)));
        // A bit above the seventh leaves the byte as it is.
        if (at < chunk.length) chunk[at] = (chunk[at] ?? 0) ^ ((1 << bit) & 0xff);
        const bytes = chunk.subarray(0, Math.max(0, chunk.length - (cut > 20 ? 0 : cut)));
        const read = readTextFrames(bytes, isMasked, MOST);
        if (read !== undefined) expect(read).toEqual(readByWs(bytes, isMasked));
      }),
    );
  });
});

/** The texts that ws reads, and its error. */
function readByWs(bytes: Buffer, isMasked: boolean): unknown[] {
  const receiver = new Receiver({ isServer: isMasked });
  const read: unknown[] = [];
  receiver.on('message', (data: Buffer, isBinary: boolean) => {
    read.push(isBinary ? data : data.toString());
  });
  receiver.on('error', (error: Error) => read.push(error));
  receiver.write(bytes);
  return read;
}
