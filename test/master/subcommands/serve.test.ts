// `causeway serve` with real requests: what it refuses, how a stream is taken up again, and that a
// line is done when it is ordered.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { Interruption } from '../../../src/master/interruption.ts';
import { MOST_WATCHERS } from '../../../src/master/live/liveApp.ts';
import { runProgram } from '../../../src/master/program.ts';
import { PROTOCOLS } from '../../../src/protocols/registry.ts';
import type { LivePart, Order } from '../../../src/web/live/messages.ts';
import { readReport } from '../../support/reports.ts';
import { Collector, createInput } from '../../support/streams.ts';

const SCRIPT = 'joinServer 0\njoinClient 5 0\n# a comment\nput 5 k v\nget 5 k\nnonsense\n';

const folder = mkdtempSync(join(tmpdir(), 'causeway-serve-'));
const path = join(folder, 'script.txt');
writeFileSync(path, SCRIPT);
afterAll(() => rmSync(folder, { recursive: true }));

const running: { interruption: Interruption; done: Promise<number> }[] = [];
afterEach(async () => {
  for (const { interruption, done } of running.splice(0)) {
    interruption.interrupt(130);
    await done;
  }
});

async function serve(...words: string[]) {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const interruption = new Interruption();
  const stdin = createInput('');
  const setup = { protocols: PROTOCOLS, stdin, stdout, stderr, interruption };
  const done = runProgram({ words: ['serve', ...words], ...setup });
  running.push({ interruption, done });
  await stderr.shows('/\n');
  const [, address = ''] = /^causeway: live: (http:\S+)\n/.exec(stderr.text) ?? [];
  return { address: new URL(address), stdout, stderr, interruption, done };
}

interface Asked {
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
}

/** Resolves when the head of the answer has come. `fetch` would not let a test name the host. */
function ask(url: URL, { method = 'GET', headers = {}, body }: Asked = {}) {
  return new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, agent: false }, resolve).on('error', reject).end(body);
  });
}

async function statusOf(url: URL, asked?: Asked): Promise<number | undefined> {
  const response = await ask(url, asked);
  response.destroy();
  return response.statusCode;
}

function order(address: URL, what: Order): Promise<number | undefined> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify(what);
  return statusOf(new URL('orders', address), { method: 'POST', headers, body });
}

/** A stream of events, as a browser reads it. */
class Stream {
  readonly parts: LivePart[] = [];
  last = '';
  readonly #response: IncomingMessage;
  readonly #events: AsyncGenerator<LivePart[]>;

  constructor(response: IncomingMessage) {
    this.#response = response;
    this.#events = this.#read();
  }

  static async open(address: URL, after?: string): Promise<Stream> {
    const headers = { ...(after !== undefined && { 'last-event-id': after }) };
    return new Stream(await ask(new URL('events', address), { headers }));
  }

  /** Reads until a part fits. Throws if the stream ends before. */
  async until(fits: (part: LivePart) => boolean): Promise<LivePart> {
    for (;;) {
      const found = this.parts.find(fits);
      if (found !== undefined) return found;
      const { value } = await this.#events.next();
      if (value === undefined) throw new Error('the stream has ended');
      this.parts.push(...value);
    }
  }

  close(): void {
    this.#response.destroy();
  }

  async *#read(): AsyncGenerator<LivePart[]> {
    let text = '';
    for await (const chunk of this.#response.setEncoding('utf8')) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const [, id = '', data = ''] = /^id: (\d+)\ndata: (.*)$/.exec(event) ?? [];
        this.last = id;
        yield JSON.parse(data);
      }
    }
  }
}

const isIdleAfter = (done: number) => (part: LivePart) =>
  part.part === 'progress' && part.progress.state === 'idle' && part.progress.done === done;
const says = (text: string) => (part: LivePart) =>
  part.part === 'said' && part.said.text.includes(text);

