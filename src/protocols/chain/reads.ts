// Which server may answer a read, and with which value. A server answers only after the
// configuration service has confirmed, to a question asked after the request came, that the epoch
// is current. So a tail that does not know yet of its removal cannot answer (H4). Pure.
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
  /** The first question whose answer can confirm it; a later one can, too. */
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

  /**
   * The server to ask: the tail; with reads=any this server if it is a member, else a random one.
   */
  target({ members }: Chain, random: () => number): NodeId | undefined {
    const { id } = this.#state.self;
    if (this.#mode === 'tail' || members.length <= 1) return members.at(-1);
    return members.includes(id) ? id : members[randomBelow(random, members.length)];
  }

  /** Begins a read. Throws ERR_STALE_EPOCH if this server may not answer it. */
  begin(epoch: number, arc: NodeId): PendingRead {
    this.#state.assertEpoch(epoch);
    const position = this.#state.position(arc);
    const mayAnswer = this.#mode === 'any' ? !position.isJoiner : position.isTail;
    if (!mayAnswer) throw staleEpoch('not one to read from');
    return this.#want(position, epoch);
  }

  /** As `begin`, for a whole arc, which only the tail may show. */
  beginSection(epoch: number, arc: NodeId): PendingRead {
    this.#state.assertEpoch(epoch);
    const position = this.#state.position(arc);
    if (!position.isTail) throw staleEpoch('not the tail');
    return this.#want(position, epoch);
  }

  /**
   * The service has confirmed that epoch `confirmed` is current. Throws ERR_STALE_EPOCH if the read
   * belongs to another epoch, or if this server has entered another one (H6). Throws E_STORAGE
   * while it is not known which writes of that key, or of all keys, are acknowledged.
   */
  confirm({ position, epoch }: PendingRead, confirmed: number, key?: string): void {
    this.#state.assertEpoch(epoch);
    if (confirmed !== epoch) throw staleEpoch('another was confirmed');
    if (this.#state.isCertain(position, key)) return;
    throw new CallError('E_STORAGE', 'what is on its way may be acknowledged or not');
  }

  /** The entry to answer with, or the tail's id if only the tail knows what is committed. */
  find({ position }: PendingRead, key: string): { entry: Entry | undefined } | { tail: NodeId } {
    const { isTail, log, chain } = position;
    const isClean = isTail || log.pendingOf(key).length === 0;
    return isClean ? { entry: log.read(key) } : { tail: chain.members.at(-1) as NodeId };
  }

  /**
   * The entry of a dirty key: the version that the tail has committed (Terrace & Freedman, USENIX
   * ATC 2009, section 2.3). This server may not know yet that it is committed.
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

  /** The tail's answer to a member that has pending writes of the key. */
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
