// The invariants about the logs of the groups: S3, S5 and S6, and with sync=all S4.
import { assert } from '../../kernel/errors.ts';
import { lifeKey } from '../../kernel/ids.ts';
import { groupOf } from './configuration.ts';
import type { Entry } from './entry.ts';
import { epochAt, has } from './entryTree.ts';
import type { EntryApplied } from './facts.ts';
import type { Extent, GroupLog } from './log.ts';
import type { Position } from './position.ts';
import type { Seen, SeenServer } from './seen.ts';

/** A primary, and what it had of the log when it was last seen in that epoch. */
interface Primary {
  readonly server: SeenServer;
  readonly extent: Extent;
}

/** A server as it was after its last event. */
interface Before {
  position: Position | undefined;
  log: GroupLog | undefined;
  generation: number;
  last: number;
  applied: number;
  isSynced: boolean;
}

export class LogInvariants {
  readonly #seen: Seen;
  readonly #beforeByServer = new Map<SeenServer, Before>();
  /** By group and epoch. */
  readonly #primaries = new Map<string, Primary>();
  /** What a server had kept when it was last seen in that epoch, by group, epoch and life. */
  readonly #keptInEpoch = new Map<string, Extent>();
  /** The keys that the current event has changed, with their slots. */
  readonly #touched = new Map<string, number>();

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** To be called for each event of a server, before its facts. */
  began(server: SeenServer): void {
    this.#touched.clear();
    this.#learnLog(server, this.#before(server));
  }

  /** To be called after the facts of the event. */
  ended(server: SeenServer): void {
    const before = this.#before(server);
    if (server.state.position !== before.position) this.#checkPosition(server, before);
    this.#remember(server);
    if (this.#touched.size > 0) this.#checkKeys(server);
    this.#checkSecondary(server, before);
  }

  /** What a server has now counts for its epoch also when it has left it, and its log was cut. */
  #remember(server: SeenServer): void {
    const { position } = server.state;
    if (position === undefined) return;
    const { log, epoch, isPrimary } = position;
    const name = `${log.group} ${epoch}`;
    const { extent } = log;
    const last = Math.min(extent.last, log.durable);
    this.#keptInEpoch.set(`${name} ${lifeKey(server.life)}`, { ...extent, last });
    if (isPrimary) this.#primaries.set(name, { server, extent });
  }

