// The requests of clients at a server: waits until a key that moves has an owner again, until a
// write is where it has to be, until the shard master has confirmed that this server still answers.
import { toVersionTuple } from '../../clocks/version.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import { unlessCallError } from '../../replication/background.ts';
import { CALL_MS } from '../../replication/timing.ts';
import { AttemptTable } from './attempts.ts';
import { over, wrongOwner } from './errors.ts';
import type { Member } from './member.ts';
import type { ShardedMessages } from './messages.ts';
import type { Reply, Request } from './operations.ts';
import type { Position } from './position.ts';
import type { ShardedState } from './state.ts';

type Params<K extends keyof ShardedMessages> = ParamsOf<ShardedMessages, K>;
type Result<K extends keyof ShardedMessages> = ResultOf<ShardedMessages, K>;

/** How long a request waits for a key that moves. Then its client is told, and asks again. */
const FROZEN_MS = 1_000;

export class Requests {
  readonly #env: Env<ShardedMessages, 'server'>;
  readonly #member: Member;
  readonly #state: ShardedState;
  readonly #attempts = new AttemptTable<Promise<Result<'write'>>>();

  constructor(env: Env<ShardedMessages, 'server'>, member: Member) {
    this.#env = env;
    this.#member = member;
    this.#state = member.state;
  }

  write(from: NodeId, params: Params<'write'>): Promise<Result<'write'>> {
    const { number, session: tuple, seq, attempt, ended, kind, key, value } = params;
    const [id, incarnation] = tuple;
    if (id !== from) throw new CallError('E_BAD_REQUEST', `the session of ${id}, asked by ${from}`);
    const session = { id, incarnation };
    const request: Request = { kind, key, value, session, seq, ended };
    return this.#attempts.once({ session, seq, attempt, ended }, () => this.#do(number, request));
  }

  async read({ number, key }: Params<'read'>): Promise<Result<'read'>> {
    const until = this.#env.now() + FROZEN_MS;
    await this.#upTo(number);
    for (;;) {
      // A read that came before the question is confirmed by the answer.
      await this.#member.refresh();
      const position = this.#state.owned(key);
      if (position !== 'frozen' && position.isReadable) return this.#answer(position, key);
      await this.#whenOther(position, until);
    }
  }

  async #do(number: number, request: Request): Promise<Result<'write'>> {
    const until = this.#env.now() + FROZEN_MS;
    await this.#upTo(number);
    let accepted = this.#state.accept(request);
    while (accepted === 'frozen') {
      await this.#whenOther('frozen', until);
      accepted = this.#state.accept(request);
    }
    const { position } = accepted;
    if ('reply' in accepted) {
      this.#env.note('repeat', { session: request.session.id, seq: request.seq });
      return this.#acknowledged(position, accepted.reply);
    }
    this.#member.write();
    const reply = await this.#member.whenApplied(position, accepted.index);
    return this.#acknowledged(position, reply ?? this.#replyOf(position, request));
  }

  /** A primary that does not wait for all secondaries may have been replaced without a sign. */
  async #acknowledged(position: Position, reply: Reply): Promise<Result<'write'>> {
    if (this.#state.settings.sync !== 'all') {
      await this.#member.refresh();
      if (!this.#state.isCurrent(position)) throw over();
    }
    const { outcome, value, version } = reply;
    this.#env.observe?.({ kind: 'acknowledged', epoch: position.epoch, reply });
    return { outcome, value, version: version && toVersionTuple(version) };
  }

  #replyOf({ log }: Position, request: Request): Reply {
    const reply = log.find(this.#state.slotOf(request.key), request);
    if (typeof reply === 'object') return reply;
    throw over();
  }

  async #answer(position: Position, key: string): Promise<Result<'read'>> {
    const held = this.#state.read(position, key);
    if (held === 'dirty') return this.#askPrimary(position, key);
    this.#env.observe?.({ kind: 'read', key, held, position });
    if (held === undefined) return { value: null, version: null };
    return { value: held.value, version: toVersionTuple(held.version) };
  }

  /** A write of the key is on its way, so it is not known here whether all have it. */
  async #askPrimary(position: Position, key: string): Promise<Result<'read'>> {
    const { primary, epoch, log } = position;
    if (primary === null) throw over();
    const params = { number: this.#state.number, group: log.group, epoch, key };
    try {
      const answer = await this.#env.call(primary, 'latest', params, CALL_MS);
      this.#member.callAnswered(primary);
      return answer;
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
