// What Causeway decides about a cluster of etcd: what an answer means, when a server is ready, and
// which messages of members pass. The last is tested on a member that is an HTTP server.
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PeerProxy } from '../../src/engines/etcd/peerProxy.ts';
import { SlowLinks } from '../../src/engines/tcp/slowLinks.ts';
import { ETCD_TWINS } from '../twins/etcd.ts';
import { findComplaint } from '../twins/etcdSuite.ts';
import { importMutated } from '../twins/mutate.ts';

describe('the decisions about etcd', () => {
  it('keep their laws', () => {
    expect(findComplaint()).toBeUndefined();
  });

  it.each(ETCD_TWINS)('are caught without one: $name', async ({ edits, caughtBy }) => {
    const suite = (await importMutated('test/twins/etcdSuite.ts', edits)) as {
      findComplaint: typeof findComplaint;
    };
    expect(suite.findComplaint()).toMatch(caughtBy);
  });
});

describe('the proxy before a member', () => {
  const links = new SlowLinks({ seed: 1, now: () => performance.now() });
  /** Answers a stream with one message, and goes on; takes all else. */
  const member = createServer((asked, answer) => {
    asked.resume();
    answer.writeHead(200);
    if (asked.method === 'GET') answer.write('message');
    else asked.once('end', () => answer.end('taken'));
  });
  let proxy: PeerProxy;

  beforeAll(async () => {
    await new Promise<void>((resolve) => member.listen(0, '127.0.0.1', resolve));
    const { port } = member.address() as AddressInfo;
    const serverOf = (hex: string): number | undefined => (hex === 'a2' ? 2 : undefined);
    proxy = await PeerProxy.open({ id: 1, links, serverOf, target: () => port });
  });
  afterAll(() => {
    proxy.close();
    member.closeAllConnections();
    member.close();
  });

  /** What comes back of a request of server 2, and when it ends. */
  function ask(method: string, path: string): { first: Promise<string>; ended: Promise<string> } {
    const headers = { 'x-server-from': 'a2' };
    const call = request({ host: '127.0.0.1', port: proxy.port, method, path, headers });
    const ended = new Promise<string>((resolve) => call.once('close', () => resolve('ended')));
    const first = new Promise<string>((resolve) => {
      call.once('error', () => resolve('no answer'));
      call.once('response', (response) => {
        response.on('error', () => undefined);
        response.once('data', (part: Buffer) => resolve(part.toString()));
      });
    });
    call.end(method === 'POST' ? 'messages' : undefined);
    return { first, ended };
  }

  it('lets all pass while there is a link, and ends it at a cut', async () => {
    links.link(1, 2);
    const stream = ask('GET', '/raft/stream/message/a1');
    expect(await stream.first).toBe('message');
    expect(await ask('POST', '/raft').first).toBe('taken');
    links.unlink(1, 2);
    proxy.linksChanged();
    expect(await stream.ended).toBe('ended');
    expect(await ask('GET', '/raft/stream/message/a1').first).toBe('no answer');
    expect(await ask('POST', '/raft').first).toBe('no answer');
  });

  it('cuts one way: a stream carries messages against the direction of its request', async () => {
    links.link(1, 2);
    links.mute(2, 1);
    expect(await ask('GET', '/raft/stream/message/a1').first).toBe('message');
    expect(await ask('POST', '/raft').first).toBe('no answer');
    links.link(1, 2);
    links.mute(1, 2);
    expect(await ask('GET', '/raft/stream/message/a1').first).toBe('no answer');
    expect(await ask('POST', '/raft').first).toBe('taken');
    links.link(1, 2);
  });

  it('delays what passes', async () => {
    links.setLink({
      direction: [1, 2],
      setting: { delay: { kind: 'uniform', leastMs: 150, mostMs: 150 } },
    });
    const begun = performance.now();
    expect(await ask('GET', '/raft/stream/message/a1').first).toBe('message');
    expect(performance.now() - begun).toBeGreaterThan(145);
    links.setLink({ direction: 'all', setting: null });
  });

  it('answers what carries no messages, whoever asks', async () => {
    links.unlink(1, 2);
    const answer = await fetch(`${proxy.url}/version`);
    expect(answer.ok).toBe(true);
    await answer.body?.cancel();
  });
});
