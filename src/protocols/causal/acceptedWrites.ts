// The writes that one life has accepted, as the invariants remember them: all of them, for a whole
// run. So they are columns, and a vector is shared by the writes that it fits.
import type { VersionVector } from '../../clocks/versionVector.ts';
import type { Life } from '../../kernel/ids.ts';
import type { Entry } from './entry.ts';

export interface AcceptedWrite {
  readonly entry: Entry;
  /** What the accepting server had applied, this write included. */
  readonly applied: VersionVector;
}

export class AcceptedWrites {
  readonly #origin: Life;
  readonly #timestamps: number[] = [];
  readonly #keys: string[] = [];
  readonly #values: (string | null)[] = [];
  readonly #others: VersionVector[] = [];

  constructor(origin: Life) {
    this.#origin = origin;
  }

  get count(): number {
    return this.#timestamps.length;
  }

  /** The timestamp of the last write; 0 without one. */
  get last(): number {
    return this.#timestamps.at(-1) ?? 0;
  }

  add({ entry: { key, value, version }, applied }: AcceptedWrite): void {
    const before = this.#others.at(-1);
    const isShared = before !== undefined && haveSameOthers(before, applied, this.#origin);
    this.#timestamps.push(version.timestamp);
    this.#keys.push(key);
    this.#values.push(value);
    this.#others.push(isShared ? before : applied);
  }

  /** In the order in which they were added, from 0. */
  at(index: number): Entry {
    const [key, value] = [this.#keys[index] as string, this.#values[index] as string | null];
    return { key, value, version: { origin: this.#origin, timestamp: this.timestampAt(index) } };
  }

  timestampAt(index: number): number {
    return this.#timestamps[index] as number;
  }

  /** What the server had applied of the other lives when it accepted this write. */
  othersAt(index: number): VersionVector {
    return this.#others[index] as VersionVector;
  }

  find(timestamp: number): Entry | undefined {
    const index = this.#timestamps.lastIndexOf(timestamp);
    return index < 0 ? undefined : this.at(index);
  }
}

function haveSameOthers(a: VersionVector, b: VersionVector, own: Life): boolean {
  const others = (vector: VersionVector) =>
    vector
      .toTuples()
      .filter(([id, incarnation]) => id !== own.id || incarnation !== own.incarnation);
  const [mine, theirs] = [others(a), others(b)];
  return (
    mine.length === theirs.length &&
    mine.every((tuple, index) => tuple.every((part, place) => part === theirs[index]?.[place]))
  );
}
