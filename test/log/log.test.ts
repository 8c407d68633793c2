// The log on a simulated disk: appends, compactions, crashes, full and failing disks.
import { describe, expect, it } from 'vitest';
import { Bug } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';
import { DiskError, type DiskFile } from '../../src/log/disk.ts';
import { Log } from '../../src/log/log.ts';
import type { LogError } from '../../src/log/logError.ts';
import { type Marks, runLogExercise } from './exercise.ts';
import { Folder, OWNER, whyNot } from './folder.ts';

const SEEDS = Number(process.env.CAUSEWAY_SEEDS ?? 60);

/** More operations than any of the scripts below has. */
const ENOUGH = 40;

async function opened(): Promise<{ folder: Folder; life: Awaited<ReturnType<Folder['open']>> }> {
  const folder = new Folder();
  return { folder, life: await folder.open() };
}

describe('appending', () => {
  it('gives the records back in order, whatever they are', async () => {
    const { folder, life } = await opened();
    const records: Json[] = [null, true, 0, -1.5, '', 'é\u0000\u{1f600}', [], {}, [[{ a: [1] }]]];
    for (const record of records) await life.log.append(record);
    expect((await folder.open()).records).toEqual(records);
  });

  it('shares one write and one sync among all that is under way', async () => {
    const { folder, life } = await opened();
    const operationsOf = async (count: number): Promise<number> => {
      const before = folder.disk.operations;
      await Promise.all(Array.from({ length: count }, (_, index) => life.log.append(index)));
      return folder.disk.operations - before;
    };
    expect(await operationsOf(1)).toBe(2);
    expect(await operationsOf(1000)).toBe(2);
  });

  it('takes what comes during a sync into the next group, and resolves in order', async () => {
    const { folder, life } = await opened();
    const done: number[] = [];
    const append = (n: number) => life.log.append(n).then(() => done.push(n));
    const before = folder.disk.operations;
    const first = append(0);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, ...[1, 2, 3, 4].map(append)]);
    expect(done).toEqual([0, 1, 2, 3, 4]);
    expect(folder.disk.operations - before).toBe(4);
  });

  it('copies the record at once, and refuses what JSON would change', async () => {
    const { folder, life } = await opened();
    const record = { list: [1] };
    const appended = life.log.append(record);
    record.list.push(2);
    await appended;
    expect(() => life.log.append({ gone: undefined } as unknown as Json)).toThrow('not JSON');
    expect((await folder.open()).records).toEqual([{ list: [1] }]);
  });

  it('writes records that are far larger than one read', async () => {
    const { folder, life } = await opened();
    const large = 'x'.repeat(3_000_000);
    await Promise.all(['before', large, 'behind'].map((record) => life.log.append(record)));
    expect((await folder.open()).records).toEqual(['before', large, 'behind']);
  });

  it('is a bug before the log is open', () => {
    const { log } = new Folder().begin();
    expect(() => log.append(1)).toThrow(Bug);
  });
});

describe('compacting', () => {
  it('replaces what was appended before, and keeps what comes behind', async () => {
    const { folder, life } = await opened();
    const { log } = life;
    await log.append('old');
    const behind = [log.append('older still'), log.compact(['new']), log.append('later')];
    await Promise.all(behind);
    expect((await folder.open()).records).toEqual(['new', 'later']);
  });

  it('takes its records at once', async () => {
    const { folder, life } = await opened();
    const state = ['a'];
    const compacted = life.log.compact(state);
    state.push('b');
    await compacted;
    expect((await folder.open()).records).toEqual(['a']);
  });

  it('counts what was appended since, over lives too', async () => {
    const { folder, life } = await opened();
    for (const record of [1, 2, 3]) await life.log.append(record);
    expect(life.log.length).toBe(3);
    await life.log.compact(['one', 'two']);
    expect(life.log.length).toBe(0);
    await life.log.append(4);
    expect(life.log.length).toBe(1);
    expect((await folder.open()).log.length).toBe(1);
  });

  it('leaves the old log or the new one, wherever the power fails', async () => {
    const outcomes = new Set<string>();
    for (let operation = 1; operation < ENOUGH; operation += 1) {
      const folder = new Folder(operation);
      const first = await folder.open();
      for (const record of [1, 2, 3]) await first.log.append(record);
      first.end();
      const life = folder.begin(OWNER, operation);
      const all = life.open().then(async () => {
        await Promise.all([life.log.append(4), life.log.compact(['1-4']), life.log.append(5)]);
      });
      await Promise.race([all, life.ended]);
      folder.disk.failPower();
      const { records } = await folder.open();
      outcomes.add(JSON.stringify(records));
    }
    const old = ['[1,2,3]', '[1,2,3,4]'];
    const compacted = ['["1-4"]', '["1-4",5]'];
    expect([...outcomes].filter((found) => ![...old, ...compacted].includes(found))).toEqual([]);
    expect(outcomes.size).toBe(4);
  });

  it.each([
    ['before it begins', 1],
    ['in its midst', 2],
    ['when it takes its name', 'last'],
  ] as const)('may run out of room %s, and the log goes on as it was', async (_when, where) => {
    const { folder, life } = await opened();
    await life.log.append('kept');
    // To create the file, to write its three pieces, to rename it.
    const at = where === 'last' ? 7 : where;
    folder.disk.setFault({ code: 'ENOSPC', at, lasts: false });
    expect(await whyNot(life.log.compact(['new']))).toMatch(/^E_STORAGE/);
    expect(life.log.length).toBe(1);
    expect([...folder.disk.files.keys()].sort()).toEqual(['log', 'manifest']);
    await life.log.append('more');
    const next = await folder.open();
    expect([next.records, next.warnings]).toEqual([['kept', 'more'], []]);
    expect([...folder.disk.files.keys()].sort()).toEqual(['log', 'manifest']);
  });
});

