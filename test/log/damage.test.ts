// A log of more than a hundred records, cut at every byte and flipped at every bit: acknowledged
// records come back, no others do, and no damage goes unnoticed.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/json.ts';
import type { DiskFile } from '../../src/log/disk.ts';
import { encodeFrame, FORMAT_LINE, HEADER_BYTES, linkAfterFrame } from '../../src/log/frame.ts';
import { readFrames } from '../../src/log/reading.ts';
import { encodeLog } from '../../src/log/recovery.ts';
import { extent } from '../support/extent.ts';
import { Folder, fileOf, OWNER, whyNot } from './folder.ts';

/** After the first line. Odd, so that a quick run flips bits of every place in a byte. */
const BIT_STEP = extent({ full: 1, quick: 5 });

let bytes: Buffer;
let written: Json[];
/** Where each frame begins, and the file's end; how many records come before. */
let frames: { offset: number; before: number }[];

beforeAll(async () => {
  const folder = new Folder();
  const { log } = await folder.open();
  written = [];
  while (written.length <= 100) {
    const group = Array.from({ length: 1 + (written.length % 4) }, (_, index) => {
      const count = written.length + index;
      return count % 10 === 0 ? { k: 'é'.repeat(count % 7) } : count;
    });
    written.push(...group);
    await Promise.all(group.map((record) => log.append(record)));
  }
  bytes = folder.bytes('log');
  frames = [];
  let before = -1;
  for await (const { offset, records } of readFrames(fileOf(bytes), 'log')) {
    frames.push({ offset, before: Math.max(0, before) });
    before = before < 0 ? 0 : before + records.length;
  }
  frames.push({ offset: bytes.length, before: written.length });
});

interface Outcome {
  readonly records: Json[];
  readonly end: number;
  readonly torn: number;
  readonly error: string | undefined;
}

async function read(content: Uint8Array): Promise<Outcome> {
  const records: Json[] = [];
  const found = readFrames(fileOf(content), 'log');
  let isHead = true;
  try {
    for (;;) {
      const { done, value } = await found.next();
      if (done) return { records, ...value, error: undefined };
      if (!isHead) records.push(...value.records);
      isHead = false;
    }
  } catch (error) {
    return { records, end: -1, torn: -1, error: (error as { code: string }).code };
  }
}

const stepAfter = (bit: number): number => (bit < FORMAT_LINE.length * 8 ? 1 : BIT_STEP);

/** The last frame that is whole in the first `length` bytes. */
const lastWhole = (length: number) =>
  frames.findLast(({ offset }) => offset <= length) ?? { offset: 0, before: 0 };

describe('a log of more than a hundred records', () => {
  it('is many frames of several records', () => {
    expect(written.length).toBeGreaterThan(100);
    expect(frames.length).toBeGreaterThan(25);
  });

  it('cut at any byte is a beginning of it', async () => {
    for (let length = 0; length <= bytes.length; length += 1) {
      const { offset, before } = lastWhole(length);
      const { records, end, torn, error } = await read(bytes.subarray(0, length));
      expect(error, `cut to ${length}`).toBeUndefined();
      expect(records, `cut to ${length}`).toEqual(written.slice(0, before));
      expect([end, torn], `cut to ${length}`).toEqual([offset, length - offset]);
    }
  });

  it('with zeros in place of its tail is the same beginning', async () => {
    for (let length = 0; length < bytes.length; length += 1) {
      const content = Buffer.from(bytes).fill(0, length);
      const { records, end, torn, error } = await read(content);
      const { offset, before } = lastWhole(end);
      expect(error, `zeros from ${length}`).toBeUndefined();
      expect(records, `zeros from ${length}`).toEqual(written.slice(0, before));
      // A frame may end with a zero, so that the first ones change nothing.
      expect(end, `zeros from ${length}`).toBeGreaterThanOrEqual(lastWhole(length).offset);
      expect([end, torn]).toEqual([offset, bytes.length - offset]);
    }
  });

  it('with any bit flipped is refused, or its last frame is a torn tail', async () => {
    const last = frames.at(-2) as { offset: number; before: number };
    const start = JSON.stringify(written.slice(0, last.before));
    const codes = new Set<string>();
    const wrong: string[] = [];
    for (let place = 0; place < bytes.length * 8; place += stepAfter(place)) {
      const content = Buffer.from(bytes);
      const at = place >> 3;
      content[at] = (content[at] as number) ^ (1 << (place & 7));
      const { records, end, torn, error } = await read(content);
      const isCut = error === undefined && end === last.offset && torn === bytes.length - end;
      const isRight = records.length === last.before && JSON.stringify(records) === start;
      const isRefused = error === 'E_LOG_CORRUPT' || (at < FORMAT_LINE.length && error);
      if (at < last.offset ? !isRefused : !(isCut && isRight)) wrong.push(`bit ${place}: ${error}`);
      if (!start.startsWith(JSON.stringify(records).slice(0, -1))) wrong.push(`bit ${place}`);
      codes.add(error ?? 'torn');
    }
    expect(wrong).toEqual([]);
    expect([...codes].sort()).toEqual(['E_LOG_CORRUPT', 'E_LOG_VERSION', 'torn']);
  });

  it('says where it is damaged, and stays as it is', async () => {
    const folder = new Folder();
    const { log } = await folder.open();
    for (const name of ['one', 'two', 'three']) await log.append(name);
    const damaged = folder.bytes('log');
    const at = damaged.indexOf('two');
    damaged[at] = 0x20;
    await folder.put('log', damaged);
    const life = folder.begin();
    expect(await whyNot(life.open())).toMatch(
      new RegExp(`^E_LOG_CORRUPT folder/log: damaged at byte ${at - 26}, before a record at byte`),
    );
    expect(life.records).toEqual(['one']);
    expect(folder.bytes('log')).toEqual(damaged);
  });
});

