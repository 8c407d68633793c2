// Answers reads, as the tail or, with reads=any, as any member. An answer is given only after the
// configuration service has said, since the request came, that our epoch is the current one: an old
// tail that nobody told of its removal must not answer (H4).
import { compareVersions, fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { assert, CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { Configuration } from './configuration.ts';
import type { Entry } from './log.ts';
import type { ChainMessages } from './messages.ts';
import type { ReadMode } from './options.ts';
import { pageOf } from './page.ts';
import type { ChainState, Confirmation, Place } from './state.ts';
import { CALL_MS } from './timing.ts';

export interface ReaderSetup {
  readonly env: Env<ChainMessages>;
  readonly state: ChainState;
  readonly mode: ReadMode;
  adopt(configuration: Configuration): void;
}

export class Reader {
  readonly #env: Env<ChainMessages>;
  readonly #state: ChainState;
  readonly #mode: ReadMode;
  readonly #adopt: ReaderSetup['adopt'];
  #asking: Promise<Confirmation> | undefined;
  #askingNext: Promise<Confirmation> | undefined;
  #questions = 0;

  constructor({ env, state, mode, adopt }: ReaderSetup) {
    this.#env = env;
    this.#state = state;
    this.#mode = mode;
    this.#adopt = adopt;
  }

  async query(
    owner: NodeId,
    { epoch, key }: ParamsOf<ChainMessages, 'query'>,
  ): Promise<ResultOf<ChainMessages, 'query'>> {
    const place = this.#placeFor(epoch, owner);
    const came = this.#questions;
    const confirmation = await this.#confirm(epoch);
    this.#assertCertain(place, key);
    const isClean = place.isTail || place.log.pendingOf(key).length === 0;
    const entry = isClean ? place.log.read(key) : await this.#readDirty(place, epoch, key);
    this.#state.lastRead = { key, version: entry?.version, epoch, came, confirmation };
    return {
      value: entry?.value ?? null,
      version: entry === undefined ? null : toVersionTuple(entry.version),
    };
  }

  /** The tail's word for a member that has writes of the key on their way. */
  latest({ epoch, key }: ParamsOf<ChainMessages, 'latest'>, owner: NodeId) {
    this.#state.assertEpoch(epoch);
    const { isTail, log } = this.#state.place(owner);
    if (!isTail || !log.isSynced) throw new CallError('ERR_STALE_EPOCH', 'not the tail');
    const entry = log.read(key);
    return { version: entry === undefined ? null : toVersionTuple(entry.version) };
  }

  async section({
    epoch,
    arc,
    after,
  }: ParamsOf<ChainMessages, 'section'>): Promise<ResultOf<ChainMessages, 'section'>> {
    const place = this.#placeFor(epoch, arc);
    if (!place.isTail) throw new CallError('ERR_STALE_EPOCH', 'not the tail');
    await this.#confirm(epoch);
    this.#assertCertain(place);
    return pageOf(this.#state.valuesOf(place.log), after);
  }

  #assertCertain(place: Place, key?: string): void {
    if (this.#state.isCertain(place, key)) return;
    throw new CallError('E_STORAGE', 'what is on its way may be acknowledged or not');
  }

  #placeFor(epoch: number, owner: NodeId): Place {
    this.#state.assertEpoch(epoch);
    const place = this.#state.place(owner);
    const mayAnswer = this.#mode === 'any' ? !place.isJoiner : place.isTail;
    if (!mayAnswer) throw new CallError('ERR_STALE_EPOCH', 'not one to read from');
    if (!place.log.isSynced) throw new CallError('ERR_STALE_EPOCH', 'not in sync yet');
    return place;
  }

  /**
   * A dirty key: what the tail has is what may be read (Terrace & Freedman, USENIX ATC 2009,
   * section 2.3). That it is committed at the tail may not have come up to us.
   */
  async #readDirty({ chain, log }: Place, epoch: number, key: string): Promise<Entry | undefined> {
    const tail = chain.members.at(-1) as NodeId;
    const { version } = await this.#env.call(tail, 'latest', { epoch, key }, CALL_MS);
    this.#state.assertEpoch(epoch);
    const committed = log.read(key);
    if (version === null) return committed;
    const wanted = fromVersionTuple(version);
    if (committed !== undefined && compareVersions(committed.version, wanted) >= 0) {
      return committed;
    }
    const entry = log.pendingOf(key).find((held) => compareVersions(held.version, wanted) === 0);
    assert(entry !== undefined, 'H2: what the tail has, whoever is before it has');
    return entry;
  }

  /**
   * Returns when the service has said, after this call, that `epoch` is the current one; throws
   * ERR_STALE_EPOCH when it is not. One question serves all who came before it was sent.
   */
  async #confirm(epoch: number): Promise<Confirmation> {
    if (this.#asking === undefined) this.#asking = this.#ask();
    else {
      const before = this.#asking;
      this.#askingNext ??= before.then(
        () => this.#askAgain(),
        () => this.#askAgain(),
      );
    }
    const confirmation = await (this.#askingNext ?? this.#asking);
    this.#state.assertEpoch(epoch);
    if (confirmation.epoch === epoch) return confirmation;
    throw new CallError('ERR_STALE_EPOCH', 'another was confirmed');
  }

  #askAgain(): Promise<Confirmation> {
    this.#asking = this.#ask();
    this.#askingNext = undefined;
    return this.#asking;
  }

  async #ask(): Promise<Confirmation> {
    const { epoch } = this.#state;
    this.#questions += 1;
    const question = this.#questions;
    try {
      const { configuration } = await this.#env.callService('confirm', { epoch }, CALL_MS);
      if (configuration === null) return { question, epoch };
      this.#adopt(configuration);
      throw new CallError('ERR_STALE_EPOCH', `${epoch} is over`);
    } finally {
      if (this.#askingNext === undefined) this.#asking = undefined;
    }
  }
}
