// The requests of clients at a server: waits until a key that moves has an owner again, until a
// write is where it has to be, until the shard master has confirmed that this server still answers.
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Sibling } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { unlessCallError } from '../../replication/background.ts';
import { CALL_MS } from '../../replication/timing.ts';
import { AttemptTable } from './attempts.ts';
import type { Held } from './entry.ts';
import { over, wrongOwner } from './errors.ts';
import type { Fact, ReadBegun } from './facts.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import type { Reply, Request } from './operations.ts';
import type { Position } from './position.ts';
import type { Accepted, ShardedState } from './state.ts';

type Params<K extends keyof ShardedMessages> = ParamsOf<ShardedMessages, K>;
type Result<K extends keyof ShardedMessages> = ResultOf<ShardedMessages, K>;

/** How long a request waits for a key that moves. Then its client is told, and asks again. */
const FROZEN_MS = 1_000;

export class Requests {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #state: ShardedState;
  readonly #observe: ((fact: Fact) => void) | undefined;
  readonly #attempts = new AttemptTable<Promise<Result<'write'>>>();

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
    this.#state = member.state;
    this.#observe = env.observe;
  }

  write(from: NodeId, params: Params<'write'>): Promise<Result<'write'>> {
    const { number, session: tuple, seq, attempt, ended, kind, key, value, expected } = params;
    const [id, incarnation] = tuple;
    if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
    const isAsked = kind === 'cas' ? value !== null && expected !== undefined : true;
    if (!isAsked || (kind !== 'cas' && expected !== undefined)) {
      throw new CallError('E_BAD_REQUEST', `${kind} with other values than it takes`);
    }
    const session = { id, incarnation };
    const compared = expected !== undefined && { expected };
    const request: Request = { kind, key, value, ...compared, session, seq, ended };
    return this.#attempts.once({ session, seq, attempt, ended }, () => this.#do(number, request));
  }

  async read({ number, key }: Params<'read'>): Promise<Result<'read'>> {
    const until = this.#env.now() + FROZEN_MS;
    const begun: ReadBegun = { kind: 'read begun', key };
    this.#observe?.(begun);
    await this.#upTo(number);
    for (;;) {
      // A read that came before the question is confirmed by the answer.
      await this.#member.refresh();
      const position = this.#state.owned(key);
      if (position !== 'frozen' && position.isReadable) return this.#answer(position, begun);
      await this.#whenOther(position, until);
    }
  }

  async #do(number: number, request: Request): Promise<Result<'write'>> {
    const until = this.#env.now() + FROZEN_MS;
    await this.#upTo(number);
    let accepted = this.#accept(request);
    while (accepted === 'frozen') {
      await this.#whenOther('frozen', until);
      accepted = this.#accept(request);
    }
    const { position } = accepted;
    if ('reply' in accepted) {
      this.#env.note('repeat', { session: request.session.id, seq: request.seq });
      return this.#acknowledged(position, request, accepted.reply);
    }
    this.#member.write();
    const reply = await this.#member.whenApplied(position, accepted.index);
    return this.#acknowledged(position, request, reply ?? this.#replyOf(position, request));
  }

  #accept(request: Request): Accepted | 'frozen' {
    const { configuration } = this.#state;
    const accepted = this.#state.accept(request);
    if (accepted !== 'frozen' && 'entry' in accepted && configuration !== undefined) {
      this.#observe?.({ kind: 'accepted', configuration, request });
    }
    return accepted;
  }

  /** A primary that does not wait for all secondaries may have been replaced without a sign. */
  async #acknowledged(
    position: Position,
    request: Request,
    reply: Reply,
  ): Promise<Result<'write'>> {
    if (this.#state.settings.sync !== 'all') {
      await this.#member.refresh();
      if (!this.#state.isCurrent(position)) throw over();
    }
    const { outcome, value, version, found } = reply;
    const { configuration } = this.#state;
    this.#observe?.({ kind: 'acknowledged', position, configuration, request, reply });
    const answer = { outcome, value, version: version && toVersionTuple(version) };
    return found === undefined ? answer : { ...answer, found: toSibling(found) };
  }

  #replyOf({ log }: Position, request: Request): Reply {
    const reply = log.find(this.#state.slotOf(request.key), request);
    if (typeof reply === 'object') return reply;
    throw over();
  }

  async #answer(position: Position, begun: ReadBegun): Promise<Result<'read'>> {
    const { configuration } = this.#state;
    const found = this.#state.read(position, begun.key);
    const held = found === 'dirty' ? await this.#askPrimary(position, begun.key) : found;
    if (configuration !== undefined) this.#observe?.({ kind: 'read', begun, configuration, held });
    if (held === undefined) return { value: null, version: null };
    return { value: held.value, version: toVersionTuple(held.version) };
  }

  /** A write of the key is on its way, so it is not known here whether all have it. */
  async #askPrimary(position: Position, key: string): Promise<Held | undefined> {
    const { primary, epoch, log } = position;
    if (primary === null) throw over();
    const params = { number: this.#state.number, group: log.group, epoch, key };
    try {
      const { value, version } = await this.#env.call(primary, 'latest', params, CALL_MS);
      this.#member.callAnswered(primary);
      if (value === null || version === null) return undefined;
      return { value, version: fromVersionTuple(version) };
    } catch (error) {
      if (error instanceof CallError) this.#member.callFailed(primary, error);
      throw error;
    }
  }

  /** The client may know a later configuration. */
  async #upTo(number: number): Promise<void> {
    if (number > this.#state.number) await unlessCallError(this.#member.refresh());
  }

  /** Waits while the key moves, or while the position is not readable. */
  async #whenOther(position: Position | 'frozen', until: number): Promise<void> {
    const left = until - this.#env.now();
    if (left <= 0) throw wrongOwner(this.#state.number);
    if (position === 'frozen') await this.#member.whenChanged(left);
    else await Promise.race([this.#member.whenReadable(position), this.#member.whenChanged(left)]);
  }
}

function toSibling(held: Held | null): Sibling {
  if (held === null) return { value: null, version: null };
  return { value: held.value, version: toVersionTuple(held.version) };
}
