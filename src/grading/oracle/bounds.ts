// Finds answers about one key that no run can give, without trying any choice. The search finds
// more, but may need too long where clients have several servers. What it takes for certain:
//
// - A server that has shown or taken a write has that one or a later one, until it ends.
// - After `stabilize` each server of a part has what any of them had. So it has what a client
//   has put or got, if all servers that the client could ask are in the part.
// - A write is later than those that its client, and its only possible server, had before.
// - The servers of a part have the same write from `stabilize` on, until one of them takes a
//   put, begins anew or is connected to others.
import { EMPTY_VALUE } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Answer, KeyStep, Look, Promised } from './keySearch.ts';
import { type Parts, type Put, textsOf } from './steps.ts';

export interface Impossible {
  /** The index of the step. */
  readonly at: number;
  /** What would be broken. */
  readonly rule: Promised;
}

/** The first answer that cannot be, if one is certain. */
export function findImpossible(steps: readonly KeyStep[]): Impossible | undefined {
  const bounds = new Bounds();
  for (const [at, step] of steps.entries()) {
    const rule = bounds.take(step);
    if (rule !== undefined) return { at, rule };
  }
  return undefined;
}

interface Write {
  /** Writes that are certainly before it; more are before these. */
  readonly before: Set<Write>;
}

/** Writes, each with the promise that makes it or a later one certain. */
type Floor = Map<Write, Promised>;

/** One of these servers has the write, or a later one. */
interface Pending {
  readonly write: Write;
  readonly servers: readonly NodeId[];
}

/** Servers that have the same write. */
interface Group {
  readonly servers: ReadonlySet<NodeId>;
  /** What one of them has shown. */
  shown: string | undefined;
}

class Bounds {
  readonly #writesByText = new Map<string, Write[]>();
  readonly #floors = new Map<NodeId, Floor>();
  /** What clients have put or got last; what they get is not before it. */
  readonly #sessions = new Map<NodeId, { readonly write: Write; readonly by: Promised }>();
  #pending: readonly Pending[] = [];
  #groups: readonly Group[] = [];

  /** The promise that the step would break. */
  take(step: KeyStep): Promised | undefined {
    switch (step.kind) {
      case 'join':
      case 'end':
        this.#forget(step.server);
        if (step.kind === 'join') this.#dropGroups(({ servers }) => servers.has(step.server));
        return undefined;
      case 'parts':
        this.#dropGroups(({ servers }) => step.parts.some((part) => leads(part, servers)));
        return undefined;
      case 'stabilize':
        this.#merge(step.parts);
        return undefined;
      case 'put':
        this.#put(step);
        return undefined;
      case 'look':
        return this.#look(step);
    }
  }

