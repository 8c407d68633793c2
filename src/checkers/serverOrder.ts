// Monotonic writes and writes follow reads bind every server: whoever has applied a write must have
// applied before it what its session had written, or read (Terry et al., PDIS 1994, section 3).
// Each reply that carries its server's vector is a look into that server's database.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { at, type Model } from './model.ts';
import { compareVersions } from './readsFrom.ts';
import { broken, HOLDS, type Judgement } from './verdict.ts';
import { content, tell, where } from './words.ts';

type Kind = 'monotonic-writes' | 'writes-follow-reads';
type Versions = readonly (VersionTuple | null)[];

export function judgeServerOrder(
  model: Model,
  versions: Versions,
  history: readonly Operation[],
  kind: Kind,
): Judgement {
  const order = judgeOrderOfVersions(model, versions, kind);
  if (order.outcome === 'broken') return order;
  const needs = new Needs(model, versions, kind);
  let last: Operation['applied'] = null;
  for (const operation of history) {
    if (operation.applied === null || operation.applied === last) continue;
    last = operation.applied;
    const missing = needs.findMissing(last);
    if (missing !== undefined) return notApplied(model, kind, missing, operation);
  }
  return HOLDS;
}

/** Calls `visit` with each write and what its session had written, or read, before it. */
function eachWrite(
  model: Model,
  kind: Kind,
  visit: { needed: (op: number) => void; write: (op: number) => void; begin: () => void },
): void {
  const { starts, sessionCount, chainCount, parent, isWrite } = model;
  const openAfter = new Map<number, number[]>();
  for (let chain = sessionCount; chain < chainCount; chain += 1) {
    const list = openAfter.get(at(parent, chain)) ?? [];
    openAfter.set(at(parent, chain), [...list, at(starts, chain)]);
  }
  const isNeeded = kind === 'monotonic-writes' ? 1 : 0;
  for (let session = 0; session < sessionCount; session += 1) {
    visit.begin();
    for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
      if (at(isWrite, op) === 1) visit.write(op);
      if (at(isWrite, op) === isNeeded) visit.needed(op);
      for (const open of openAfter.get(op) ?? []) visit.write(open);
    }
  }
}

/** Writes to one key must have versions in the order that the session gave them. */
function judgeOrderOfVersions(model: Model, versions: Versions, kind: Kind): Judgement {
  let greatest = new Map<number, number>();
  let found: Judgement | undefined;
  const needed = (op: number): void => {
    const version = versions[op];
    if (version == null) return;
    const former = versions[greatest.get(at(model.key, op)) ?? -1];
    if (former == null || compareVersions(version, former) > 0) greatest.set(at(model.key, op), op);
  };
  const write = (op: number): void => {
    const former = greatest.get(at(model.key, op));
    const [a, b] = [versions[former ?? -1], versions[op]];
    if (former === undefined || a == null || b == null || compareVersions(a, b) < 0) return;
    const [w1, w2] = [model.operations[former], model.operations[op]] as [Operation, Operation];
    const did = kind === 'monotonic-writes' ? 'put' : 'read';
    found ??= broken(
      kind === 'monotonic-writes' ? 'MonotonicWrites' : 'WritesFollowReads',
      [w1, w2],
      `${tell(w2)}, but the servers order it before the ${content(w1)} that it had ${did} ` +
        `${where(w1)}.`,
    );
  };
  const begin = (): void => {
    greatest = new Map();
  };
  eachWrite(model, kind, { needed, write, begin });
  return found ?? HOLDS;
}

interface Missing {
  /** The write that the server had applied. */
  readonly write: number;
  /** What its session had written or read before, and the server had not applied. */
  readonly needed: number;
}

/** For every life of a server, what its first so many writes need of every life. */
class Needs {
  readonly #model: Model;
  readonly #versions: Versions;
  readonly #kind: Kind;
  readonly #lifeNumber = new Map<number, number>();
  /** By life: its writes by timestamp. */
  readonly #writes: { op: number; timestamp: number; needs: number[] }[][] = [];
  /** By life and write: the needs of this and all earlier ones together. */
  readonly #together: number[][][] = [];

