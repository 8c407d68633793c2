// What a server gives to its disk.
import { expect, it } from 'vitest';
import type { Env } from '../../../src/kernel/env.ts';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Json } from '../../../src/kernel/json.ts';
import type { Storage } from '../../../src/kernel/storage.ts';
import { Disk } from '../../../src/protocols/sharded/disk.ts';
import type { ShardedMessages } from '../../../src/protocols/sharded/messages.ts';
import { ShardedState } from '../../../src/protocols/sharded/state.ts';
import { configuration, group, lifeOf, put, settings } from './builders.ts';

/** Appends wait until `flush`, which fails if the disk is full; each makes the log long. */
class SlowStorage implements Storage {
  readonly isDurable = true;
  readonly length = 1_000_000;
  readonly compactions: Json[][] = [];
  isFull = false;
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  append(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  compact(records: Iterable<Json>): Promise<void> {
    this.compactions.push([...records]);
    return Promise.resolve();
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  async flush(): Promise<void> {
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.isFull) reject(new CallError('E_STORAGE'));
      else resolve();
    }
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  }
}

function diskOf() {
  const state = new ShardedState(lifeOf(0), settings());
  const one = configuration(5, [group(1, [0])]);
  state.adopt(one);
  state.kept(5);
  const storage = new SlowStorage();
  const env = { storage, failed: (error: unknown) => expect(error).toBeUndefined() };
  const events = { written: () => undefined, refused: () => undefined };
  const disk = new Disk(env as unknown as Env<ShardedMessages, 'server'>, state, events);
  if (state.log === undefined) throw new Error('no log');
  return { disk, log: state.log, state, storage };
}

/** How many entries are in a compacted log. */
function countEntries(records: readonly Json[]): number {
  const packed = records.map((record) => record as [string, number, Json[]]);
  return packed.reduce((sum, [kind, , list]) => sum + (kind === 'entries' ? list.length : 0), 0);
}

it('a compaction has the entries that the disk has or is given, and no later ones', async () => {
  const { disk, log, storage } = diskOf();
  log.push(put(1, 1));
  disk.write();
  log.push(put(1, 2));
  await storage.flush();
  expect(storage.compactions.map(countEntries)).toEqual([1]);
  storage.isFull = true;
  await storage.flush();
  expect([log.last, log.durable]).toEqual([1, 1]);
});

it('a snapshot is given in one go, so that no compaction comes between its parts', async () => {
  const { disk, log, storage } = diskOf();
  const value = 'x'.repeat(400_000);
  const values = [1, 2, 3, 4].map(
    (at) => [`${at}`, { value, version: put(1, at).version }] as const,
  );
  const pieces = values.map((one, index) => ({
    ...{ slot: 0, isFirst: index === 0, latest: 4, sessions: [] },
    values: [one],
  }));
  log.install({ upTo: 4, history: [[1, 1]], received: [], pieces });
  disk.write();
  const given = storage.waiting;
  expect(given).toBeGreaterThan(1);
  await storage.flush();
  expect([log.durable, storage.waiting]).toEqual([4, 0]);
});

it('what was given of another log says nothing of the current one', async () => {
  const { disk, log, state, storage } = diskOf();
  for (const seq of [1, 2, 3]) log.push(put(1, seq));
  disk.write();
  await storage.flush();
  state.adopt(configuration(6, [group(2, [0])], { owners: [2, 2, 2, 2] }));
  const kept = disk.keep(configuration(6, [group(2, [0])]), 2);
  state.log?.push(put(1, 4));
  await storage.flush();
  await kept;
  expect(state.log).not.toBe(log);
  expect(storage.compactions.map(countEntries).at(-1)).toBe(0);
});
