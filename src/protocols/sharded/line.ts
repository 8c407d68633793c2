// For the invariants: what the entries make that the primaries of a group have applied, computed
// once more by other code. So mistakes in shards.ts, operations.ts and requestTable.ts are found.
import { compareVersions, nameOfVersion, type Version } from '../../clocks/version.ts';
import { assert } from '../../kernel/errors.ts';
import { type Life, lifeKey } from '../../kernel/ids.ts';
import { isValueTooLarge } from '../../kernel/limits.ts';
import type { Kept, RequestEntry } from './entry.ts';
import type { Reply, Request } from './operations.ts';
import type { SessionReplies } from './requestTable.ts';
import type { Shard } from './shards.ts';

/** A value that a key had, or null for a deletion. */
export interface Change {
  readonly version: Version;
  readonly value: string | null;
}

interface SessionLine {
  readonly session: Life;
  ended: number;
  /** All, also those that the session has confirmed. */
  readonly replies: Map<number, Reply>;
}

/** S6: how many characters a key has got, and has lost. */
interface Account {
  added: number;
  popped: number;
  overwritten: number;
  deleted: number;
}

/** The data of one slot, and how they came about. */
export class SlotLine {
  readonly values = new Map<string, Kept>();
  readonly changesByKey = new Map<string, Change[]>();
  readonly sessions = new Map<number, SessionLine>();
  readonly #accounts = new Map<string, Account>();

  copy(): SlotLine {
    const copy = new SlotLine();
    for (const [key, held] of this.values) copy.values.set(key, held);
    for (const [key, changes] of this.changesByKey) copy.changesByKey.set(key, [...changes]);
    for (const [key, account] of this.#accounts) copy.#accounts.set(key, { ...account });
    for (const [name, { session, ended, replies }] of this.sessions) {
      copy.sessions.set(name, { session, ended, replies: new Map(replies) });
    }
    return copy;
  }

  replyTo({ session, seq }: Request): Reply | undefined {
    return this.sessions.get(lifeKey(session))?.replies.get(seq);
  }

  /** `reply` is that of the server; its value and outcome are checked. */
  apply({ request, version }: RequestEntry, reply: Reply | undefined): void {
    const { key, session, seq, ended } = request;
    const isNew = this.replyTo(request) === undefined;
    assert(isNew, () => `S6: request ${seq} of session ${session.id} applied twice`);
    const held = this.values.get(key)?.value ?? null;
    const { outcome, value, popped } = effectOn(held, request);
    const own = { outcome, value: popped, version: outcome === 'done' ? version : null };
    const isSame = reply === undefined || tellReply(own) === tellReply(reply);
    assert(isSame, () => `S6: ${key}: ${request.kind} is answered ${JSON.stringify(reply)}`);
    if (outcome === 'done') {
      const before = this.changesByKey.get(key)?.at(-1)?.version;
      const isAfter = before === undefined || compareVersions(before, version) < 0;
      assert(isAfter, () => `S3: ${key} gets a version that is not after the one before`);
      this.#count(key, request, held, reply ?? own);
      this.#set(key, value, version);
    }
    const row = this.#session(session);
    row.ended = Math.max(row.ended, ended);
    row.replies.set(seq, own);
  }

  /** S6: added = left + popped + overwritten + deleted; `left` is what the server has. */
  checkAccount(key: string, left: string | undefined): void {
    const { added, popped, overwritten, deleted } = this.#account(key);
    const kept = lengthOf(left ?? null);
    assert(
      added === kept + popped + overwritten + deleted,
      () =>
        `S6: ${key} got ${added} characters, has ${kept}, and lost ${popped} by pops, ` +
        `${overwritten} by puts, ${deleted} by deletions`,
    );
    const own = this.values.get(key)?.value ?? undefined;
    assert(left === own, () => `S6: ${key} is ${JSON.stringify(left)}, not ${JSON.stringify(own)}`);
  }

  /** Why a server's data of the slot are not these, or undefined. */
  differsFrom(values: ReadonlyMap<string, Kept>, sessions: Iterable<SessionReplies>) {
    for (const key of new Set([...values.keys(), ...this.values.keys()])) {
      const [here, there] = [this.values.get(key), values.get(key)];
      const isSame =
        here !== undefined &&
        here.value === there?.value &&
        nameOfVersion(here.version) === nameOfVersion(there.version);
      if (!isSame) return `the value of ${key}`;
    }
    const rows = new Map(Array.from(sessions, (row) => [lifeKey(row.session), row]));
    for (const [name, { session, ended, replies }] of this.sessions) {
      const row = rows.get(name);
      const due = [...replies].filter(([seq]) => seq > ended);
      const isSame =
        row?.ended === ended &&
        row.replies.length === due.length &&
        row.replies.every(([seq, reply]) => {
          const own = replies.get(seq);
          return own !== undefined && tellReply(own) === tellReply(reply);
        });
      if (!isSame) return `the requests of session ${session.id}`;
    }
    return undefined;
  }

  /** Takes data over as they are, where it is not known how they came about. */
  take({ values, requests }: Shard): void {
    for (const [key, { value, version }] of values) {
      this.#account(key).added += lengthOf(value);
      this.#set(key, value, version);
    }
    for (const { session, ended, replies } of requests.sessions()) {
      const row = this.#session(session);
      row.ended = ended;
      for (const [seq, reply] of replies) row.replies.set(seq, reply);
    }
  }

  #set(key: string, value: string | null, version: Version): void {
    this.values.set(key, { value, version });
    const changes = this.changesByKey.get(key) ?? [];
    this.changesByKey.set(key, changes);
    changes.push({ version, value });
  }