  constructor(model: Model, versions: Versions, kind: Kind) {
    this.#model = model;
    this.#versions = versions;
    this.#kind = kind;
    let needs: number[] = [];
    const needed = (op: number): void => {
      const version = versions[op];
      if (version == null) return;
      const life = this.#numberOf(version[1], version[2]);
      needs = needs.slice();
      needs[life] = Math.max(needs[life] ?? 0, version[0]);
    };
    const write = (op: number): void => {
      const version = versions[op];
      if (version == null) return;
      const life = this.#numberOf(version[1], version[2]);
      this.#writes[life]?.push({ op, timestamp: version[0], needs });
    };
    const begin = (): void => {
      needs = [];
    };
    eachWrite(model, kind, { needed, write, begin });
    for (const writes of this.#writes) {
      writes.sort((a, b) => a.timestamp - b.timestamp);
      let sum: number[] = [];
      this.#together.push(
        writes.map((entry) => {
          sum = join(sum, entry.needs);
          return sum;
        }),
      );
    }
  }

  findMissing(applied: NonNullable<Operation['applied']>): Missing | undefined {
    const upTo: number[] = [];
    for (const [id, incarnation, timestamp] of applied) {
      upTo[this.#numberOf(id, incarnation)] = timestamp;
    }
    for (const [life, writes] of this.#writes.entries()) {
      const count = countUpTo(writes, upTo[life] ?? 0);
      const needs = this.#together[life]?.[count - 1] ?? [];
      for (const [other, timestamp] of needs.entries()) {
        if ((timestamp ?? 0) <= (upTo[other] ?? 0)) continue;
        return this.#name(writes.slice(0, count), other, upTo[other] ?? 0);
      }
    }
    return undefined;
  }

  #numberOf(id: number, incarnation: number): number {
    const name = lifeKey({ id, incarnation });
    let number = this.#lifeNumber.get(name);
    if (number === undefined) {
      number = this.#lifeNumber.size;
      this.#lifeNumber.set(name, number);
      this.#writes.push([]);
    }
    return number;
  }

  #name(writes: readonly { op: number; needs: number[] }[], life: number, upTo: number): Missing {
    const write = writes.find(({ needs }) => (needs[life] ?? 0) > upTo)?.op as number;
    const { chain, parent, starts, sessionCount } = this.#model;
    const own = at(chain, write);
    const last = own < sessionCount ? write - 1 : at(parent, own);
    const isNeeded = this.#kind === 'monotonic-writes' ? 1 : 0;
    let needed = last;
    for (let op = at(starts, at(chain, last)); op <= last; op += 1) {
      const version = this.#versions[op];
      if (version == null || at(this.#model.isWrite, op) !== isNeeded) continue;
      if (this.#numberOf(version[1], version[2]) === life && version[0] > upTo) needed = op;
    }
    return { write, needed };
  }
}

function join(a: readonly number[], b: readonly number[]): number[] {
  const sum = a.slice();
  for (const [index, value] of b.entries()) sum[index] = Math.max(sum[index] ?? 0, value ?? 0);
  return sum;
}

function countUpTo(writes: readonly { timestamp: number }[], timestamp: number): number {
  let low = 0;
  let high = writes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((writes[middle] as { timestamp: number }).timestamp <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

function notApplied(
  { operations }: Model,
  kind: Kind,
  missing: Missing,
  look: Operation,
): Judgement {
  const [w1, w2] = [operations[missing.needed], operations[missing.write]] as [
    Operation,
    Operation,
  ];
  const server = `server ${look.server ?? '?'}`;
  const had = kind === 'monotonic-writes' ? 'put' : 'read';
  return broken(
    kind === 'monotonic-writes' ? 'MonotonicWrites' : 'WritesFollowReads',
    [w1, w2, look],
    `When ${server} answered client ${look.session} ${where(look)}, it had applied ` +
      `client ${w2.session}'s ${content(w2)} ${where(w2)}, but not the ${content(w1)} that ` +
      `client ${w2.session} had ${had} before ${where(w1)}.`,
  );
}
