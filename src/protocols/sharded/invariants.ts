// The promises of the sharded protocol, checked after every event of a simulation. The numbers are
// those of docs/protocols/sharded.md.
//
//   S1 a number names one configuration; in it a slot has one owner, and only that answers for it
//   S2 a move loses nothing and invents nothing
//   S3 a group has one primary in an epoch, and logs with a common entry are equal up to there
//   S4 sync=all: what is acknowledged is at all that serve, and each read is up to date
//   S5 sync=L: a secondary has applied a prefix of its primary's log, and never goes back
//   S6 no character is lost or doubled: operations take effect once
//   S7 no node's configuration goes back
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import type { Invariants, Witnessed } from '../../kernel/invariants.ts';
import { AnswerInvariants } from './answerInvariants.ts';
import { type Configuration, groupOf } from './configuration.ts';
import type { Fact } from './facts.ts';
import type { Place } from './groupLine.ts';
import { SlotLine } from './line.ts';
import { LogInvariants } from './logInvariants.ts';
import type { Request } from './operations.ts';
import type { GroupId } from './placement.ts';
import { Seen, type SeenServer } from './seen.ts';
import type { Shard } from './shards.ts';

export function createShardedInvariants(): Invariants {
  return new ShardedInvariants();
}

class ShardedInvariants implements Invariants {
  #seen = new Seen();
  #logs = new LogInvariants(this.#seen);
  #answers = new AnswerInvariants(this.#seen);
  readonly #numberByLife = new Map<number, number>();

  changed(node: Witnessed, facts: readonly object[]): void {
    const { configuration } = node.state as { readonly configuration: Configuration | undefined };
    const known = facts as readonly Fact[];
    if (configuration !== undefined) this.#checkNumber(node.life, configuration, known);
    if (node.role === 'client') return;
    const server = this.#seen.see(node);
    this.#logs.began(server);
    for (const fact of known) this.#check(server, fact);
    this.#logs.ended(server);
  }

  /** Without logs nothing is left when no server lives. */
  ended(life: Life): void {
    this.#seen.ended(life);
    if (!this.#seen.isOver) return;
    this.#seen = new Seen();
    this.#logs = new LogInvariants(this.#seen);
    this.#answers = new AnswerInvariants(this.#seen);
    this.#numberByLife.clear();
  }

  stabilizing(): void {}

  stabilized(_round: number, reached: readonly Witnessed[]): void {
    for (const node of reached) {
      if (node.role === 'server') this.#logs.checkRound(this.#seen.see(node));
    }
  }

  #check(server: SeenServer, fact: Fact): void {
    if (fact.kind === 'accepted') this.#answers.accepted(server, fact);
    else if (fact.kind === 'acknowledged') this.#answers.acknowledged(server, fact);
    else if (fact.kind === 'read begun') this.#answers.readBegun(fact);
    else if (fact.kind === 'read') this.#answers.read(server, fact);
    else {
      this.#logs.applied(server, fact);
      this.#answers.applied(fact);
    }
  }

  /** S7 */
  #checkNumber(life: Life, configuration: Configuration, facts: readonly Fact[]): void {
    const { number } = configuration;
    const known = this.#numberByLife.get(lifeKey(life)) ?? 0;
    if (number === known) return;
    assert(number > known, () => `S7: node ${life.id} goes from ${known} back to ${number}`);
    this.#numberByLife.set(lifeKey(life), number);
    this.#learnConfiguration(configuration, facts);
  }

  /** S2 */
  #learnConfiguration(configuration: Configuration, facts: readonly Fact[]): void {
    const before = this.#seen.book.learn(configuration);
    if (before === undefined) return;
    for (const { id } of before.groups) {
      if (groupOf(configuration, id) === undefined) this.#seen.lineOf(id).dissolve();
    }
    for (const [slot, owner] of configuration.owners.entries()) {
      const former = before.owners[slot] ?? null;
      if (former === null || owner === former) continue;
      const isNext = configuration.number === before.number + 1;
      const isSwitch = owner !== null && before.move?.owners[slot] === owner;
      const at = isSwitch
        ? this.#seen.lineOf(owner).receivedAt(former, before.move?.id ?? 0)
        : undefined;
      if (at !== undefined) this.#checkHave(configuration, owner as GroupId, at);
      else {
        assert(
          !isSwitch || !isNext,
          () => `S2: group ${owner} owns slot ${slot}, and has not got it from group ${former}`,
        );
        this.#answers.forget(slot);
      }
    }
    for (const [slot, owner] of configuration.owners.entries()) {
      if (owner !== null && before.owners[slot] === null) {
        this.#beginAnew(configuration, { slot, owner, facts });
      }
    }
  }

  /** S2: every server that serves in the group has all of a move. */
  #checkHave(configuration: Configuration, id: GroupId, at: Place): void {
    for (const [server, incarnation] of groupOf(configuration, id)?.serving ?? []) {
      const other = this.#seen.server({ id: server, incarnation });
      if (other === undefined || other.state.number > configuration.number) continue;
      assert(
        this.#seen.holds(other, id, at),
        () => `S2: server ${server} serves in group ${id}, and has not got all of the last move`,
      );
    }
  }

  /**
   * S2: a slot that had no owner is empty at every server of the group that gets it. A primary may
   * have answered requests already in the event in which it has learned of the owner.
   */
  #beginAnew(
    configuration: Configuration,
    { slot, owner, facts }: { slot: number; owner: GroupId; facts: readonly Fact[] },
  ): void {
    for (const [id, incarnation] of groupOf(configuration, owner)?.serving ?? []) {
      const { state } = this.#seen.server({ id, incarnation }) ?? {};
      if (state?.log?.group !== owner || state.number > configuration.number) continue;
      const shard = state.log.shards.shard(slot);
      const isOfEvent = state.number === configuration.number;
      assert(
        shard === undefined || (isOfEvent && isMadeBy(facts, slot, shard)),
        () => `S2: slot ${slot} begins anew in group ${owner}, and server ${id} has earlier data`,
      );
    }
    this.#seen.lineOf(owner).slots.delete(slot);
  }
}

/** Whether the requests that were accepted and applied in one event have made the whole shard. */
function isMadeBy(facts: readonly Fact[], slot: number, { values, requests }: Shard): boolean {
  const line = new SlotLine();
  const accepted = new Set<Request>();
  for (const fact of facts) {
    if (fact.kind === 'accepted') accepted.add(fact.request);
    if (fact.kind !== 'applied' || fact.entry.kind !== 'request') continue;
    const { entry, reply } = fact;
    if (entry.slot === slot && accepted.has(entry.request)) line.apply(entry, reply);
  }
  return line.sessions.size > 0 && line.differsFrom(values, requests.sessions()) === undefined;
}
