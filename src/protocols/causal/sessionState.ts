// What one session has seen, and what it therefore demands of the next server. Synchronous.
import { LamportClock } from '../../clocks/lamport.ts';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';

/** For the invariants: a write of the session's own that a server has accepted. */
export interface AnsweredPut {
  readonly kind: 'answered put';
  readonly version: Version;
}

/** For the invariants: a read that a server answered, and what the session depended on then. */
export interface AnsweredGet {
  readonly kind: 'answered get';
  readonly key: string;
  readonly value: string | null;
  readonly dependsOn: Version | undefined;
  /** Undefined where no write of the key is known to the server. */
  readonly version: Version | undefined;
}

/**
 * By default a session depends, key by key, on the version that it last put or got: read your
 * writes and monotonic reads. A session that asked for `causal` depends on everything it has seen,
 * with all four guarantees of Terry et al., PDIS 1994.
 */
export class SessionState {
  readonly clock = new LamportClock();
  readonly #versionByKey = new Map<string, Version>();
  /** Null unless the session asked for `causal`. */
  readonly #seen: VersionVector | null;

  constructor(isCausal: boolean) {
    this.#seen = isCausal ? new VersionVector() : null;
  }

  /** The version of the key that a server must have applied to answer a get. */
  dependsOn(key: string): Version | undefined {
    return this.#versionByKey.get(key);
  }

  /** What a server must have applied to answer at all, or null if the session does not ask. */
  get guard(): VersionVector | null {
    return this.#seen;
  }

  /**
   * The session has put or got this version of the key. For a causal session the origin's timestamp
   * says it all: a server that has applied this write has, its state being closed (C7), applied all
   * that the origin had when it accepted it.
   */
  hasSeen(key: string, version: Version): void {
    const known = this.#versionByKey.get(key);
    if (known === undefined || compareVersions(version, known) > 0) {
      this.#versionByKey.set(key, version);
    }
    this.#seen?.advance(version.origin, version.timestamp);
  }
}
