// Logs with reordered, missing or additional frames, or frames of another log: each frame is whole,
// but the log is damaged.
import { beforeAll, describe, expect, it } from 'vitest';
import { FORMAT_LINE } from '../../src/log/frame.ts';
import type { LogError } from '../../src/log/logError.ts';
import { readFrames } from '../../src/log/reading.ts';
import { Folder, fileOf, OWNER, whyNot } from './folder.ts';
import { framesOf, Neighbours, toLog } from './frames.ts';

const RECORDS = Array.from({ length: 12 }, (_, index) => ({ record: index }));

interface Outcome {
  readonly frames: number;
  readonly error: string | undefined;
}

async function read(log: Buffer): Promise<Outcome> {
  let frames = 0;
  try {
    for await (const _ of readFrames(fileOf(log), 'log')) frames += 1;
    return { frames, error: undefined };
  } catch (error) {
    const { code, message } = error as LogError;
    return { frames, error: `${code} ${message}` };
  }
}

/** Reads such a log: it must be refused where the first frame is that does not belong there. */
async function judge(frames: readonly Buffer[], neighbours: Neighbours): Promise<boolean> {
  const misplaced = neighbours.findMisplaced(frames);
  const { frames: count, error } = await read(toLog(frames));
  if (misplaced === undefined) {
    expect([count, error]).toEqual([frames.length, undefined]);
    return false;
  }
  expect(error).toMatch(new RegExp(`^E_LOG_CORRUPT log: at byte ${misplaced}: (a )?frame `));
  return true;
}

async function append(folder: Folder, records: readonly object[]): Promise<void> {
  const life = await folder.open();
  for (const record of records) await life.log.append(record as never);
  life.end();
}

let folder: Folder;
let frames: Buffer[];
let own: Neighbours;

beforeAll(async () => {
  folder = new Folder();
  await append(folder, RECORDS.slice(0, 8));
  await append(folder, RECORDS.slice(8));
  frames = await framesOf(folder.bytes('log'));
  own = new Neighbours(frames);
  expect(frames).toHaveLength(RECORDS.length + 1);
});

describe('a log', () => {
  it('is whole as it is', async () => {
    expect(await judge(frames, own)).toBe(false);
  });

  it('is damaged without any of its frames but the last', async () => {
    const outcomes = [];
    for (let at = 0; at < frames.length; at += 1) {
      outcomes.push(await judge(frames.toSpliced(at, 1), own));
    }
    expect(outcomes).toEqual(frames.map((_, at) => at < frames.length - 1));
  });

  it('is damaged with any of its frames once more, anywhere', async () => {
    for (const frame of frames) {
      for (let at = 0; at <= frames.length; at += 1) {
        expect(await judge(frames.toSpliced(at, 0, frame), own)).toBe(true);
      }
    }
  });

  it('is damaged with any two of its frames in the place of each other', async () => {
    for (let one = 0; one < frames.length; one += 1) {
      for (let other = 0; other < one; other += 1) {
        const swapped = [...frames];
        [swapped[one], swapped[other]] = [frames[other] as Buffer, frames[one] as Buffer];
        expect(await judge(swapped, own)).toBe(true);
      }
    }
  });

  it('is damaged by a misplaced frame though that is cut', async () => {
    const [, second = Buffer.of(), third = Buffer.of()] = frames;
    const log = toLog([...frames, second.subarray(0, -1)]);
    expect((await read(log)).error).toMatch(/: frame 1 in the place of frame 13$/);
    const torn = await read(toLog([...frames.slice(0, 2), third.subarray(0, -1)]));
    expect(torn).toEqual({ frames: 2, error: undefined });
  });

  it('lets no server begin, and stays as it is', async () => {
    const at = FORMAT_LINE.length + (frames[0] as Buffer).length;
    for (const [damaged, why] of [
      [frames.toSpliced(1, 1), 'frame 2 in the place of frame 1'],
      [frames.toSpliced(0, 1), 'frame 1 in the place of frame 0'],
    ] as const) {
      const copy = await folder.copy();
      await copy.put('log', toLog(damaged));
      const offset = why.startsWith('frame 1') ? FORMAT_LINE.length : at;
      expect(await whyNot(copy.begin().open())).toBe(
        `E_LOG_CORRUPT folder/log: at byte ${offset}: ${why}`,
      );
      expect(copy.bytes('log')).toEqual(toLog(damaged));
    }
  });
});

/** Logs of which no frame may come into the log above, though they have the same records. */
const OTHERS: readonly [string, () => Promise<Buffer[]>][] = [
  [
    'another server',
    async () => {
      const other = new Folder();
      const life = await other.open({ ...OWNER, server: 4 });
      for (const record of RECORDS) await life.log.append(record);
      return framesOf(other.bytes('log'));
    },
  ],
  [
    'a life that began anew',
    async () => {
      const other = await folder.copy();
      await other.put('log', new Uint8Array(0));
      await append(other, RECORDS);
      return framesOf(other.bytes('log'));
    },
  ],
  [
    'a compaction',
    async () => {
      const other = await folder.copy();
      const life = await other.open();
      await life.log.compact([]);
      for (const record of RECORDS) await life.log.append(record);
      return framesOf(other.bytes('log'));
    },
  ],
  [
    'a later compaction of the same life',
    async () => {
      const other = await folder.copy();
      const life = await other.open();
      for (let count = 0; count < 2; count += 1) await life.log.compact([]);
      for (const record of RECORDS) await life.log.append(record);
      return framesOf(other.bytes('log'));
    },
  ],
  [
    'a copy that went on by itself',
    async () => {
      const other = new Folder();
      await append(other, RECORDS.slice(0, 8));
      await append(other, [{ another: 8 }, ...RECORDS.slice(9)]);
      return framesOf(other.bytes('log'));
    },
  ],
];

describe.each(OTHERS)('the log of %s', (name, create) => {
  let others: Buffer[];
  let both: Neighbours;
  beforeAll(async () => {
    others = await create();
    both = new Neighbours(frames, others);
  });

  it('has as many frames, and none of the same but those of before', () => {
    expect(others).toHaveLength(frames.length);
    const common = others.filter((frame) => frames.some((own) => own.equals(frame)));
    expect(common).toHaveLength(name.startsWith('a copy') ? 9 : 0);
  });

  it('gives no frame that fits in between, nor in the place of one', async () => {
    let refused = 0;
    for (const frame of others) {
      if (frames.some((same) => same.equals(frame))) continue;
      for (let at = 0; at < frames.length; at += 1) {
        for (const removed of [0, 1]) {
          const isLast = at + removed === frames.length;
          if (await judge(frames.toSpliced(at, removed, frame), both)) refused += 1;
          else expect(isLast, `at ${at}`).toBe(true);
        }
      }
    }
    expect(refused).toBeGreaterThan(90);
  });

  it('gives no tail that fits, but a copy its own', async () => {
    for (let at = 1; at < frames.length; at += 1) {
      const joined = [...frames.slice(0, at), ...others.slice(at)];
      const isFork = name.startsWith('a copy') && at <= 9;
      expect(await judge(joined, both), `from ${at}`).toBe(!isFork);
    }
  });
});
