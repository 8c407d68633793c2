// Invalid files, one per row.
import { describe, expect, it } from 'vitest';
import { encodeFrame, FORMAT_LINE, HEADER_BYTES, linkAfterFrame } from '../../src/log/frame.ts';
import type { LogOwner } from '../../src/log/manifest.ts';
import { Folder, OWNER, whyNot } from './folder.ts';

/** A folder whose log has these records. */
async function kept(...records: string[]): Promise<Folder> {
  const folder = new Folder();
  const { log } = await folder.open();
  for (const record of records) await log.append(record);
  return folder;
}

/** Why the next life cannot begin; the files must be what they were. */
async function refusal(folder: Folder, owner: LogOwner = OWNER): Promise<string> {
  const contents = () =>
    [...folder.disk.files.keys()].map((name) => `${name} ${folder.bytes(name).toString('latin1')}`);
  const before = contents();
  const why = await whyNot(folder.begin(owner).open());
  expect(contents(), 'nothing has become worse').toEqual(before);
  return why;
}

const headOf = (folder: Folder): Buffer => {
  const bytes = folder.bytes('log');
  const length = bytes.readUInt32LE(FORMAT_LINE.length + 4);
  return bytes.subarray(0, FORMAT_LINE.length + HEADER_BYTES + length);
};

describe('missing files', () => {
  it('refuses a folder whose log is gone (F1)', async () => {
    const folder = await kept('a');
    await folder.remove('log');
    expect(await refusal(folder)).toBe('E_LOG_MISSING folder/log: gone, its manifest is there');
  });

  it('refuses a log with records whose manifest is gone', async () => {
    const folder = await kept('a');
    await folder.remove('manifest');
    expect(await refusal(folder)).toBe('E_LOG_MISSING folder/manifest: gone, its log has records');
  });

  it('begins where a first life ended before it had a manifest', async () => {
    const folder = await kept();
    await folder.remove('manifest');
    const life = await folder.open();
    expect([life.records, life.warnings]).toEqual([[], []]);
  });
});

describe('an empty log', () => {
  it('is a beginning (F2), of which a warning tells', async () => {
    const folder = await kept('a');
    await folder.put('log', new Uint8Array(0));
    const life = await folder.open();
    const warning = 'folder/log: empty, with a manifest: the server begins without what it kept';
    expect([life.records, life.warnings]).toEqual([[], [warning]]);
    await life.log.append('b');
    expect((await folder.open()).records).toEqual(['b']);
  });

  it.each([
    ['cut in its first line', 5, 0],
    ['cut in its head', 40, 15],
    ['of zeros', 0, 0],
  ])('is what is left of one %s', async (_what, length, end) => {
    const folder = await kept('a');
    const bytes = folder.bytes('log').subarray(0, length);
    await folder.put('log', length === 0 ? Buffer.alloc(100) : bytes);
    const life = await folder.open();
    expect(life.records).toEqual([]);
    expect(life.warnings).toEqual([
      `folder/log: a torn tail was cut off, ${(length || 100) - end} B at byte ${end}`,
    ]);
    expect((await folder.open()).warnings).toEqual([]);
  });
});

describe('a log of something else', () => {
  it.each([
    ['another server', { ...OWNER, server: 4 }, 'of server 3, not 4'],
    ['another run', { ...OWNER, run: 'another' }, 'of another data folder'],
    ['another protocol', { ...OWNER, protocol: 'chain' }, 'of protocol causal, not chain'],
  ])('refuses that of %s (F9)', async (_what, owner, why) => {
    const folder = await kept('a');
    expect(await refusal(folder, owner)).toBe(`E_LOG_FOREIGN folder/manifest: ${why}`);
  });

  it('refuses the log of another server under the right manifest (F9)', async () => {
    const other = new Folder();
    const { log } = await other.open({ ...OWNER, server: 4 });
    await log.append('a');
    const folder = await kept('b');
    await folder.put('log', other.bytes('log'));
    expect(await refusal(folder)).toBe('E_LOG_FOREIGN folder/log: of server 4, not 3');
  });

  it('refuses a second life with the same incarnation, or a lesser one', async () => {
    const folder = await kept('a');
    const copy = new Folder();
    for (const name of ['log', 'manifest']) await copy.put(name, folder.bytes(name));
    expect(await refusal(copy)).toBe(
      'E_LOG_FOREIGN folder/manifest: its life 1 has begun, this would be its life 1',
    );
  });

  it.each([
    ['log', 'a later', 3],
    ['manifest', 'a later', 3],
    ['log', 'an earlier', 1],
    ['manifest', 'an earlier', 1],
  ])('refuses a %s of %s version (F10)', async (name, age, version) => {
    const folder = await kept('a');
    await folder.put(name, Buffer.from(`causeway log ${version}\nwhatever comes then`));
    const why = `format ${version}, of ${age} version of this program; this one reads format 2`;
    expect(await refusal(folder)).toBe(`E_LOG_VERSION folder/${name}: ${why}`);
  });

  it.each(['log', 'manifest'])('refuses a %s that never was one', async (name) => {
    const folder = await kept('a');
    await folder.put(name, Buffer.from('a shopping list'));
    expect(await refusal(folder)).toBe(`E_LOG_CORRUPT folder/${name}: not a log, at byte 0`);
  });
});

