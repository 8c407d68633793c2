import { describe, expect, it } from 'vitest';
import { ArcLog, type Entry } from '../../../src/protocols/chain/log.ts';
import { Downstream, Upstream } from '../../../src/protocols/chain/streams.ts';
import { Ring } from '../../../src/replication/ring.ts';

const ARC = new Ring([0]).arcOf(0);

const entry = (timestamp: number, value = `v${timestamp}`): Entry => ({
  key: `k${timestamp}`,
  value,
  version: { timestamp, origin: { id: 0, incarnation: 1 } },
  session: { id: 9, incarnation: 1 },
  seq: timestamp,
});

/** A log in sync, with so many writes, of which some are durable and some committed. */
function logOf(writes: number, { durable = writes, committed = 0, value = 'v' } = {}): ArcLog {
  const log = new ArcLog(ARC);
  for (let timestamp = 1; timestamp <= writes; timestamp += 1) log.push(entry(timestamp, value));
  log.keep(log.generation, durable);
  log.commit(committed);
  log.isSynced = true;
  return log;
}

const AT_START = { last: 0, committed: 0 };

/** A stream whose successor has said that it is in sync. */
function synced(log: ArcLog): Downstream {
  const down = new Downstream(log, 1, true, undefined);
  expect(down.next()?.method).toBe('sync');
  down.synced({ status: 'whole', ...AT_START });
  return down;
}

describe('down the chain', () => {
  it('goes nothing before this server is in sync itself (H5)', () => {
    const log = logOf(1);
    log.isSynced = false;
    expect(new Downstream(log, 1, true, undefined).next()).toBeUndefined();
  });

  it('goes first what the successor lacks, though that be nothing', () => {
    const down = new Downstream(logOf(0), 1, true, undefined);
    const step = down.next();
    expect(step).toMatchObject({ peer: 1, method: 'sync', params: { isCounted: true, base: 0 } });
    expect(down.synced({ status: 'whole', ...AT_START })).toBe(0);
    expect(down.next()).toBeUndefined();
  });

  it('goes then every write, in order and once, whether it is durable here or not', () => {
    const log = logOf(0);
    const down = synced(log);
    for (const timestamp of [1, 2]) log.push(entry(timestamp));
    log.keep(log.generation, 1);
    const step = down.next();
    expect(step).toMatchObject({ method: 'append', params: { base: 0, durable: 1 } });
    expect(step?.method === 'append' && step.params.entries.map(([key]) => key)).toEqual([
      'k1',
      'k2',
    ]);
    expect(down.appended({ status: 'ok', last: 2, committed: 1 })).toBe(1);
    expect(down.next()).toBeUndefined();
    log.push(entry(3));
    expect(down.next()).toMatchObject({ params: { base: 2, durable: 1 } });
  });

  it('goes a write again until it is answered', () => {
    const log = logOf(0);
    const down = synced(log);
    log.push(entry(1));
    log.keep(log.generation, 1);
    const first = down.next();
    down.failed();
    expect(down.next()).toEqual(first);
  });

  it('goes all that is lacking again to one that says it is not in sync', () => {
    const log = logOf(0);
    const down = synced(log);
    log.push(entry(1));
    log.keep(log.generation, 1);
    expect(down.appended({ status: 'unsynced', last: 5, committed: 5 })).toBe(0);
    expect(down.next()).toMatchObject({ method: 'sync', params: { transfer: 2 } });
  });

  it('begins a catch-up where the successor says that it is', () => {
    const down = new Downstream(logOf(3, { committed: 3 }), 1, true, undefined);
    expect(down.next()).toMatchObject({ params: { base: 3, transfer: 1 } });
    down.synced({ status: 'behind', last: 1, committed: 1 });
    expect(down.next()).toMatchObject({ params: { base: 1, transfer: 2, upTo: 3 } });
  });

  it('goes part by part, from the first again after a failure', () => {
    const down = new Downstream(logOf(3, { value: 'x'.repeat(200_000) }), 1, true, undefined);
    const parts: unknown[] = [];
    const send = (): void => {
      const step = down.next();
      parts.push(step?.method === 'sync' && [step.params.transfer, step.params.part]);
    };
    send();
    down.synced({ status: 'more', ...AT_START });
    send();
    down.failed();
    send();
    expect(parts).toEqual([
      [1, 0],
      [1, 1],
      [2, 0],
    ]);
  });
});

