// Writes a zip archive, uncompressed: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
import { crc32 } from 'node:zlib';

/** Version 2.0 of the format, the first with folders. */
const NEEDED_VERSION = 20;
/** Names are UTF-8. */
const FLAGS = 0x0800;
/** 1 January 1980, as the format counts days: the same files give the same archive. */
const DATE = 0x0021;

interface Entry {
  readonly name: Buffer;
  readonly bytes: Buffer;
  /** Where its header is in the archive. */
  readonly offset: number;
}

/** By name, with `/` between folders. Few and small: sizes have four bytes. */
export function packZip(files: { readonly [name: string]: string }): Buffer {
  const parts: Buffer[] = [];
  const entries: Entry[] = [];
  let offset = 0;
  const add = (...more: Buffer[]): void => {
    for (const part of more) offset += part.length;
    parts.push(...more);
  };
  for (const [path, text] of Object.entries(files)) {
    const entry = { name: Buffer.from(path), bytes: Buffer.from(text), offset };
    entries.push(entry);
    const local = [...commonFields(entry), [2, 0] as const];
    add(pack([[4, 0x04034b50], [2, NEEDED_VERSION], ...local]), entry.name, entry.bytes);
  }
  const begin = offset;
  for (const entry of entries) add(centralHeader(entry), entry.name);
  const counts = [2, entries.length] as const;
  const place = [
    [4, offset - begin],
    [4, begin],
    [2, 0],
  ] as const;
  return Buffer.concat([...parts, pack([[4, 0x06054b50], [4, 0], counts, counts, ...place])]);
}

type Field = readonly [bytes: 2 | 4, value: number];

/** Flags, method, time, date, checksum, both sizes, and the length of the name. */
function commonFields({ name, bytes }: Entry): Field[] {
  const moment: Field[] = [
    [2, 0],
    [2, 0],
    [2, DATE],
  ];
  const size: Field = [4, bytes.length];
  return [[2, FLAGS], ...moment, [4, crc32(bytes)], size, size, [2, name.length]];
}

function centralHeader(entry: Entry): Buffer {
  const versions: Field[] = [
    [2, NEEDED_VERSION],
    [2, NEEDED_VERSION],
  ];
  // No extra field, comment, disk, or attributes.
  const nothing: Field[] = [
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
  ];
  return pack([
    [4, 0x02014b50],
    ...versions,
    ...commonFields(entry),
    ...nothing,
    [4, entry.offset],
  ]);
}

/** Numbers in a row, the lowest byte first. */
function pack(fields: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((sum, [length]) => sum + length, 0));
  let at = 0;
  for (const [length, value] of fields) at = bytes.writeUIntLE(value, at, length);
  return bytes;
}