describe('damage', () => {
  it('does not read a record of four thousand million bytes (F7)', async () => {
    const folder = await kept('a', 'b');
    const bytes = folder.bytes('log');
    const at = headOf(folder).length;
    bytes.writeUInt32LE(0xffffffff, at + 4);
    await folder.put('log', bytes);
    expect(await refusal(folder)).toMatch(`E_LOG_CORRUPT folder/log: damaged at byte ${at}`);
  });

  it.each([
    ['no list', '{"a":1}', /not a list of records/],
    ['no JSON', '[1,', /JSON/],
  ])('refuses a whole frame that holds %s (F11)', async (_what, payload, why) => {
    const folder = await kept();
    const head = headOf(folder);
    const text = '1'.repeat(payload.length - 2);
    const frame = Buffer.from(
      encodeFrame([text], linkAfterFrame(head.subarray(FORMAT_LINE.length))),
    );
    frame.write(payload, HEADER_BYTES);
    const { crc32c } = await import('../../src/log/crc32c.ts');
    frame.writeUInt32LE(crc32c(frame.subarray(HEADER_BYTES)), 16);
    frame.writeUInt32LE(crc32c(frame.subarray(0, 20)), 20);
    await folder.put('log', Buffer.concat([head, frame]));
    const found = await refusal(folder);
    expect(found).toMatch(why);
    expect(found).toMatch(`E_LOG_CORRUPT folder/log: no records at byte ${head.length}`);
  });

  it('refuses records that the protocol does not know (F11)', async () => {
    const folder = await kept('a', 'b');
    const life = folder.begin();
    const why = await whyNot(
      life.log.open((record) => {
        if (record === 'b') throw new Error('no such record');
      }),
    );
    expect(why).toMatch(/^E_LOG_CORRUPT folder\/log: at byte \d+: no such record$/);
  });

  it('refuses any flipped bit of the manifest', async () => {
    const folder = await kept();
    const bytes = folder.bytes('manifest');
    for (let place = 0; place < bytes.length * 8; place += 1) {
      const damaged = Buffer.from(bytes);
      damaged[place >> 3] = (damaged[place >> 3] as number) ^ (1 << (place & 7));
      const copy = await folder.copy();
      await copy.put('manifest', damaged);
      const why = await refusal(copy);
      expect(why, `bit ${place}`).toMatch(place < 120 ? /^E_LOG_/ : /^E_LOG_CORRUPT/);
    }
  });

  it('refuses a manifest that was cut', async () => {
    const folder = await kept();
    const bytes = folder.bytes('manifest');
    for (let length = 0; length < bytes.length; length += 1) {
      const copy = await folder.copy();
      await copy.put('manifest', bytes.subarray(0, length));
      expect(await refusal(copy), `cut to ${length}`).toMatch(/^E_LOG_CORRUPT/);
    }
  });

  it('refuses a compacted log that is shorter than its compaction (F19)', async () => {
    const folder = new Folder();
    const { log } = await folder.open();
    await log.compact(['a'.repeat(700_000), 'b'.repeat(700_000)]);
    await log.append('c');
    await folder.put('log', folder.bytes('log').subarray(0, 1_000_000));
    expect(await refusal(folder)).toMatch(/^E_LOG_CORRUPT .*compaction wrote are not all there$/);
  });
});

it('removes what a crash left unfinished (F18)', async () => {
  const folder = await kept('a');
  await folder.put('log.new', Buffer.from('half'));
  await folder.put('manifest.new', Buffer.from('half'));
  expect((await folder.open()).records).toEqual(['a']);
  expect([...folder.disk.files.keys()].sort()).toEqual(['log', 'manifest']);
});
