// A careless store that keeps concurrent values, as sets of writes: what each server has applied of
// a key, and which of these writes are still there. It plays random runs, and knows more of them
// than their histories say.
import type { ContextTuples, Operation, VersionTuple } from '../../src/kernel/history.ts';
import { type RandomStream, randomBelow } from '../../src/kernel/random.ts';

/** The name of a write: its version as text. */
type Dot = string;

export interface Write {
  readonly dot: Dot;
  readonly key: string;
  readonly value: string | null;
  readonly version: VersionTuple;
  /** What it replaces, and itself. */
  readonly context: ReadonlySet<Dot>;
  /** What its server had applied and forgotten: deletions, and what they have removed. */
  readonly forgotten: ReadonlySet<Dot>;
}

/** What a server has of a key. */
interface Held {
  readonly there: ReadonlyMap<Dot, Write>;
  readonly applied: ReadonlySet<Dot>;
}

export interface Played {
  readonly operation: Operation;
  /** What the server of a get had applied, by key; what it found there, and what that includes. */
  readonly applied: ReadonlyMap<string, ReadonlySet<Dot>>;
  readonly found: ReadonlySet<Dot>;
  /** Of a write that took effect. */
  readonly write: Write | undefined;
}

export interface Shape {
  readonly operations: number;
  readonly sessions: number;
  readonly keys: readonly string[];
  readonly deletes: number;
  readonly pending: number;
  /** How often a session writes without knowing what is there. */
  readonly blind: number;
  readonly collects: number;
}

export interface Run {
  readonly played: readonly Played[];
  readonly writes: readonly Write[];
  /** What each server had applied, after each step. */
  readonly states: readonly ReadonlyMap<string, ReadonlySet<Dot>>[];
}

const NONE: Held = { there: new Map(), applied: new Set() };
const SERVERS = 3;

export class SiblingStore {
  readonly #random: RandomStream;
  readonly #shape: Shape;
  readonly #servers = Array.from({ length: SERVERS }, () => new Map<string, Held>());
  readonly #clocks = new Array<number>(SERVERS).fill(0);
  /** By server and key: the last timestamp given. */
  readonly #last = new Map<string, number>();
  /** By write: the timestamp of its server's write of the key before. */
  readonly #after = new Map<Dot, number>();
  readonly #writes: Write[] = [];

  constructor(random: RandomStream, shape: Shape) {
    this.#random = random;
    this.#shape = shape;
  }

