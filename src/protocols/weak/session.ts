// The client's half of the weak protocol: asks one server once, and keeps the session guarantees.
import { fromVersionTuple, type Version } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { Options, Session } from '../../kernel/protocol.ts';
import { answerOfCas } from '../../replication/compareAndSet.ts';
import { createOneServerSession } from '../../replication/oneServerSession.ts';
import type { WeakMessages } from './messages.ts';
import { keeps, type SessionGuarantee } from './options.ts';

/**
 * What the session has written, and what it has read. The four guarantees are four checks: a get or
 * a put asks for a server that has applied the one or the other.
 */
export class SeenWrites {
  readonly #written = new VersionVector();
  readonly #read = new VersionVector();
  readonly #keeps: (guarantee: SessionGuarantee) => boolean;

  constructor(options: Options) {
    this.#keeps = (guarantee) => keeps(options, guarantee);
  }

  hasWritten({ origin, timestamp }: Version): void {
    this.#written.advance(origin, timestamp);
  }

  /** Null for nothing. */
  hasFound(version: VersionTuple | null): void {
    if (version !== null) this.#hasRead(fromVersionTuple(version));
  }

  #hasRead({ origin, timestamp }: Version): void {
    this.#read.advance(origin, timestamp);
  }

  /** What a server must have applied to answer a get. */
  get guardOfGet(): VersionVector {
    return this.#guard('read-your-writes', 'monotonic-reads');
  }

  /** What a server must have applied to accept a put. */
  get guardOfPut(): VersionVector {
    return this.#guard('monotonic-writes', 'writes-follow-reads');
  }

  /** A compare-and-set reads and writes, so both guards count. */
  get guardOfCompare(): VersionVector {
    const guard = this.guardOfPut;
    guard.merge(this.guardOfGet);
    return guard;
  }

  #guard(ofWrites: SessionGuarantee, ofReads: SessionGuarantee): VersionVector {
    const guard = new VersionVector();
    if (this.#keeps(ofWrites)) guard.merge(this.#written);
    if (this.#keeps(ofReads)) guard.merge(this.#read);
    return guard;
  }
}

/** For the invariants: a write that was accepted, and what its session had seen before. */
export interface AnsweredPut {
  readonly kind: 'answered put';
  readonly version: Version;
  readonly guard: VersionVector;
}

export function createWeakSession(
  env: Env<WeakMessages, 'client'>,
  options: Options,
): Session<WeakMessages> {
  const seen = new SeenWrites(options);
  const learn = (version: VersionTuple, guard: VersionVector): void =>
    tellWritten(env, options, seen, { version: fromVersionTuple(version), guard });
  return createOneServerSession(env, {
    write: async (server, write) => {
      const guard = seen.guardOfPut;
      const result = await env.call(server, 'write', { ...write, guard: guard.toTuples() });
      if (result.version === null) return { ...result, outcome: 'stale' };
      learn(result.version, guard);
      return result;
    },
    read: async (server, key) => {
      const params = { key, guard: seen.guardOfGet.toTuples() };
      const { status: outcome, ...found } = await env.call(server, 'read', params);
      seen.hasFound(found.version);
      return { outcome, ...found };
    },
    command: async (server, request, _cas, [key = '', expected = '', value = '']) => {
      const guard = seen.guardOfCompare;
      const params = { ...request, key, expected, value, guard: guard.toTuples() };
      const result = await env.call(server, 'compare', params);
      const { status, version, found, applied } = result;
      if (status === 'stale') return { outcome: 'stale', version, applied };
      seen.hasFound(found.version);
      if (version !== null) learn(version, guard);
      const decided = { isSet: status === 'set', version, found };
      return { ...answerOfCas(server, value, decided), applied };
    },
  });
}

/** A server has accepted a write of the session. */
function tellWritten(
  env: Env<WeakMessages, 'client'>,
  options: Options,
  seen: SeenWrites,
  put: Omit<AnsweredPut, 'kind'>,
): void {
  seen.hasWritten(put.version);
  if (options.stamps === 'lamport') env.observe?.({ kind: 'answered put', ...put });
}
