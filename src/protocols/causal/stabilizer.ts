// A round of stabilize: the connected servers build a spanning tree. Outward: a server that is
// asked for the first time becomes a child of the asking server, and asks its other peers (Chang's
// echo algorithm, IEEE TSE 1982). Upward: a parent pulls what it lacks when all its children have
// answered. Downward: a parent spreads to each child what that child lacks (Segall's propagation of
// information with feedback, IEEE TIT 1983).
//
//   root            child           grandchild
//    |--- probe ----->|---- probe ----->|
//    |                |<-- joined -----|
//    |<--- joined ----|     (pull if the parent lacks anything, from one child after the other)
//    |---- spread --->|---- spread ---->|
//    |<---- done -----|<---- done ------|
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { RoundOutcome } from '../../kernel/round.ts';
import { staleRound } from './errors.ts';
import type { Gossip } from './gossip.ts';
import type { Journal } from './journal.ts';
import type { CausalMessages, WireEntry } from './messages.ts';
import type { Budget, Child, Round, Rounds, Spread } from './round.ts';
import type { CausalState } from './state.ts';
import { TombstoneCollection } from './tombstoneCollection.ts';
import { packParts, unpackEntries } from './transfer.ts';

type Params<K extends keyof CausalMessages> = ParamsOf<CausalMessages, K>;
type Result<K extends keyof CausalMessages> = ResultOf<CausalMessages, K>;

export class Stabilizer {
  readonly #env: Env<CausalMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: CausalState;
  readonly #gossip: Gossip;
  readonly #rounds: Rounds;
  readonly #collection = new TombstoneCollection();

  constructor(env: Env<CausalMessages, 'server'>, journal: Journal, gossip: Gossip) {
    this.#env = env;
    this.#journal = journal;
    this.#state = journal.state;
    this.#rounds = journal.state.rounds;
    this.#gossip = gossip;
  }