  #count(key: string, { kind, value }: Request, held: string | null, reply: Reply): void {
    const account = this.#account(key);
    account.added += lengthOf(value);
    if (kind === 'put' || kind === 'cas') account.overwritten += lengthOf(held);
    if (kind === 'delete') account.deleted += lengthOf(held);
    account.popped += lengthOf(reply.value);
  }

  #account(key: string): Account {
    const account = this.#accounts.get(key) ?? { added: 0, popped: 0, overwritten: 0, deleted: 0 };
    this.#accounts.set(key, account);
    return account;
  }

  #session(session: Life): SessionLine {
    const row = this.sessions.get(lifeKey(session)) ?? { session, ended: 0, replies: new Map() };
    this.sessions.set(lifeKey(session), row);
    return row;
  }
}

function lengthOf(text: string | null): number {
  return [...(text ?? '')].length;
}

function tellReply({ outcome, value, version }: Reply): string {
  return `${outcome} ${JSON.stringify(value)} ${version && nameOfVersion(version)}`;
}

interface Effect {
  readonly outcome: Reply['outcome'];
  readonly value: string | null;
  readonly popped: string | null;
}

/** What an operation does, by rules of its own. */
function effectOn(held: string | null, { kind, value, expected }: Request): Effect {
  if (kind === 'cas') {
    const isSet = held !== null && held === expected;
    return { outcome: isSet ? 'done' : 'unequal', value: isSet ? value : held, popped: null };
  }
  if (kind === 'put' || kind === 'delete') return { outcome: 'done', value, popped: null };
  if (kind === 'appendLeft' || kind === 'appendRight') {
    const parts = kind === 'appendLeft' ? [value, held] : [held, value];
    const joined = parts.join('');
    if (isValueTooLarge(joined)) return { outcome: 'tooLarge', value: held, popped: null };
    return { outcome: 'done', value: joined, popped: null };
  }
  if (held === null) return { outcome: 'absent', value: null, popped: null };
  const characters = [...held];
  const popped = (kind === 'popLeft' ? characters.shift() : characters.pop()) ?? '';
  return { outcome: 'done', value: characters.join(''), popped };
}