describe('a live run', () => {
  test('refuses other tokens, hosts, origins, paths and bodies', async () => {
    const { address } = await serve('--sim', path);
    const other = new URL(`/${'x'.repeat(43)}/`, address);
    const orders = new URL('orders', address);
    const json = { 'content-type': 'application/json' };
    const post = { method: 'POST', body: '{"do":"next"}' };
    expect(await statusOf(address)).toBe(200);
    expect(await statusOf(other)).toBe(403);
    expect(await statusOf(new URL('events', other))).toBe(403);
    expect(await statusOf(new URL('orders', other), { ...post, headers: json })).toBe(403);
    expect(await statusOf(new URL('/', address))).toBe(404);
    expect(await statusOf(new URL('data', address))).toBe(404);
    expect(await statusOf(address, { headers: { host: 'rebound.example' } })).toBe(403);
    expect(await statusOf(address, { headers: { origin: 'http://rebound.example' } })).toBe(403);
    expect(await statusOf(orders, post)).toBe(415);
    expect(await statusOf(orders, { ...post, headers: json, body: '{' })).toBe(400);
    expect(await statusOf(orders, { ...post, headers: json, body: '{"do":"fly"}' })).toBe(400);
    const long = `{"do":"type","text":"${'x'.repeat(70_000)}"}`;
    expect(await statusOf(orders, { ...post, headers: json, body: long })).toBe(413);
  });

  test('serves a page that no frame may hold and no cache keeps', async () => {
    const { address } = await serve('--sim');
    const { headers } = await ask(address);
    expect(headers['content-security-policy']).toBe("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('does a line when it is ordered, and typed ones between them', async () => {
    const { address, stdout, done } = await serve('--sim', path);
    const stream = await Stream.open(address);
    await stream.until(isIdleAfter(0));
    expect(await order(address, { do: 'next' })).toBe(202);
    await stream.until(isIdleAfter(1));
    await order(address, { do: 'runTo', line: 4 });
    await stream.until(isIdleAfter(4));
    expect(stdout.text).toBe('');
    await order(address, { do: 'type', text: 'put 5 k w' });
    await stream.until(isIdleAfter(5));
    await order(address, { do: 'runAll' });
    await stream.until(isIdleAfter(7));
    expect(stdout.text).toBe('k:w\n');
    await stream.until(says(':7: E_UNKNOWN_COMMAND'));
    expect(stream.parts.filter(({ part }) => part === 'look').length).toBeGreaterThan(1);
    expect(stream.parts.some(({ part }) => part === 'verdict')).toBe(true);
    await order(address, { do: 'stop' });
    await stream.until((part) => part.part === 'progress' && part.progress.state === 'over');
    expect(await done).toBe(65);
  });

  test('sends a page that comes back what it has missed', async () => {
    const { address } = await serve('--sim', path);
    const first = await Stream.open(address);
    await order(address, { do: 'next' });
    await first.until(isIdleAfter(1));
    first.close();
    await order(address, { do: 'runAll' });
    const [again, whole] = await Promise.all([
      Stream.open(address, first.last),
      Stream.open(address),
    ]);
    await Promise.all([again.until(isIdleAfter(6)), whole.until(isIdleAfter(6))]);
    expect(again.parts[0]?.part).not.toBe('begin');
    expect([...first.parts, ...again.parts]).toEqual(whole.parts);
  });

  test('has room for so many pages', async () => {
    const { address } = await serve('--sim');
    const streams: Stream[] = [];
    for (let count = 0; count < MOST_WATCHERS; count += 1) {
      streams.push(await Stream.open(address));
    }
    expect(await statusOf(new URL('events', address))).toBe(503);
    for (const stream of streams) stream.close();
  });

  test('answers while a simulation runs', async () => {
    const { address } = await serve('--sim', path);
    const stream = await Stream.open(address);
    await order(address, { do: 'runTo', line: 2 });
    await order(address, { do: 'type', text: 'workload ops=600' });
    await stream.until((part) => part.part === 'operation');
    expect(await statusOf(address)).toBe(200);
    expect(await order(address, { do: 'pause' })).toBe(202);
    await stream.until(isIdleAfter(3));
    expect(stream.parts.some(({ part }) => part === 'failure')).toBe(false);
  });
});

describe('a live run ends', () => {
  test('with its script if that is asked for; a report has it all', async () => {
    const report = join(folder, 'run.html');
    const { address, done, stdout } = await serve('--exit', '--report', report, path);
    await order(address, { do: 'runAll' });
    expect([await done, stdout.text]).toEqual([65, 'k:v\n']);
    const view = await readReport(report);
    expect(view).toMatchObject({ world: 'processes', source: { script: SCRIPT } });
    expect(view.looks.length).toBeGreaterThan(1);
    running.length = 0;
  });

  test('by a signal, with its status', async () => {
    const { address, interruption, done } = await serve(path);
    await order(address, { do: 'next' });
    interruption.interrupt(130);
    expect(await done).toBe(130);
    await expect(ask(address)).rejects.toThrow('ECONNREFUSED');
  });

  test('before it begins, if the port is taken or no number', async () => {
    const { address } = await serve('--sim');
    const run = async (...words: string[]) => {
      const [stdout, stderr] = [new Collector(), new Collector()];
      const interruption = new Interruption();
      const setup = { protocols: PROTOCOLS, stdin: createInput(''), stdout, stderr, interruption };
      const status = await runProgram({ words: ['serve', ...words], ...setup });
      return [status, stderr.text];
    };
    const { port } = address;
    expect(await run('--sim', '--port', port)).toEqual([
      71,
      `causeway: E_IO: port ${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
    ]);
    expect((await run('--port', '65536'))[0]).toBe(64);
    expect(await run(path, path)).toEqual([64, 'causeway: serve runs one script\n']);
  });
});
