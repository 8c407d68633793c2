// Bytes that a receiver does not take wait at their sender, and not in the master.
import { connect, createServer, type Socket } from 'node:net';
import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { LateCarriage, ON_WAY_BYTES } from '../../src/engines/tcp/lateCarriage.ts';
import { findPort } from '../../src/engines/tcp/ports.ts';
import { TcpProxy } from '../../src/engines/tcp/tcpProxy.ts';

const PART = Buffer.alloc(64 * 1024);
const MANY = (4 * ON_WAY_BYTES) / PART.length;
const links = (delayMs: number) => ({ obstacle: () => undefined, delayMs: () => delayMs });

it.each([0, 5])('only so much is on its way with a delay of %i ms', async (delayMs) => {
  const from = new PassThrough({ highWaterMark: 2 * MANY * PART.length });
  const held: (() => void)[] = [];
  let isHolding = true;
  const received: number[] = [];
  const to = new Writable({
    write: (part: Buffer, _encoding, done) => {
      received.push(part[0] ?? 0);
      if (isHolding) held.push(done);
      else done();
    },
  });
  const carriage = new LateCarriage(from, to, () => delayMs);
  const ended = new Promise<void>((resolve) => {
    from.once('end', () => carriage.finish(delayMs, () => to.end(resolve)));
  });
  for (let at = 0; at < MANY; at += 1) from.write(Buffer.alloc(PART.length, at % 256));
  from.end();
  await expect.poll(() => from.isPaused()).toBe(true);
  await expect.poll(() => to.writableLength).toBe(ON_WAY_BYTES);
  isHolding = false;
  for (const done of held) done();
  await ended;
  expect(received).toEqual(Array.from({ length: MANY }, (_, at) => at % 256));
});

it.each([0, 2])('a proxy with a delay of %i ms stops reading', async (delayMs) => {
  const port = await findPort();
  const sizes = { read: 0, sent: 0 };
  const target = createServer({ pauseOnConnect: true });
  const arrived = new Promise<Socket>((resolve) => target.once('connection', resolve));
  await new Promise<void>((resolve) => target.listen(port, '127.0.0.1', resolve));
  const proxy = await TcpProxy.open({ from: 0, to: 1, links: links(delayMs), target: () => port });
  const sender = connect(proxy.port, '127.0.0.1');
  // More than the system and the proxy keep together.
  const total = 64 * 1024 * 1024;
  const send = (): void => {
    while (sizes.sent < total) {
      sizes.sent += PART.length;
      if (!sender.write(PART)) return;
    }
  };
  sender.on('drain', send);
  send();
  const far = await arrived;
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = before === sizes.sent;
        before = sizes.sent;
        return isStill;
      },
      { interval: 300 },
    )
    .toBe(true);
  expect(sizes.sent).toBeLessThan(total / 2);
  far.on('data', (part: Buffer) => {
    sizes.read += part.length;
  });
  far.resume();
  await expect.poll(() => sizes.read, { timeout: 10_000 }).toBe(total);
  sender.destroy();
  proxy.close();
  target.close();
});
