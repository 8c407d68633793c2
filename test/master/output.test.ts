// The two output streams: order, batching, slow readers and readers that are gone.
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from '../../src/master/output.ts';
import { Collector, SlowReader } from '../support/streams.ts';

const ignoreClosing = (): void => undefined;

describe('output', () => {
  test('what is said in one turn is one write, at the end of the turn', async () => {
    const writes: string[] = [];
    const stdout = new Collector();
    stdout.write = (text: unknown) => writes.push(String(text)) > 0;
    const output = new Output({ stdout, stderr: new Collector() }, ignoreClosing);
    output.answer('a\n');
    output.answer('b\n');
    expect(writes).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes).toEqual(['a\nb\n']);
  });

  test('much is written before the turn ends', () => {
    const stdout = new Collector();
    const output = new Output({ stdout, stderr: new Collector() }, ignoreClosing);
    for (let count = 0; count < 100; count += 1) output.answer('x'.repeat(1000));
    expect(stdout.text.length).toBeGreaterThan(60_000);
  });

  test('the order between the streams is kept', async () => {
    const both = new Collector();
    const output = new Output({ stdout: both, stderr: both }, ignoreClosing);
    output.answer('1');
    output.diagnostic('2');
    output.answer('3');
    await output.drained();
    expect(both.text).toBe('123');
  });

  test('a slow reader is waited for', async () => {
    const stdout = new SlowReader();
    const output = new Output({ stdout, stderr: new Collector() }, ignoreClosing);
    expect(output.ready()).toBeUndefined();
    output.answer('more than the reader takes at once\n');
    output.flush();
    const ready = output.ready();
    expect(ready).toBeInstanceOf(Promise);
    stdout.open();
    await ready;
    expect(output.ready()).toBeUndefined();
  });

  test('A55 a reader that is gone is told once, and written to no more', async () => {
    const stdout = new PassThrough();
    let closings = 0;
    const output = new Output({ stdout, stderr: new Collector() }, () => {
      closings += 1;
    });
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => stdout.once('close', resolve));
    output.answer('a\n');
    await output.drained();
    output.answer('b\n');
    await output.drained();
    expect(closings).toBe(1);
    expect(output.ready()).toBeUndefined();
  });

  test('what breaks at the last write is told before everything counts as written', async () => {
    const stdout = new Writable({
      write: (_chunk, _encoding, done) => done(new Error('no room')),
    });
    const told: string[] = [];
    const output = new Output({ stdout, stderr: new Collector() }, ({ message }) => {
      told.push(message);
    });
    output.answer('a\n');
    await output.drained();
    expect(told).toEqual(['no room']);
  });

  test('a stderr that is gone ends nothing', async () => {
    const [stdout, stderr] = [new Collector(), new PassThrough()];
    let closings = 0;
    const output = new Output({ stdout, stderr }, () => {
      closings += 1;
    });
    stderr.destroy(new Error('write EPIPE'));
    await new Promise((resolve) => stderr.once('close', resolve));
    output.diagnostic('lost\n');
    output.answer('kept\n');
    await output.drained();
    expect([stdout.text, closings]).toEqual(['kept\n', 0]);
  });

  test('sealed, it lets go of what it has and says nothing more', async () => {
    const stdout = new Collector();
    const output = new Output({ stdout, stderr: new Collector() }, ignoreClosing);
    output.answer('before\n');
    output.seal();
    output.answer('after\n');
    await output.drained();
    expect(stdout.text).toBe('before\n');
  });

  test('sealed, it still prints what is known at the end', async () => {
    const stdout = new Collector();
    const output = new Output({ stdout, stderr: new Collector() }, ignoreClosing);
    output.answer('before\n');
    output.lastAnswer('first\n');
    output.seal();
    output.lastAnswer('last\n');
    await output.drained();
    expect(stdout.text).toBe('before\nfirst\nlast\n');
  });
});