describe('a disk without room', () => {
  it('refuses the record for good, and every one behind it (F15)', async () => {
    const { folder, life } = await opened();
    await life.log.append('kept');
    folder.disk.setFault({ code: 'ENOSPC', at: 1, lasts: false });
    const refused = ['two', 'three', 'four'].map((record) => whyNot(life.log.append(record)));
    expect(new Set(await Promise.all(refused))).toEqual(
      new Set(['E_STORAGE the disk refuses to keep anything more: folder: ENOSPC']),
    );
    expect(await whyNot(life.log.append('five'))).toMatch(/^E_STORAGE/);
    expect(life.failures).toEqual([]);
    const next = await folder.open();
    expect(next.records).toEqual(['kept']);
    expect(next.warnings.length).toBeLessThanOrEqual(1);
  });
});

describe('a disk without room', () => {
  it('refuses what was asked for while the refused was being written, too (L3)', async () => {
    const { folder, life } = await opened();
    folder.disk.setFault({ code: 'ENOSPC', at: 1, lasts: false });
    const first = whyNot(life.log.append('first'));
    while (folder.disk.operations === 0) await Promise.resolve();
    const second = whyNot(life.log.append('second'));
    expect(await Promise.all([first, second])).toEqual([
      expect.stringMatching(/^E_STORAGE/),
      expect.stringMatching(/^E_STORAGE/),
    ]);
    expect((await folder.open()).records).toEqual([]);
  });
});

it('a disk that only finds no room when it syncs has failed (L4)', async () => {
  const folder = new Folder();
  await folder.open();
  const disk = folder.attach();
  let hasRoom = true;
  const withoutRoom = (file: DiskFile): DiskFile => ({
    get size() {
      return file.size;
    },
    read: (position, length) => file.read(position, length),
    write: (position, bytes) => file.write(position, bytes),
    sync: () =>
      hasRoom ? file.sync() : Promise.reject(new DiskError('ENOSPC', 'no room to sync')),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  });
  const failed = new Promise<LogError>((onFailure) => {
    const log = new Log({
      disk: { ...disk, open: async (name) => withoutRoom(await disk.open(name)) },
      owner: OWNER,
      life: { id: OWNER.server, incarnation: 2 },
      warn: () => undefined,
      onFailure,
    });
    void log
      .open(() => undefined)
      .then(() => {
        hasRoom = false;
        return log.append('lost');
      });
  });
  expect((await failed).code).toBe('E_IO');
});

describe('a disk that fails', () => {
  it.each([
    ['writing', 1],
    ['syncing', 2],
  ])('when %s ends the life: no answer, and no second try (F16)', async (_what, at) => {
    const { folder, life } = await opened();
    await life.log.append('kept');
    folder.disk.setFault({ code: 'EIO', at, lasts: false });
    let isAnswered = false;
    const answered = (): void => {
      isAnswered = true;
    };
    life.log.append('lost').then(answered, answered);
    await life.ended;
    expect(life.failures.map(({ code }) => code)).toEqual(['E_IO']);
    life.log.append('later').then(answered, answered);
    await new Promise((resolve) => setImmediate(resolve));
    expect([isAnswered, folder.disk.operations]).toEqual([false, at]);
    folder.disk.failPower();
    expect((await folder.open()).records).toEqual(['kept']);
  });

  it('at any operation loses nothing that was acknowledged', async () => {
    for (const code of ['EIO', 'ENOSPC'] as const) {
      for (let at = 1; at < ENOUGH; at += 1) {
        for (const lasts of [false, true]) {
          const folder = new Folder(at);
          const first = await folder.open();
          await first.log.append(0);
          first.end();
          folder.disk.setFault({ code, at, lasts });
          const acked = [0];
          const life = folder.begin();
          const work = async (): Promise<void> => {
            await life.open();
            for (const n of [1, 2]) await life.log.append(n).then(() => acked.push(n));
            await life.log.compact([[0, 1, 2]]);
            await life.log.append(3).then(() => acked.push(3));
          };
          await Promise.race([work().catch(() => undefined), life.ended]);
          life.end();
          folder.disk.setFault();
          folder.disk.failPower();
          const records = (await folder.open()).records.flat();
          expect(records.slice(0, acked.length), `${code} at ${at}`).toEqual(acked);
        }
      }
    }
  });
});

describe('recovery', () => {
  it('is idempotent, and a crash in it changes nothing (G8)', async () => {
    const folder = new Folder();
    const first = await folder.open();
    for (const record of [1, 2, 3]) await first.log.append(record);
    first.end();
    for (let operation = 1; operation < ENOUGH; operation += 1) {
      const life = folder.begin(OWNER, operation);
      await Promise.race([life.open(), life.ended]);
      life.end();
      folder.disk.failPower();
    }
    const last = await folder.open();
    expect([last.records, last.warnings]).toEqual([[1, 2, 3], []]);
  });
});

it('keeps what it acknowledged through crashes, failing disks and full ones', async () => {
  const marks: Marks = new Map();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    try {
      await runLogExercise(seed, marks);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
  const wanted = [
    ...['opening: open', 'opening: ended', 'opening: E_IO', 'kill', 'power failure', 'torn tail'],
    ...['append done', 'append refused', 'compaction done', 'compaction refused'],
    ...['bit flip: E_LOG_CORRUPT', 'bit flip: torn tail'],
    ...['removed', 'repeated', 'swapped', 'spliced'].map((what) => `frame ${what}`),
  ];
  expect(wanted.filter((mark) => (marks.get(mark) ?? 0) < 5)).toEqual([]);
});