it('damage is found though the next record lies across the end of what is looked at', async () => {
  const window = 256 * 1024;
  const start = Buffer.concat([...encodeLog({ ...OWNER, life: 1, file: 0 }, [])]);
  const overhead = encodeFrame(['""']).length;
  const outcomes = new Set<string>();
  for (let overlap = 1; overlap < HEADER_BYTES; overlap += 1) {
    // The search begins one byte after the damage.
    const long = encodeFrame([`"${'x'.repeat(window + 1 - overlap - overhead)}"`]);
    long[0] = 0;
    const folder = new Folder();
    await folder.open();
    await folder.put('log', Buffer.concat([start, long, encodeFrame(['"behind it"'])]));
    outcomes.add(await whyNot(folder.begin().open()));
  }
  const where = `damaged at byte ${start.length}, before a record at byte`;
  const found = [...outcomes].filter((why) => why.startsWith(`E_LOG_CORRUPT folder/log: ${where}`));
  expect([found.length, outcomes.size]).toEqual([HEADER_BYTES - 1, HEADER_BYTES - 1]);
});

const LOG_MB = extent({ full: 256, quick: 32 });

it(`a log of ${LOG_MB} MB is read a piece at a time (F22)`, async () => {
  const start = Buffer.from(FORMAT_LINE);
  const texts = [`"${'x'.repeat(65_000)}"`];
  const frame = Buffer.from(encodeFrame(texts));
  const count = Math.ceil((LOG_MB * 1024 * 1024) / frame.length);
  const headers = [frame.subarray(0, HEADER_BYTES)];
  while (headers.length < count) {
    const next = encodeFrame(texts, linkAfterFrame(headers.at(-1) as Buffer));
    headers.push(Buffer.from(next.subarray(0, HEADER_BYTES)));
  }
  let largest = 0;
  const file: DiskFile = {
    ...fileOf(start),
    size: start.length + count * frame.length,
    read: async (position, length) => {
      largest = Math.max(largest, length);
      const bytes = Buffer.alloc(length);
      for (let filled = 0; filled < length; ) {
        const at = position + filled - start.length;
        const within = at % frame.length;
        const header = headers[Math.floor(at / frame.length) % count] as Buffer;
        const piece = within < HEADER_BYTES ? header : frame;
        const source = at < 0 ? start.subarray(position) : piece.subarray(within);
        filled += source.copy(bytes, filled);
      }
      return bytes;
    },
  };
  let records = 0;
  for await (const found of readFrames(file, 'log')) records += found.records.length;
  expect(records).toBe(count);
  expect(largest).toBeLessThan(512 * 1024);
}, 60_000);

describe('a torn tail', () => {
  it('is cut off with one warning, and the log goes on behind what is left', async () => {
    for (const cut of [1, 9, 10, 17, 24, 33]) {
      const folder = new Folder();
      const { log } = await folder.open();
      await log.append('first');
      await log.append('second');
      const whole = folder.bytes('log');
      await folder.put('log', whole.subarray(0, whole.length - cut));
      const life = await folder.open();
      expect(life.records).toEqual(['first']);
      expect(life.warnings).toEqual([
        `folder/log: a torn tail was cut off, ${34 - cut} B at byte ${whole.length - 34}`,
      ]);
      await life.log.append('third');
      const next = await folder.open();
      expect([next.records, next.warnings]).toEqual([['first', 'third'], []]);
    }
  });

  it('is none where the file ends with a frame', async () => {
    const folder = new Folder();
    const { log } = await folder.open();
    await log.append('first');
    expect((await folder.open()).warnings).toEqual([]);
  });
});
