// What one session has seen, and what a server must have applied to answer it. Synchronous.
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';

/** For the invariants: a write of the session that a server has accepted. */
export interface AnsweredPut {
  readonly kind: 'answered put';
  readonly version: Version;
}

/** For the invariants: a read that a server answered, and what the session depended on. */
export interface AnsweredGet {
  readonly kind: 'answered get';
  readonly key: string;
  readonly value: string | null;
  readonly dependsOn: Version | undefined;
  /** Undefined if the server has no write of the key. */
  readonly version: Version | undefined;
}

/**
 * By default a session depends, for each key, on the version that it last put or got. This gives
 * read your writes and monotonic reads. A session with `causal` depends on all versions that it has
 * seen, of every key. This gives all four guarantees of Terry et al., PDIS 1994.
 *
 * A get that finds no version may have found a deletion whose tombstone was collected. The server
 * does not know which one, so the session depends on all that it may be.
 */
export class SessionState {
  readonly clock = new LamportClock();
  readonly #versionByKey = new Map<string, Version>();
  /** Without `causal`, for each key that had no version when it was last read: see above. */
  readonly #collectedByKey = new Map<string, VersionVector>();
  /** Null for a session without `causal`. */
  readonly #seen: VersionVector | null;

  constructor(isCausal: boolean) {
    this.#seen = isCausal ? new VersionVector() : null;
  }

  /** The version of the key that a server must have applied to answer a get. */
  dependsOn(key: string): Version | undefined {
    return this.#versionByKey.get(key);
  }

  /** What a server must have applied to accept a write; null for a session without `causal`. */
  get guard(): VersionVector | null {
    return this.#seen;
  }

  /** What a server must have applied, besides `dependsOn`, to answer a get of the key. */
  guardOfGet(key: string): VersionVector | null {
    return this.#seen ?? this.#collectedByKey.get(key) ?? null;
  }

  /**
   * The session has put or got this version of the key. For a causal session the one timestamp is
   * enough: the state of a server is closed (C7). So a server that has applied this write has also
   * applied all that the origin had applied when it accepted the write.
   */
  hasSeen(key: string, version: Version): void {
    const known = this.#versionByKey.get(key);
    if (known === undefined || compareVersions(version, known) > 0) {
      this.#versionByKey.set(key, version);
    }
    // A later answer has a version above the deletion: this version alone is to be asked for.
    this.#collectedByKey.delete(key);
    this.#seen?.advance(version.origin, version.timestamp);
  }

  /** The session has found no version of this key; perhaps a deletion that `collected` has. */
  hasFoundNothing(key: string, collected: VersionVector): void {
    if (this.#seen !== null) this.#seen.merge(collected);
    else if (collected.toTuples().length > 0) this.#collectedByKey.set(key, collected);
  }
}
