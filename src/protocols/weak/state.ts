// The store of one server, and every decision about it: may this request be answered, which version
// does a write get, which of two writes wins. Synchronous.
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Life } from '../../kernel/ids.ts';
import type { Options } from '../../kernel/protocol.ts';
import { type SessionRequest, SessionTable } from '../../replication/sessionTable.ts';

export interface Entry {
  readonly key: string;
  /** Null for a deletion: it stays in the store for ever. */
  readonly value: string | null;
  readonly version: Version;
}

/** What a server tells another one: entries, and which writes have decided them. */
export interface Told {
  readonly entries: readonly Entry[];
  readonly applied: VersionVector;
}

/** A compare-and-set that was not refused: what the server had, and the write if it was equal. */
export interface Compared {
  readonly kind: 'compared';
  readonly expected: string;
  readonly found: Entry | undefined;
  readonly entry: Entry | undefined;
}

/** For the invariants: a write that a server has accepted. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly entry: Entry;
}

type WallClock = () => number;

export class WeakState {
  readonly self: Life;
  readonly breaks: string;
  readonly stamps: string;
  readonly clock = new LamportClock();
  readonly applied = new VersionVector();
  readonly #wallClock: WallClock;
  readonly #entryByKey = new Map<string, Entry>();
  readonly #answered = new SessionTable<Entry | Compared | 'stale'>();

  constructor(self: Life, { breaks = 'nothing', stamps = 'lamport' }: Options, clock: WallClock) {
    this.self = self;
    this.breaks = breaks;
    this.stamps = stamps;
    this.#wallClock = clock;
  }

  /** Whether this server has applied all of the guard (Terry et al., PDIS 1994, section 4). */
  hasApplied(guard: VersionVector): boolean {
    return this.applied.dominates(guard);
  }

  /**
   * Accepts a write, or refuses it as `stale`. A copy of a request gets the outcome of the first.
   * Throws CallError E_BAD_REQUEST for a copy of one that its session has given up.
   */
  write(
    request: SessionRequest,
    { key, value }: Pick<Entry, 'key' | 'value'>,
    guard: VersionVector,
  ): Entry | 'stale' {
    return this.#once<Entry>(request, guard, () => this.#accept(key, value));
  }

  /** As `write`, if this server has the expected value. What other servers have does not count. */
  compareAndSet(
    request: SessionRequest,
    { key, expected, value }: Readonly<Record<'key' | 'expected' | 'value', string>>,
    guard: VersionVector,
  ): Compared | 'stale' {
    return this.#once<Compared>(request, guard, () => {
      const found = this.read(key);
      const entry = found?.value === expected ? this.#accept(key, value) : undefined;
      return { kind: 'compared', expected, found, entry };
    });
  }

  #once<T extends Entry | Compared>(
    request: SessionRequest,
    guard: VersionVector,
    make: () => T,
  ): T | 'stale' {
    const decide = () => (this.hasApplied(guard) ? make() : 'stale');
    // A number is that of one request, so of one kind.
    return this.#answered.once(request, decide) as T | 'stale';
  }

  read(key: string): Entry | undefined {
    return this.#entryByKey.get(key);
  }

  entries(): IterableIterator<Entry> {
    return this.#entryByKey.values();
  }

  /** All that this server has. */
  tell(): Told {
    return { entries: [...this.entries()], applied: this.applied.copy() };
  }

  /** Takes over what another server tells: of each key, the later write wins. */
  merge({ entries, applied }: Told): void {
    if (this.stamps === 'lamport') {
      for (const [, , timestamp] of applied.toTuples()) this.clock.witness(timestamp);
    }
    for (const entry of entries) this.#install(entry);
    this.applied.merge(applied);
  }

  #accept(key: string, value: string | null): Entry {
    const entry = { key, value, version: { timestamp: this.#stamp(), origin: this.self } };
    this.#install(entry);
    this.applied.advance(this.self, entry.version.timestamp);
    return entry;
  }

  /** Later than all stamps of this life; with Lamport's clock also than all that it has seen. */
  #stamp(): number {
    if (this.stamps === 'lamport') return this.clock.tick();
    return Math.max(this.#wallClock(), this.applied.at(this.self) + 1);
  }

  #install(entry: Entry): void {
    const held = this.#entryByKey.get(entry.key);
    if (held === undefined || this.#isLater(entry.version, held.version)) {
      this.#entryByKey.set(entry.key, entry);
    }
  }

  #isLater(a: Version, b: Version): boolean {
    return this.breaks === 'convergence' ? a.timestamp > b.timestamp : compareVersions(a, b) > 0;
  }
}