describe('what is durable', () => {
  const durable = (upTo: number) => ({ peer: 1, method: 'durable', params: { upTo } });

  it('is said beside the writes, and once', () => {
    const log = logOf(0);
    const down = synced(log);
    log.push(entry(1));
    expect(down.next()).toMatchObject({ method: 'append', params: { durable: 0 } });
    expect(down.assurance.next()).toBeUndefined();
    log.keep(log.generation, 1);
    expect(down.assurance.next()).toEqual(durable(1));
    down.assurance.told(1);
    expect(down.assurance.next()).toBeUndefined();
  });

  it('is said with the writes, and again if that call has failed', () => {
    const log = logOf(1);
    const down = synced(log);
    expect(down.next()).toMatchObject({ method: 'append', params: { durable: 1 } });
    expect(down.assurance.next()).toBeUndefined();
    down.failed();
    expect(down.assurance.next()).toEqual(durable(1));
  });

  it('is no more than the servers before this one have (H3)', () => {
    const log = logOf(3);
    const up = new Upstream(log, 0);
    const down = new Downstream(log, 1, true, up);
    down.next();
    down.synced({ status: 'whole', last: 3, committed: 0 });
    expect(down.assurance.next()).toBeUndefined();
    up.durableBefore = 2;
    expect(down.assurance.next()).toEqual(durable(2));
    up.durableBefore = 9;
    expect(down.assurance.next()).toEqual(durable(3));
  });

  it('is said of no write that was not sent: that comes with the write', () => {
    const log = logOf(1);
    const down = synced(log);
    expect(down.next()).toMatchObject({ params: { durable: 1 } });
    log.push(entry(2));
    log.keep(log.generation, 2);
    expect(down.assurance.next()).toBeUndefined();
    down.appended({ status: 'ok', last: 1, committed: 1 });
    expect(down.next()).toMatchObject({ params: { base: 1, durable: 2 } });
    expect(down.assurance.next()).toBeUndefined();
  });

  it('is not said of what is acknowledged', () => {
    const log = logOf(2, { committed: 2 });
    const down = synced(log);
    down.appended({ status: 'ok', last: 2, committed: 2 });
    expect(down.assurance.next()).toBeUndefined();
    log.push(entry(3));
    expect(down.next()).toMatchObject({ params: { base: 2, durable: 0 } });
    log.keep(log.generation, 3);
    expect(down.assurance.next()).toEqual(durable(3));
  });

  it('is said with a catch-up, as far as the servers before this one have it', () => {
    const log = logOf(3);
    const up = new Upstream(log, 0);
    up.durableBefore = 2;
    const down = new Downstream(log, 1, true, up);
    expect(down.next()).toMatchObject({ method: 'sync', params: { durable: 2 } });
  });

  it('is said beside them to a successor only when that is in sync', () => {
    const down = new Downstream(logOf(1), 1, true, undefined);
    expect(down.assurance.next()).toBeUndefined();
  });
});

describe('a joiner', () => {
  const large = (): ArcLog => logOf(3, { committed: 3, value: 'x'.repeat(200_000) });

  it('that lacks little counts at once', () => {
    const down = new Downstream(logOf(1), 1, false, undefined);
    expect(down.next()).toMatchObject({ params: { isCounted: true } });
    expect(down.isCounted).toBe(true);
  });

  it('that lacks much is brought near first, and counts from the next catch-up on', () => {
    const down = new Downstream(large(), 1, false, undefined);
    expect(down.next()).toMatchObject({ params: { base: 3 } });
    down.synced({ status: 'behind', ...AT_START });
    let step = down.next();
    for (; step?.method === 'sync' && !step.params.isLast; step = down.next()) {
      expect([down.isCounted, step.params.isCounted]).toEqual([false, false]);
      down.synced({ status: 'more', ...AT_START });
    }
    down.synced({ status: 'whole', last: 3, committed: 3 });
    expect(down.next()).toMatchObject({ method: 'sync', params: { base: 3, isCounted: true } });
    expect(down.isCounted).toBe(true);
  });
});

describe('up the chain', () => {
  it('goes how far all hold the writes, once', () => {
    const log = logOf(2, { committed: 1 });
    const up = new Upstream(log, 0);
    expect(up.next()).toEqual({ peer: 0, method: 'commit', params: { upTo: 1 } });
    up.told(1);
    expect(up.next()).toBeUndefined();
    log.commit(2);
    expect(up.next()).toMatchObject({ params: { upTo: 2 } });
    up.told(1);
    expect(up.next()).toMatchObject({ params: { upTo: 2 } });
  });

  it('goes nothing from a server that is not in sync', () => {
    const log = logOf(1, { committed: 1 });
    log.isSynced = false;
    expect(new Upstream(log, 0).next()).toBeUndefined();
  });
});