  /**
   * Runs a round with this server as its root. Half of the budget is for each direction.
   *
   * If the round reached every known server, this server is bootstrapped. Then tombstones are
   * collected, but only those that the whole round before had brought to every server. A tombstone
   * of this round is too new: a server that joined meanwhile may have learned a clock below it, and
   * accepted writes.
   */
  async stabilize(order: {
    round: number;
    avoid: readonly NodeId[];
    known: readonly NodeId[];
    budgetMs: number;
  }): Promise<RoundOutcome> {
    const round = this.#rounds.enter(order.round, null);
    if (round === undefined) throw staleRound();
    const budgetMs = order.budgetMs / 2;
    const budget = { budgetMs, stepMs: budgetMs / (order.known.length + 1) };
    const gathered = await this.#gather(round, order.avoid, budget);
    this.#rounds.confirm(round);
    const held = this.#state.applied.copy();
    const spread = await this.#spreadToChildren(round, budget);
    this.#rounds.confirm(round);
    const lives = [this.#env.self, ...spread.reached];
    const reached = lives.map(({ id }) => id);
    const silent = new Set([...gathered.missing, ...spread.missing]);
    const missing = [...silent].filter((id) => !reached.includes(id));
    if (order.known.every((id) => reached.includes(id))) {
      this.#state.completeBootstrap();
      const upTo = this.#collection.conclude(lives, held);
      if (upTo !== undefined && this.#state.hasDeletions(upTo)) {
        await this.#collect(round, upTo, budgetMs);
      }
    }
    return { reached, missing };
  }

  /** Enters the round as a child of `from`, unless this server is in the tree already. */
  async probe(from: NodeId, params: Params<'probe'>): Promise<Result<'probe'>> {
    if (!this.#gossip.isConnected(from)) throw new CallError('ERR_NOT_CONNECTED', `server ${from}`);
    this.#journal.witness(params.clock);
    const round = this.#rounds.enter(params.round, from);
    if (round === undefined) {
      const { time: clock } = this.#state.clock;
      return { joined: false, applied: [], reached: [], missing: [], clock };
    }
    round.gathered ??= this.#gather(round, params.avoid, params);
    return round.gathered;
  }

  /** Gives the parent one part of what it lacks. */
  pull(from: NodeId, params: Params<'pull'>): Result<'pull'> {
    this.#journal.witness(params.clock);
    const round = this.#rounds.find(params.round, from);
    round.upward ??= {
      parts: packParts(this.#state.entriesBeyond(VersionVector.fromTuples(params.applied))),
      vectors: this.#state.vectors(),
    };
    const { parts, vectors } = round.upward;
    const entries = parts[params.part];
    if (entries === undefined) throw new CallError('E_BAD_REQUEST', `part ${params.part}`);
    const last = params.part === parts.length - 1;
    return { entries, last, ...vectors, clock: this.#state.clock.time };
  }

  /** Takes a part from the parent. After the last part, spreads to each child what it lacks. */
  async spread(from: NodeId, params: Params<'spread'>): Promise<Result<'spread'>> {
    this.#journal.witness(params.clock);
    const round = this.#rounds.find(params.round, from);
    if (round.spreading !== undefined) return round.spreading;
    const delivery = round.intake.deliver(this.#journal, params);
    if (delivery instanceof Promise) {
      round.spreading = delivery.then((outcome) =>
        outcome === 'applied' ? this.#handOn(round, params) : this.#answerSpread(false),
      );
      return round.spreading;
    }
    if (delivery !== 'applied') return this.#answerSpread(delivery === 'more');
    round.spreading = this.#handOn(round, params);
    return round.spreading;
  }

  #answerSpread(accepted: boolean): Result<'spread'> {
    return { accepted, reached: [], missing: [], clock: this.#state.clock.time };
  }

  #handOn(round: Round, budget: Budget): Promise<Result<'spread'>> {
    return this.#spreadToChildren(round, budget).then(({ reached, missing }) => ({
      accepted: true,
      reached: [this.#env.self, ...reached].map(toTuple),
      missing,
      clock: this.#state.clock.time,
    }));
  }

  /** Collects tombstones here and in the subtree. */
  async collect(from: NodeId, params: Params<'collect'>): Promise<Result<'collect'>> {
    this.#journal.witness(params.clock);
    const round = this.#rounds.find(params.round, from);
    await this.#collect(round, VersionVector.fromTuples(params.upTo));
    return { clock: this.#state.clock.time };
  }

  async #gather(
    round: Round,
    avoid: readonly NodeId[],
    { budgetMs, stepMs }: Budget,
  ): Promise<Result<'probe'>> {
    const candidates = this.#gossip.peers.filter(
      (id) => id !== round.parent && !avoid.includes(id),
    );
    const answers = await Promise.all(
      candidates.map((id) =>
        this.#ask(id, 'probe', this.#probeBelow(round, avoid, { budgetMs, stepMs }), budgetMs),
      ),
    );
    const reached = [this.#env.self.id];
    const missing: NodeId[] = [];
    for (const [index, answer] of answers.entries()) {
      const id = candidates[index] as NodeId;
      if (
        answer === 'missing' ||
        (answer !== 'refused' && !(await this.#adopt(round, id, answer)))
      ) {
        missing.push(id);
      } else if (answer !== 'refused' && answer.joined) {
        reached.push(...answer.reached);
        missing.push(...answer.missing);
      }
    }
    // What was received counts in the round (C4), and must be durable before it leaves (C6).
    await this.#journal.caughtUp();
    this.#rounds.confirm(round);
    round.contribution = this.#state.applied.copy();
    const applied = round.contribution.toTuples();
    return { joined: true, applied, reached, missing, clock: this.#state.clock.time };
  }

  #probeBelow(
    { number }: Round,
    avoid: readonly NodeId[],
    { budgetMs, stepMs }: Budget,
  ): Params<'probe'> {
    return {
      round: number,
      budgetMs: Math.max(0, budgetMs - stepMs),
      stepMs,
      avoid: [...avoid],
      clock: this.#state.clock.time,
    };
  }

  /** Makes a joined peer a child, and pulls what it has. False if it did not answer the pull. */
  async #adopt(round: Round, id: NodeId, answer: Result<'probe'>): Promise<boolean> {
    if (!answer.joined) return true;
    const child: Child = { id, applied: VersionVector.fromTuples(answer.applied) };
    if (!this.#state.applied.dominates(child.applied) && !(await this.#pullFrom(round, child))) {
      return false;
    }
    this.#rounds.confirm(round);
    round.children.push(child);
    return true;
  }

  async #pullFrom(round: Round, child: Child): Promise<boolean> {
    const since = this.#state.applied.copy();
    const packed: WireEntry[] = [];
    for (let part = 0; ; part += 1) {
      const answer = await this.#ask(child.id, 'pull', {
        round: round.number,
        part,
        applied: since.toTuples(),
        clock: this.#state.clock.time,
      });
      if (typeof answer === 'string') return false;
      for (const entry of answer.entries) packed.push(entry);
      if (!answer.last) continue;
      const applied = VersionVector.fromTuples(answer.applied);
      const collected = VersionVector.fromTuples(answer.collected);
      return this.#journal.takeOver(since, unpackEntries(packed), applied, collected);
    }
  }