  #forget(server: NodeId): void {
    this.#floors.delete(server);
    this.#pending = this.#pending.filter(({ servers }) => !servers.includes(server));
  }

  #dropGroups(isOver: (group: Group) => boolean): void {
    this.#groups = this.#groups.filter((group) => !isOver(group));
  }

  #merge(parts: Parts): void {
    for (const part of parts) {
      const inside = this.#pending.filter(({ servers }) => isInside(servers, part));
      const known = part.flatMap((id) => [...this.#floor(id).keys()]);
      for (const write of [...known, ...inside.map((one) => one.write)]) {
        for (const id of part) this.#raise(id, write, 'stabilize');
      }
      this.#pending = this.#pending.filter((one) => !inside.includes(one));
    }
    this.#groups = parts.map((part) => {
      const former = this.#groups.find(({ servers }) => part.every((id) => servers.has(id)));
      return { servers: new Set(part), shown: former?.shown };
    });
  }

  #put({ client, value, servers }: Put): void {
    if (servers.length === 0) return;
    const own = this.#sessions.get(client)?.write;
    const write: Write = { before: new Set(own === undefined ? [] : [own]) };
    for (const text of textsOf(value)) {
      this.#writesByText.set(text, [...(this.#writesByText.get(text) ?? []), write]);
    }
    this.#sessions.set(client, { write, by: 'read-your-writes' });
    this.#dropGroups((group) => servers.some((id) => group.servers.has(id)));
    this.#locate(write, servers);
  }

  #look(look: Look): Promised | undefined {
    const { client, servers, answer } = look;
    if (answer.kind === 'behind') return undefined;
    const broken =
      answer.kind === 'absent' ? this.#whyNotAbsent(servers) : this.#takeValue(look, answer.text);
    // An answer that was never put is left to the search.
    if (broken !== undefined || (client !== undefined && servers.length === 0)) return broken;
    return this.#compare(servers, answer) ? undefined : 'stabilize';
  }

  #whyNotAbsent(servers: readonly NodeId[]): Promised | undefined {
    const reasons = servers.map((id) => [...this.#floor(id).values()][0]);
    return reasons.includes(undefined) ? undefined : reasons[0];
  }

  #takeValue({ client, servers }: Look, text: string): Promised | undefined {
    const writes = this.#writesByText.get(text) ?? [];
    const own = client === undefined ? undefined : this.#sessions.get(client);
    const reasonOf = (write: Write): Promised | undefined => {
      if (own !== undefined && isBefore(write, own.write)) return own.by;
      const reasons = servers.map((id) => this.#whyNotAt(id, write));
      return reasons.includes(undefined) ? undefined : reasons[0];
    };
    const possible = writes.filter((write) => reasonOf(write) === undefined);
    const [first] = writes;
    if (possible.length === 0) return first === undefined ? undefined : reasonOf(first);
    const [only] = possible;
    if (possible.length > 1 || only === undefined) return undefined;
    if (own !== undefined && own.write !== only) only.before.add(own.write);
    if (client !== undefined) this.#sessions.set(client, { write: only, by: 'monotonic-reads' });
    this.#locate(only, servers);
    return undefined;
  }

  /** Why the server has something later. */
  #whyNotAt(id: NodeId, write: Write): Promised | undefined {
    return [...this.#floor(id)].find(([later]) => isBefore(write, later))?.[1];
  }

  /** One of the servers has it. */
  #locate(write: Write, servers: readonly NodeId[]): void {
    const [only] = servers;
    if (servers.length > 1) this.#pending = [...this.#pending, { write, servers }];
    if (servers.length > 1 || only === undefined) return;
    for (const earlier of this.#floor(only).keys()) {
      if (earlier !== write) write.before.add(earlier);
    }
    this.#floors.set(only, new Map([[write, 'newest-write']]));
  }

  /** Whether it is what its group has shown. */
  #compare(servers: readonly NodeId[], answer: Answer): boolean {
    const group = this.#groups.find((one) => servers.every((id) => one.servers.has(id)));
    if (group === undefined) return true;
    const shown = answer.kind === 'value' ? `=${answer.text || EMPTY_VALUE}` : '';
    group.shown ??= shown;
    return group.shown === shown;
  }

  #raise(id: NodeId, write: Write, by: Promised): void {
    const floor = this.#floor(id);
    if (floor.has(write) || [...floor.keys()].some((one) => isBefore(write, one))) return;
    for (const one of [...floor.keys()]) if (isBefore(one, write)) floor.delete(one);
    floor.set(write, by);
  }

  #floor(id: NodeId): Floor {
    const known = this.#floors.get(id) ?? new Map();
    this.#floors.set(id, known);
    return known;
  }
}

function isInside(servers: readonly NodeId[], part: readonly NodeId[]): boolean {
  return servers.every((id) => part.includes(id));
}

/** Whether the part connects the servers to others. */
function leads(part: readonly NodeId[], servers: ReadonlySet<NodeId>): boolean {
  return part.some((id) => servers.has(id)) && !part.every((id) => servers.has(id));
}

function isBefore(write: Write, later: Write): boolean {
  const seen = new Set(later.before);
  for (const one of seen) {
    if (one === write) return true;
    for (const earlier of one.before) seen.add(earlier);
  }
  return false;
}