  #before(server: SeenServer): Before {
    const known = this.#beforeByServer.get(server);
    if (known !== undefined) return known;
    const before = {
      ...{ position: undefined, log: undefined, generation: 0, last: 0 },
      ...{ applied: 0, isSynced: false },
    };
    this.#beforeByServer.set(server, before);
    return before;
  }

  /** S3, and: a server sends nothing before its disk has it. */
  #learnLog(server: SeenServer, last: Before): void {
    const { log, position } = server.state;
    if (log !== undefined) {
      const isKnown = log === last.log && log.generation === last.generation;
      const from = isKnown ? Math.max(log.start, last.last) : log.start;
      let before = epochAt(log.extent.history, from);
      for (const [at, entry] of log.after(from).entries()) {
        this.#seen.tree.learn(log.group, from + at + 1, entry, before);
        before = entry.epoch;
      }
      if (isKnown && from < log.last && position?.isPrimary === false) {
        this.#checkSent(server, position);
      }
    }
    last.log = log;
    last.generation = log?.generation ?? 0;
    last.last = log?.last ?? 0;
  }

  #checkSent({ life }: SeenServer, { log, epoch }: Position): void {
    const primary = this.#primaries.get(`${log.group} ${epoch}`)?.server;
    const kept = primary?.state.position?.epoch === epoch && this.#seen.keptBy(primary);
    if (!kept || kept.group !== log.group) return;
    assert(
      has(kept, log.lastEpoch, log.last),
      () => `S3: server ${life.id} has an entry that is not durable at its primary`,
    );
  }

  /** A server has applied an entry. */
  applied(server: SeenServer, fact: EntryApplied): void {
    const { position, index, entry, reply } = fact;
    const { log, epoch } = position;
    const before = epochAt(log.extent.history, index - 1);
    const known = this.#seen.tree.learn(log.group, index, entry, before);
    known.reply ??= reply;
    const isSame = JSON.stringify(known.reply) === JSON.stringify(reply);
    assert(isSame, () => `S3: server ${server.life.id} has another reply to entry ${index}`);
    const line = this.#seen.lineOf(log.group);
    if (!position.isPrimary) {
      const isEarly = server.state.settings.sync === 'all' && index > line.index;
      assert(!isEarly, () => `S4: server ${server.life.id} applies what is not at all servers`);
      return;
    }
    if (entry.kind === 'drop') checkDropped(fact, entry.slots);
    if (line.epoch < epoch) this.#lead(server, position, index - 1);
    if (index === line.index + 1 && this.#isFollowed(position, entry, index)) {
      line.apply(known);
      for (const [slot, key] of line.keysOf(entry)) this.#touched.set(key, slot);
    }
    this.#checkHolders(server, fact);
    if (entry.kind === 'request') line.mark(epoch, entry.epoch, index);
  }

  /** A primary that was replaced may still apply entries; its successor may not have them. */
  #isFollowed({ log, epoch }: Position, entry: Entry, index: number): boolean {
    const leading = this.#seen.lineOf(log.group).epoch;
    if (epoch === leading) return true;
    const successor = this.#primaries.get(`${log.group} ${leading}`)?.server.state.log;
    return successor?.group === log.group && has(successor, entry.epoch, index);
  }

  /**
   * S4 and S5: as many servers that serve have the entry on their disks as have to. A primary that
   * was paused may apply it later: by then a server may have left its epoch, and lost the entry.
   */
  #checkHolders(
    { life, state }: SeenServer,
    { configuration, position, index, entry }: EntryApplied,
  ) {
    const { group } = position.log;
    const { sync } = state.settings;
    const serving = groupOf(configuration, group)?.serving ?? [];
    const holders = serving.filter(([id, incarnation]) => {
      const other = this.#seen.server({ id, incarnation });
      if (other === undefined) return false;
      // It has left the group since.
      if (other.state.number > configuration.number && other.state.log?.group !== group)
        return true;
      if (this.#seen.holds(other, group, { epoch: entry.epoch, index })) return true;
      const kept = this.#keptInEpoch.get(`${group} ${position.epoch} ${lifeKey(other.life)}`);
      return kept !== undefined && has({ extent: kept }, entry.epoch, index);
    });
    const isForAll = sync === 'all' || entry.kind === 'install';
    const needed = isForAll ? serving.length : Math.min(sync + 1, serving.length);
    assert(
      holders.length >= needed,
      () =>
        `${isForAll ? 'S4' : 'S5'}: server ${life.id} applies entry ${index} of group ${group}, ` +
        `which ${holders.length} of ${serving.length} servers have`,
    );
  }

  #checkPosition(server: SeenServer, before: Before): void {
    const { position, settings } = server.state;
    before.position = position;
    before.isSynced = false;
    if (position === undefined) return;
    const { log, epoch, isPrimary } = position;
    const line = this.#seen.lineOf(log.group);
    if (isPrimary) this.#checkPrimary(server, position);
    if (settings.sync === 'all' && position.isServing) {
      const isWhole = line.marksBefore(epoch).every((at) => has(log, at.epoch, at.index));
      assert(
        isWhole,
        () => `S4: server ${server.life.id} serves in epoch ${epoch} without what was acknowledged`,
      );
    }
  }

  /** S3, and S5 for an appointment: it has the longest log of those that serve and live. */
  #checkPrimary(server: SeenServer, position: Position): void {
    const { log, epoch } = position;
    const name = `${log.group} ${epoch}`;
    const known = this.#primaries.get(name)?.server ?? server;
    const isOne = lifeKey(known.life) === lifeKey(server.life);
    assert(
      isOne,
      () =>
        `S3: servers ${known.life.id} and ${server.life.id} lead group ${log.group} in ${epoch}`,
    );
    if (this.#seen.lineOf(log.group).epoch < epoch) this.#lead(server, position, log.applied);
  }

  #lead(server: SeenServer, { log, epoch }: Position, upTo: number): void {
    const { configuration } = server.state;
    const line = this.#seen.lineOf(log.group);
    line.follow(epoch, log);
    line.extend(log, upTo);
    this.#checkWhole(server, log);
    const serving = configuration && groupOf(configuration, log.group)?.serving;
    for (const [id, incarnation] of serving ?? []) {
      const other = this.#seen.server({ id, incarnation });
      // The shard master may not know of a death yet. The dead have no log to lead with.
      if (other?.isLive !== true) continue;
      const their = other.state.log;
      if (their?.group !== log.group || other.state.isFull || server.state.isFull) continue;
      const isLonger =
        their.lastEpoch > log.lastEpoch ||
        (their.lastEpoch === log.lastEpoch && their.last > log.last);
      assert(
        !isLonger,
        () => `S5: server ${server.life.id} leads, and server ${id} has a longer log`,
      );
    }
  }

  /** A round of stabilize has ended: all that it reached are compared with what their logs say. */
  checkRound(server: SeenServer): void {
    const { position } = server.state;
    if (position?.isPrimary === true) this.#checkWhole(server, position.log);
  }

  /** The server's data of the slots that its group owns are those of the line. */
  #checkWhole({ life, state }: SeenServer, log: GroupLog): void {
    const line = this.#seen.lineOf(log.group);
    if (log.applied !== line.index || !line.isIn(log)) return;
    for (const [slot, slotLine] of line.slots) {
      if (!state.isOwned(slot)) continue;
      const { values, requests } = log.shards.shard(slot) ?? {
        values: new Map(),
        requests: undefined,
      };
      const differs = slotLine.differsFrom(values, requests?.sessions() ?? []);
      assert(
        differs === undefined,
        () => `S3: server ${life.id} has ${differs} in slot ${slot} not as its log says`,
      );
    }
  }

  /** S6 */
  #checkKeys({ state }: SeenServer): void {
    const { position } = state;
    if (position?.isPrimary !== true) return;
    const { log, epoch } = position;
    const line = this.#seen.lineOf(log.group);
    if (line.epoch !== epoch || line.index !== log.applied) return;
    for (const [key, slot] of this.#touched) {
      line.slots.get(slot)?.checkAccount(key, log.shards.read(slot, key)?.value);
    }
  }

  /** S5 */
  #checkSecondary(server: SeenServer, before: Before): void {
    const { position } = server.state;
    if (position?.isPrimary !== false || !position.isSynced) return;
    const { log, epoch } = position;
    const { applied } = log;
    if (before.isSynced && applied === before.applied) return;
    const isBack = before.isSynced && applied < before.applied;
    assert(
      !isBack,
      () => `S5: server ${server.life.id} goes from ${before.applied} back to ${applied}`,
    );
    before.isSynced = true;
    before.applied = applied;
    const primary = this.#primaries.get(`${log.group} ${epoch}`);
    if (primary === undefined) return;
    assert(
      has(primary, epochAt(log.extent.history, applied), applied),
      () => `S5: server ${server.life.id} has applied what its primary does not have`,
    );
  }
}

/** S2: a group drops no slot that it owns. */
function checkDropped({ configuration, position }: EntryApplied, slots: readonly number[]): void {
  const { group } = position.log;
  const owned = slots.find((slot) => configuration.owners[slot] === group);
  assert(owned === undefined, () => `S2: group ${group} drops slot ${owned}, which it owns`);
}
