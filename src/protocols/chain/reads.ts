// Who may answer a read, and with what. An answer is given only after the configuration service has
// said, since the request came, that the epoch is the current one: an old tail that has not heard
// of its removal must not answer (H4). Pure.
import { compareVersions, fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import { assert, CallError } from '../../kernel/errors.ts';
import type { VersionTuple } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { randomBelow } from '../../kernel/random.ts';
import { Confirmations } from '../../replication/confirmations.ts';
import type { Chain } from './configuration.ts';
import { staleEpoch } from './errors.ts';
import type { Entry } from './log.ts';
import type { ReadMode } from './options.ts';
import type { ChainState, Position } from './state.ts';

/** A read of one key, or of a whole arc, that waits for its confirmation. */
export interface PendingRead {
  readonly position: Position;
  readonly epoch: number;
  /** The question that can confirm it, or a later one. */
  readonly question: number;
}

/** The question that confirmed a read, and the epoch that it asked about. */
export interface Confirmation {
  readonly question: number;
  readonly epoch: number;
}

/** For the invariants: a read that was answered. */
export interface AnsweredRead {
  readonly kind: 'read';
  readonly key: string;
  readonly entry: Entry | undefined;
  readonly pending: PendingRead;
  /** How many questions had been asked when it came. */
  readonly came: number;
  readonly confirmation: Confirmation;
}

export class Reads {
  readonly #state: ChainState;
  readonly #mode: ReadMode;
  readonly confirmations = new Confirmations();

  constructor(state: ChainState, mode: ReadMode) {
    this.#state = state;
    this.#mode = mode;
  }

  /** Who is asked for a key: the tail; with reads=any this server if it can, or a random member. */
  target({ members }: Chain, random: () => number): NodeId | undefined {
    const { id } = this.#state.self;
    if (this.#mode === 'tail' || members.length <= 1) return members.at(-1);
    return members.includes(id) ? id : members[randomBelow(random, members.length)];
  }

  /** A read has come. Throws ERR_STALE_EPOCH where this server may not answer it. */
  begin(epoch: number, arc: NodeId): PendingRead {
    this.#state.assertEpoch(epoch);
    const position = this.#state.position(arc);
    const mayAnswer = this.#mode === 'any' ? !position.isJoiner : position.isTail;
    if (!mayAnswer) throw staleEpoch('not one to read from');
    return this.#want(position, epoch);
  }

  /** As `begin`, for all of an arc, which only the tail shows. */
  beginSection(epoch: number, arc: NodeId): PendingRead {
    this.#state.assertEpoch(epoch);
    const position = this.#state.position(arc);
    if (!position.isTail) throw staleEpoch('not the tail');
    return this.#want(position, epoch);
  }

  /**
   * The epoch of a confirmation was the current one. Throws ERR_STALE_EPOCH if the read belongs to
   * another, or if this server is in another since (H6); E_STORAGE while it is not known what is
   * acknowledged of that key, or of all keys.
   */
  confirm({ position, epoch }: PendingRead, confirmed: number, key?: string): void {
    this.#state.assertEpoch(epoch);
    if (confirmed !== epoch) throw staleEpoch('another was confirmed');
    if (this.#state.isCertain(position, key)) return;
    throw new CallError('E_STORAGE', 'what is on its way may be acknowledged or not');
  }

  /** What may be answered at once; the tail's id where only the tail knows. */
  find({ position }: PendingRead, key: string): { entry: Entry | undefined } | { tail: NodeId } {
    const { isTail, log, chain } = position;
    const isClean = isTail || log.pendingOf(key).length === 0;
    return isClean ? { entry: log.read(key) } : { tail: chain.members.at(-1) as NodeId };
  }

  /**
   * A dirty key: what the tail has is what may be read (Terrace & Freedman, USENIX ATC 2009,
   * section 2.3). That it is committed at the tail may not have come up to us.
   */
  resolve(
    { position: { log }, epoch }: PendingRead,
    key: string,
    version: VersionTuple | null,
  ): Entry | undefined {
    this.#state.assertEpoch(epoch);
    const committed = log.read(key);
    if (version === null) return committed;
    const wanted = fromVersionTuple(version);
    if (committed !== undefined && compareVersions(committed.version, wanted) >= 0) {
      return committed;
    }
    const entry = log.pendingOf(key).find((held) => compareVersions(held.version, wanted) === 0);
    assert(entry !== undefined, 'H2: what the tail has, all before it have');
    return entry;
  }

  /** The tail's word for a member that has writes of the key on their way. */
  latest(epoch: number, key: string): VersionTuple | null {
    this.#state.assertEpoch(epoch);
    const { isTail, log } = this.#state.position(this.#state.ownerOf(key));
    if (!isTail || !log.isSynced) throw staleEpoch('not the tail');
    const entry = log.read(key);
    return entry === undefined ? null : toVersionTuple(entry.version);
  }

  #want(position: Position, epoch: number): PendingRead {
    if (!position.log.isSynced) throw staleEpoch('not in sync yet');
    return { position, epoch, question: this.confirmations.want() };
  }
}