  async #spreadToChildren(round: Round, budget: Budget): Promise<Spread> {
    const outcomes = await Promise.all(
      round.children.map((child) => this.#spreadTo(round, child, budget)),
    );
    return {
      reached: outcomes.flatMap(({ reached }) => reached),
      missing: outcomes.flatMap(({ missing }) => missing),
    };
  }

  async #spreadTo(round: Round, child: Child, { budgetMs, stepMs }: Budget): Promise<Spread> {
    const parts = packParts(this.#state.entriesBeyond(child.applied));
    const shared = {
      round: round.number,
      since: child.applied.toTuples(),
      transfer: 0,
      ...this.#state.vectors(),
      budgetMs: Math.max(0, budgetMs - stepMs),
      stepMs,
    };
    for (const [part, entries] of parts.entries()) {
      const last = part === parts.length - 1;
      const params = { ...shared, entries, part, last, clock: this.#state.clock.time };
      const answer = await this.#ask(child.id, 'spread', params, budgetMs);
      if (typeof answer === 'string' || !answer.accepted) break;
      if (!last) continue;
      const reached = answer.reached.map(([id, incarnation]) => ({ id, incarnation }));
      return { reached, missing: answer.missing };
    }
    return { reached: [], missing: [child.id] };
  }

  /**
   * A server that does not answer in time may keep its tombstones: the round itself has succeeded.
   * With logs no tombstone is collected, because a server may come back with an older state.
   */
  async #collect(round: Round, upTo: VersionVector, timeoutMs?: number): Promise<void> {
    if (this.#journal.isDurable) return;
    const deletions = this.#state.collect(round.number, upTo);
    if (deletions > 0) this.#env.note('forget', { deletions });
    const params = { round: round.number, upTo: upTo.toTuples(), clock: this.#state.clock.time };
    await Promise.all(round.children.map(({ id }) => this.#ask(id, 'collect', params, timeoutMs)));
  }

  /**
   * A call whose failure is part of the algorithm. `refused`: the peer is not connected, or is in a
   * later round, so it belongs to another tree. `missing`: the peer does not answer.
   */
  async #ask<K extends 'probe' | 'pull' | 'spread' | 'collect'>(
    id: NodeId,
    method: K,
    params: Params<K>,
    timeoutMs?: number,
  ): Promise<Result<K> | 'refused' | 'missing'> {
    try {
      const answer = await this.#env.call(id, method, params, timeoutMs);
      this.#journal.witness(answer.clock);
      return answer;
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return error.definite ? 'refused' : 'missing';
    }
  }
}

function toTuple({ id, incarnation }: Life): [number, number] {
  return [id, incarnation];
}
