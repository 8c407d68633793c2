// What Causeway decides about Redis, and what a proxy between two servers lets pass.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisMember } from '../../src/engines/redis/member.ts';
import type { StoreSetup } from '../../src/engines/store/store.ts';
import { SlowLinks } from '../../src/engines/tcp/slowLinks.ts';
import { TcpProxy } from '../../src/engines/tcp/tcpProxy.ts';
import { importMutated } from '../twins/mutate.ts';
import { REDIS_TWINS } from '../twins/redis.ts';
import { findComplaint } from '../twins/redisSuite.ts';

describe('the decisions about Redis', () => {
  it('keep their laws', () => {
    expect(findComplaint()).toBeUndefined();
  });

  it.each(REDIS_TWINS)('are caught without one: $name', async ({ edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/redisSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  });
});

describe('a server of Redis', () => {
  /** Of this process. */
  const listeners = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length;

  it('has one way to its primary, also if it is told twice at the same time', async () => {
    const links = new SlowLinks({ seed: 1, now: () => performance.now() });
    const setup = { links } as unknown as StoreSetup;
    const [primary, replica] = [new RedisMember(0, setup), new RedisMember(1, setup)];
    const before = listeners();
    const orders = [1, 2].map(() => replica.follow(primary, 1_000));
    // Its program does not run, so it cannot be told; but the way is open by then.
    expect((await Promise.allSettled(orders)).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ]);
    await expect.poll(listeners).toBe(before + 1);
    replica.close();
    await expect.poll(listeners).toBe(before);
  });
});

describe('a proxy between two servers', () => {
  const links = new SlowLinks({ seed: 1, now: () => performance.now() });
  /** Sends back all that it gets, and keeps it. */
  const heard: string[] = [];
  const target = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (part) => {
      heard.push(part.toString());
      socket.write(part);
    });
  });
  let proxy: TcpProxy;

  beforeAll(async () => {
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { port } = target.address() as AddressInfo;
    proxy = await TcpProxy.open({ from: 2, to: 1, links, target: () => port });
  });
  afterAll(() => {
    proxy.close();
    target.close();
  });

  async function dial(): Promise<Socket> {
    const socket = connect({ port: proxy.port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async function echo(socket: Socket, text: string): Promise<string> {
    socket.write(text);
    const [part] = (await once(socket, 'data')) as [Buffer];
    return part.toString();
  }

  it('carries both ways, ends at a cut, and opens none before the link is whole', async () => {
    links.link(1, 2);
    const socket = await dial();
    expect(await echo(socket, 'one')).toBe('one');
    links.unlink(1, 2);
    proxy.linksChanged();
    await once(socket, 'close');
    const other = await dial();
    await once(other, 'close');
    expect(heard).toEqual(['one']);
  });

  it('loses one direction, and ends what has a gap when the link is whole', async () => {
    links.link(1, 2);
    const socket = await dial();
    await echo(socket, 'two');
    links.mute(1, 2);
    proxy.linksChanged();
    let isAnswered = false;
    socket.once('data', () => {
      isAnswered = true;
    });
    socket.write('three');
    await expect.poll(() => heard).toContain('three');
    links.link(1, 2);
    proxy.linksChanged();
    await once(socket, 'close');
    expect(isAnswered).toBe(false);
  });

  it('delivers what was sent before the end, in order, however long each part takes', async () => {
    const delay = { kind: 'uniform', leastMs: 0, mostMs: 5 } as const;
    links.setLink({ direction: [2, 1], setting: { delay } });
    heard.length = 0;
    const socket = await dial();
    const parts = Array.from({ length: 200 }, (_, at) => `${at};`);
    for (const part of parts) {
      socket.write(part);
      // Each is a part of its own at the proxy.
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
    await once(socket.resume(), 'close');
    await expect.poll(() => heard.join('')).toBe(parts.join(''));
  });

  it('lets a server that still talks hear all that was said before the end', async () => {
    let text = '';
    const slow = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.pause();
      // The first one to nobody is answered with an end, and the second one fails then.
      setTimeout(() => socket.write('late'), 50);
      setTimeout(() => socket.write('later'), 80);
      setTimeout(() => socket.resume(), 110);
      socket.on('data', (part) => {
        text += part;
      });
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const { port } = slow.address() as AddressInfo;
    const setup = { from: 2, to: 1, links, target: () => port };
    links.link(1, 2);
    links.setLink({ direction: 'all', setting: null });
    const way = await TcpProxy.open(setup);
    const socket = connect({ port: way.port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write('all');
    socket.destroySoon();
    await expect.poll(() => text).toBe('all');
    way.close();
    slow.close();
  });

  it('delays what passes, in order', async () => {
    const delay = { kind: 'uniform', leastMs: 100, mostMs: 100 } as const;
    links.setLink({ direction: [2, 1], setting: { delay } });
    const socket = await dial();
    const begun = performance.now();
    expect(await echo(socket, 'four')).toBe('four');
    expect(performance.now() - begun).toBeGreaterThan(95);
    socket.destroy();
  });
});
