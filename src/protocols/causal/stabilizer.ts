// stabilize: one spanning tree over the servers that are connected, built by themselves. Outward:
// whoever is asked for the first time becomes a child of the asker and asks its other peers
// (Chang's echo algorithm, IEEE TSE 1982). Upward: a parent pulls what it lacks, once all its
// children have answered. Downward: it spreads what each child lacks (Segall's propagation of
// information with feedback, IEEE TIT 1983).
//
//   root            child           grandchild
//    |--- probe ----->|---- probe ----->|
//    |                |<-- joined -----|
//    |<--- joined ----|     (pull if the parent lacks anything, each child in its turn)
//    |---- spread --->|---- spread ---->|
//    |<---- done -----|<---- done ------|
import { VersionVector } from '../../clocks/versionVector.ts';
import type { Env } from '../../kernel/env.ts';
import { CallError } from '../../kernel/errors.ts';
import type { Life, NodeId } from '../../kernel/ids.ts';
import type { ParamsOf, ResultOf } from '../../kernel/messages.ts';
import type { RoundOutcome } from '../../kernel/protocol.ts';
import { staleRound } from './errors.ts';
import { Forgetting } from './forgetting.ts';
import type { Gossip } from './gossip.ts';
import type { Journal } from './journal.ts';
import type { CausalMessages, WireEntry } from './messages.ts';
import type { Budget, Child, Round, Rounds, Spread } from './round.ts';
import type { CausalState } from './state.ts';
import { packParts, unpackEntries } from './transfer.ts';

type Params<K extends keyof CausalMessages> = ParamsOf<CausalMessages, K>;
type Result<K extends keyof CausalMessages> = ResultOf<CausalMessages, K>;

export class Stabilizer {
  readonly #env: Env<CausalMessages, 'server'>;
  readonly #journal: Journal;
  readonly #state: CausalState;
  readonly #gossip: Gossip;
  readonly #rounds: Rounds;
  readonly #forgetting = new Forgetting();

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
   * If it reached everybody, this server has heard of everybody. And the deletions are forgotten
   * that the whole round before had brought to everybody, never those of this one: a server that
   * has joined meanwhile may have been told a time below them, and have written.
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
      this.#state.acquaint();
      const upTo = this.#forgetting.conclude(lives, held);
      if (upTo !== undefined && this.#state.hasDeletions(upTo)) {
        await this.#collect(round, upTo, budgetMs);
      }
    }
    return { reached, missing };
  }

  /** Joins the round as a child of `from`, unless this server is in its tree already. */
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

  /** Hands the parent one part of what it lacks. */
  pull(from: NodeId, params: Params<'pull'>): Result<'pull'> {
    this.#journal.witness(params.clock);
    const round = this.#rounds.find(params.round, from);
    round.upward ??= {
      parts: packParts(this.#state.entriesBeyond(VersionVector.fromTuples(params.applied))),
      applied: this.#state.applied.copy(),
    };
    const { parts, applied } = round.upward;
    const entries = parts[params.part];
    if (entries === undefined) throw new CallError('E_BAD_REQUEST', `part ${params.part}`);
    return {
      entries,
      last: params.part === parts.length - 1,
      applied: applied.toTuples(),
      clock: this.#state.clock.time,
    };
  }

  /** Takes over a part from the parent; after the last, hands on to the children what they lack. */
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

  /** Forgets deletions, here and below. */
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
    // What has come and is not durable yet counts in the round (C4), and may not leave before (C6).
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

  /** Makes a joined peer a child, and takes over what it has. False if it fell silent meanwhile. */
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
      return this.#journal.takeOver(since, unpackEntries(packed), applied);
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
      applied: this.#state.applied.toTuples(),
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
   * Whoever does not answer in time may keep its deletions: the round has done its work, and is not
   * to be taken for one that has not. A server with a log may come back from before, so nothing is
   * forgotten where there are any.
   */
  async #collect(round: Round, upTo: VersionVector, timeoutMs?: number): Promise<void> {
    if (this.#journal.isDurable) return;
    const deletions = this.#state.collect(round.number, upTo);
    if (deletions > 0) this.#env.note('forget', { deletions });
    const params = { round: round.number, upTo: upTo.toTuples(), clock: this.#state.clock.time };
    await Promise.all(round.children.map(({ id }) => this.#ask(id, 'collect', params, timeoutMs)));
  }

  /**
   * A call whose failure is part of the algorithm: `refused` by one that is not connected or in a
   * later round, which belongs to another tree; `missing` without an answer.
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
