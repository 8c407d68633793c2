// A file on a simulated disk: its contents as readers see them now, and as a crash would leave
// them.
import { type RandomStream, randomBelow } from '../kernel/random.ts';

/** A crash keeps or loses a write in pieces of this size: far smaller than a real disk's. */
const SECTOR_BYTES = 16;

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

interface Truncation {
  readonly size: number;
}

/** A byte array that grows. Bytes that were never written are zero. */
class Bytes {
  #buffer: Uint8Array = new Uint8Array(256);
  size = 0;

  write({ position, bytes }: Write): void {
    const end = position + bytes.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.size));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, position);
    this.size = Math.max(this.size, end);
  }

  truncate(size: number): void {
    this.#buffer.fill(0, size, this.size);
    this.size = size;
  }

  read(position: number, length: number): Uint8Array {
    return this.#buffer.slice(position, Math.min(position + length, this.size));
  }

  copy(): Bytes {
    const copy = new Bytes();
    copy.write({ position: 0, bytes: this.read(0, this.size) });
    return copy;
  }
}

export class SimFile {
  #seen = new Bytes();
  #durable = new Bytes();
  #unsynced: (Write | Truncation)[] = [];

  /** A file whose contents are durable. */
  static of(bytes: Uint8Array): SimFile {
    const file = new SimFile();
    const write = { position: 0, bytes };
    file.#seen.write(write);
    file.#durable.write(write);
    return file;
  }

  get size(): number {
    return this.#seen.size;
  }

  get durableSize(): number {
    return this.#durable.size;
  }

  read(position: number, length: number): Uint8Array {
    return this.#seen.read(position, length);
  }

  readDurable(position: number, length: number): Uint8Array {
    return this.#durable.read(position, length);
  }

  write(position: number, bytes: Uint8Array): void {
    const write = { position, bytes: bytes.slice() };
    this.#seen.write(write);
    this.#unsynced.push(write);
  }

  truncate(size: number): void {
    this.#seen.truncate(size);
    this.#unsynced.push({ size });
  }

  /** How many changes a sync that begins now makes durable. */
  get pending(): number {
    return this.#unsynced.length;
  }

  /** Makes the first `count` pending changes durable. */
  sync(count: number): void {
    for (const change of this.#unsynced.splice(0, count)) apply(this.#durable, change);
  }

  /**
   * A sync failed: the system marks the pending data as written, shows it to readers, and never
   * writes it (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
   */
  forget(): void {
    this.#unsynced = [];
  }

  /** The power fails: a part of the data that was not synced is kept, in any order. */
  crash(random: RandomStream): void {
    for (const change of this.#unsynced) {
      if ('size' in change) {
        if (random() < 0.5) apply(this.#durable, change);
      } else for (const piece of survivorsOf(change, random)) this.#durable.write(piece);
    }
    this.#unsynced = [];
    this.#seen = this.#durable.copy();
  }
}

function apply(bytes: Bytes, change: Write | Truncation): void {
  if ('size' in change) bytes.truncate(change.size);
  else bytes.write(change);
}

/** All of a write, nothing of it, a beginning, or some of its sectors. */
function survivorsOf(write: Write, random: RandomStream): Write[] {
  const { position, bytes } = write;
  const fate = randomBelow(random, 4);
  if (fate === 0) return [];
  if (fate === 1) return [write];
  if (fate === 2)
    return [{ position, bytes: bytes.subarray(0, randomBelow(random, bytes.length + 1)) }];
  const kept: Write[] = [];
  for (let from = 0; from < bytes.length; from += SECTOR_BYTES) {
    const sector = bytes.subarray(from, from + SECTOR_BYTES);
    if (random() < 0.5) kept.push({ position: position + from, bytes: sector });
  }
  return kept;
}
