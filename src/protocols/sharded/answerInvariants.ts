// The invariants about what servers tell clients: S1, S4, and with sync=NUMBER S5.
import { nameOfVersion } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import { lifeKey } from '../../kernel/ids.ts';
import { groupOf, ownerOf } from './configuration.ts';
import { checkAnswers } from './configurationBook.ts';
import type { Accepted, Acknowledged, EntryApplied, ReadAnswered, ReadBegun } from './facts.ts';
import type { GroupLine } from './groupLine.ts';
import type { Reply, Request } from './operations.ts';
import { slotOf } from './placement.ts';
import type { Position } from './position.ts';
import type { Seen, SeenServer } from './seen.ts';

/** Up to which change of a key its clients have had an answer. */
interface AckedKey {
  readonly slot: number;
  at: number;
}

/** What was known when a read came. */
interface Asked {
  /** The greatest number of a configuration. */
  readonly number: number;
  readonly acked: AckedKey | undefined;
  readonly at: number;
}

export class AnswerInvariants {
  readonly #seen: Seen;
  readonly #ackedByKey = new Map<string, AckedKey>();
  readonly #asked = new WeakMap<ReadBegun, Asked>();
  /** By request: the greatest number of any node when a primary applied it. */
  readonly #numbersByPosition = new WeakMap<Position, Map<string, number>>();

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** The data of the slot were given up. */
  forget(slot: number): void {
    for (const [key, acked] of this.#ackedByKey) {
      if (acked.slot === slot) this.#ackedByKey.delete(key);
    }
  }

  accepted({ life, state }: SeenServer, { configuration, request }: Accepted): void {
    this.#seen.book.checkAcceptor(configuration, state.slotOf(request.key), life);
  }

  applied({ position, entry }: EntryApplied): void {
    if (!position.isPrimary || entry.kind !== 'request') return;
    const numbers = this.#numbersByPosition.get(position) ?? new Map<string, number>();
    this.#numbersByPosition.set(position, numbers);
    numbers.set(nameOf(entry.request), this.#seen.book.newest);
  }

  acknowledged({ life, state }: SeenServer, fact: Acknowledged): void {
    const { position, configuration, request, reply } = fact;
    const { sync } = state.settings;
    const slot = state.slotOf(request.key);
    const line = this.#seen.lineOf(position.log.group);
    const own = line.slots.get(slot)?.replyTo(request);
    const isCurrent = position.epoch === line.epoch && line.slots.has(slot);
    const isSame = own?.value === reply.value && own.outcome === reply.outcome;
    assert(
      isSame || !isCurrent,
      () => `S4: server ${life.id} acknowledges ${nameOf(request)}, which is not applied so`,
    );
    if (sync === 'all') {
      this.#learnAcked(slot, request.key, reply, line);
      return;
    }
    const known = this.#numbersByPosition.get(position)?.get(nameOf(request)) ?? 0;
    const { number = 0 } = configuration ?? {};
    assert(
      number >= known,
      () => `S5: server ${life.id} acknowledges by configuration ${number}, after ${known}`,
    );
    const group = configuration && groupOf(configuration, position.log.group);
    assert(
      group?.epoch === position.epoch,
      () => `S5: server ${life.id} acknowledges in epoch ${position.epoch}, which is over`,
    );
  }

  readBegun(begun: ReadBegun): void {
    const acked = this.#ackedByKey.get(begun.key);
    this.#asked.set(begun, { number: this.#seen.book.newest, acked, at: acked?.at ?? -1 });
  }

  /** S1 and S4 */
  read({ life, state }: SeenServer, { begun, configuration, held }: ReadAnswered): void {
    const { key } = begun;
    const slot = slotOf(configuration.partition, key);
    checkAnswers(configuration, slot, life);
    const asked = this.#asked.get(begun);
    if (asked === undefined) return;
    const { number } = configuration;
    assert(
      number >= asked.number,
      () => `S4: server ${life.id} reads by configuration ${number}, after ${asked.number}`,
    );
    const owner = ownerOf(configuration, slot);
    if (state.settings.sync !== 'all' || owner === undefined) return;
    const changes = this.#seen.lineOf(owner.id).slots.get(slot)?.changesByKey.get(key) ?? [];
    const isForgotten = this.#ackedByKey.get(key) !== asked.acked;
    const from = isForgotten && asked.acked !== undefined ? 0 : Math.max(0, asked.at);
    const isRead = changes.slice(from).some(({ value, version }) => {
      if (held === undefined || value === null) return held === undefined && value === null;
      return value === held.value && nameOfVersion(version) === nameOfVersion(held.version);
    });
    const isNothing = held === undefined && asked.at < 0;
    assert(
      isRead || isNothing,
      () => `S4: server ${life.id} reads ${key} older than what was acknowledged before`,
    );
  }

  #learnAcked(slot: number, key: string, { version }: Reply, line: GroupLine): void {
    if (version === null) return;
    const changes = line.slots.get(slot)?.changesByKey.get(key) ?? [];
    const name = nameOfVersion(version);
    const at = changes.findLastIndex((change) => nameOfVersion(change.version) === name);
    const acked = this.#ackedByKey.get(key) ?? { slot, at: -1 };
    this.#ackedByKey.set(key, acked);
    acked.at = Math.max(acked.at, at);
  }
}

function nameOf({ session, seq }: Request): string {
  return `${lifeKey(session)} ${seq}`;
}