  play(): Run {
    const { operations, sessions, keys, collects } = this.#shape;
    const played: Played[] = [];
    const states: Map<string, ReadonlySet<Dot>>[] = [];
    const known = Array.from({ length: sessions }, () => new Map<string, ReadonlySet<Dot>>());
    while (played.length < operations) {
      const session = this.#below(sessions);
      const key = keys[this.#below(keys.length)] as string;
      if (this.#random() < 0.5) this.#pass(this.#below(SERVERS), this.#below(SERVERS), key);
      if (this.#random() < collects) this.#collect(this.#below(SERVERS), key);
      played.push(this.#operate(session, key, known[session] ?? new Map(), played.length));
      states.push(...this.#servers.map(appliedOf));
    }
    return { played, writes: this.#writes, states };
  }

  #below(bound: number): number {
    return randomBelow(this.#random, bound);
  }

  #operate(
    session: number,
    key: string,
    known: Map<string, ReadonlySet<Dot>>,
    place: number,
  ): Played {
    // Mostly at the server of the session's own.
    const at = this.#random() < 0.7 ? session % SERVERS : this.#below(SERVERS);
    const server = this.#servers[at] as Map<string, Held>;
    const asked = {
      ...{ session, incarnation: 1, seq: place, key, invokedAt: 2 * place, server: at },
      ...{ applied: null, line: place + 1 },
    };
    if (this.#random() < 0.5) {
      const held = server.get(key) ?? NONE;
      const found = union([...held.there.values()].map(({ context }) => context));
      known.set(key, union([known.get(key) ?? new Set(), found]));
      const answer = this.#answer([...held.there.values()], found);
      const operation: Operation = { ...asked, ...answer, kind: 'get', returnedAt: 2 * place + 1 };
      return { operation, applied: appliedOf(server), found, write: undefined };
    }
    const isDelete = this.#random() < this.#shape.deletes;
    const isLost = this.#random() < this.#shape.pending;
    const kind = isDelete ? 'delete' : 'put';
    const value = isDelete ? null : `${place}`;
    const told =
      this.#random() < this.#shape.blind ? new Set<Dot>() : (known.get(key) ?? new Set());
    // A lost request may have had no effect.
    const isDone = !isLost || this.#random() < 0.6;
    const write = isDone ? this.#write(at, key, value, told) : undefined;
    const nothing = { applied: new Map(), found: new Set<Dot>(), write };
    if (isLost || write === undefined) {
      const lost = { kind, value, outcome: 'unknown', version: null, returnedAt: null } as const;
      return { ...nothing, operation: { ...asked, ...lost } };
    }
    known.set(key, write.context);
    const { version } = write;
    const context = this.#tuplesOf(write.context);
    const done = { kind, value, outcome: 'ok', version, context } as const;
    return { ...nothing, operation: { ...asked, ...done, returnedAt: 2 * place + 1 } };
  }

  #answer(there: readonly Write[], found: ReadonlySet<Dot>) {
    const context = this.#tuplesOf(found);
    const values = there.filter(({ value }) => value !== null);
    const last = there.reduce<Write | undefined>((a, b) => (a && later(a, b) ? a : b), undefined);
    if (values.length === 0) {
      return { outcome: 'absent', value: null, version: last?.version ?? null, context } as const;
    }
    values.sort((a, b) => (String(a.value) < String(b.value) ? -1 : 1));
    const all = [...values, ...there.filter(({ value }) => value === null)];
    const siblings = all.map(({ value, version }) => ({ value, version }));
    const [first] = values as [Write];
    const answer = { outcome: 'ok', value: first.value, version: first.version, context } as const;
    return all.length > 1 ? { ...answer, siblings } : answer;
  }

  #write(at: number, key: string, value: string | null, told: ReadonlySet<Dot>): Write {
    const server = this.#servers[at] as Map<string, Held>;
    const held = server.get(key) ?? NONE;
    const heard = [...told].map((dot) => Number(dot.split(',')[0]));
    const timestamp = Math.max(this.#clocks[at] as number, ...heard) + 1;
    this.#clocks[at] = timestamp;
    const version = [timestamp, at, 1] as const;
    const dot = String(version);
    this.#after.set(dot, this.#last.get(`${at} ${key}`) ?? 0);
    this.#last.set(`${at} ${key}`, timestamp);
    const context = new Set([...told, dot]);
    const visible = union([...held.there.values()].map((one) => one.context));
    const forgotten = new Set([...held.applied].filter((one) => !visible.has(one)));
    const write = { dot, key, value, version, context, forgotten };
    this.#writes.push(write);
    server.set(key, apply(held, write));
    return write;
  }

  /** One server passes on all that it has of a key, or one of the values. */
  #pass(from: number, to: number, key: string): void {
    const there = [...(this.#servers[from]?.get(key) ?? NONE).there.values()];
    const chosen = this.#random() < 0.7 ? there : there.slice(0, 1);
    const target = this.#servers[to] as Map<string, Held>;
    for (const write of chosen) {
      target.set(key, apply(target.get(key) ?? NONE, write));
      this.#clocks[to] = Math.max(this.#clocks[to] as number, write.version[0]);
    }
  }

  #collect(at: number, key: string): void {
    const server = this.#servers[at] as Map<string, Held>;
    const held = server.get(key) ?? NONE;
    const left = [...held.there].filter(([, { value }]) => value !== null);
    server.set(key, { ...held, there: new Map(left) });
  }

  #tuplesOf(dots: ReadonlySet<Dot>): ContextTuples {
    const spans = [...dots].map((dot) => {
      const [timestamp = 0, id = 0, life = 0] = dot.split(',').map(Number);
      return [id, life, this.#after.get(dot) ?? 0, timestamp] as const;
    });
    spans.sort((a, b) => a[0] - b[0] || a[2] - b[2]);
    const merged: ContextTuples[number][] = [];
    for (const span of spans) {
      const last = merged.at(-1);
      const isNext = last?.[0] === span[0] && last[3] === span[2];
      if (isNext) merged[merged.length - 1] = [last[0], last[1], last[2], span[3]];
      else merged.push(span);
    }
    return merged;
  }
}

function apply({ there, applied }: Held, write: Write): Held {
  if (applied.has(write.dot)) return { there, applied };
  const left = [...there].filter(([dot]) => !write.context.has(dot));
  return {
    there: new Map([...left, [write.dot, write]]),
    applied: union([applied, write.context]),
  };
}

function appliedOf(server: ReadonlyMap<string, Held>): Map<string, ReadonlySet<Dot>> {
  return new Map([...server].map(([key, { applied }]) => [key, applied]));
}

export function union(sets: readonly ReadonlySet<Dot>[]): Set<Dot> {
  return new Set(sets.flatMap((set) => [...set]));
}

function later(a: Write, b: Write): boolean {
  return (
    a.version[0] > b.version[0] || (a.version[0] === b.version[0] && a.version[1] > b.version[1])
  );
}
