// The services that nodes may use, answered by the master: stores and a clock, each with the
// consistency that its name promises. Synchronous; all chance is seeded.
import type { Json } from '../../kernel/json.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../kernel/random.ts';
import { CODE } from './errors.ts';
import { type Body, canonical } from './wire.ts';

/** Answers a request of the node of that name; undefined for one that it does not know. */
export type Service = (from: string, request: Body) => Body | undefined;

/** The services by name; two calls give services that share nothing. */
export function createServices(seed: number): ReadonlyMap<string, Service> {
  const random = (name: string): RandomStream => createRandomStream(seed, `service ${name}`);
  return new Map([
    ['lin-kv', createLinearKv()],
    ['seq-kv', createSequentialKv(random('seq-kv'))],
    ['lww-kv', createLastWriterKv(random('lww-kv'))],
    ['lin-tso', createTimestamps()],
  ]);
}

/** What a request finds, and how it changes that. */
interface Cell {
  /** Undefined for an absent key. */
  readonly value: Json | undefined;
  set(value: Json): void;
}

function refusal(code: number, text: string): Body {
  return { type: 'error', code, text };
}

function keyOf({ key }: Body): string {
  return canonical(key ?? null) ?? '';
}

function isEqual(a: Json | undefined, b: Json | undefined): boolean {
  return canonical(a) === canonical(b);
}

/** One request of the workload lin-kv at one place. */
function apply(
  { type, value, from, to, create_if_not_exists }: Body,
  cell: Cell,
): Body | undefined {
  switch (type) {
    case 'read':
      return cell.value === undefined
        ? refusal(CODE.noSuchKey, 'no such key')
        : { type: 'read_ok', value: cell.value };
    case 'write':
      cell.set(value ?? null);
      return { type: 'write_ok' };
    case 'cas': {
      const isNew = cell.value === undefined;
      if (isNew && create_if_not_exists !== true) return refusal(CODE.noSuchKey, 'no such key');
      if (!isNew && !isEqual(cell.value, from)) {
        return refusal(CODE.notEqual, `found ${JSON.stringify(cell.value)}`);
      }
      cell.set(to ?? null);
      return { type: 'cas_ok' };
    }
    default:
      return undefined;
  }
}

/** Linearizable: every request finds what the last one left. */
function createLinearKv(): Service {
  const values = new Map<string, Json>();
  return (_from, request) => {
    const key = keyOf(request);
    return apply(request, { value: values.get(key), set: (value) => values.set(key, value) });
  };
}

/** How many changes a read of `seq-kv` may be behind. */
const MOST_BEHIND = 32;

/**
 * Sequential: all changes have one order, and each node sees a prefix of it that never shrinks. A
 * change takes place after all others, so its node has seen them; a read may see an older prefix.
 */
function createSequentialKv(random: RandomStream): Service {
  /** By key: its values with the number of the change, in order. */
  const versions = new Map<string, { at: number; value: Json }[]>();
  /** By node: the number of the last change that it has seen. */
  const seen = new Map<string, number>();
  let changes = 0;
  const find = (key: string, at: number): Json | undefined =>
    versions.get(key)?.findLast((version) => version.at <= at)?.value;
  const set = (key: string, value: Json): void => {
    changes += 1;
    const list = versions.get(key) ?? [];
    const kept = list.findLastIndex(({ at }) => at <= changes - MOST_BEHIND);
    versions.set(key, [...list.slice(Math.max(0, kept)), { at: changes, value }]);
  };
  return (from, request) => {
    const key = keyOf(request);
    const oldest = Math.max(seen.get(from) ?? 0, changes - MOST_BEHIND + 1, 0);
    const isRead = request.type === 'read';
    const at = isRead ? oldest + randomBelow(random, changes - oldest + 1) : changes;
    const cell = { value: find(key, at), set: (value: Json) => set(key, value) };
    const answer = apply(request, cell);
    seen.set(from, isRead ? at : changes);
    return answer;
  };
}

const REPLICAS = 3;
/** By how much the clock of a replica may be wrong, in requests. */
const MOST_SKEW = 10;

interface Stamped {
  readonly value: Json;
  readonly at: number;
  readonly replica: number;
}

/**
 * Eventually consistent: replicas that take over each other's later writes now and then. Their
 * clocks are wrong, so a write can lose against an earlier one.
 */
function createLastWriterKv(random: RandomStream): Service {
  const skews = Array.from({ length: REPLICAS }, () => randomBelow(random, MOST_SKEW));
  const replicas = skews.map(() => new Map<string, Stamped>());
  let requests = 0;
  const takeOver = (key: string, write: Stamped, replica: number): void => {
    const held = replicas[replica]?.get(key);
    const order = held === undefined ? 1 : write.at - held.at || write.replica - held.replica;
    if (order > 0) replicas[replica]?.set(key, write);
  };
  return (_from, request) => {
    requests += 1;
    const [source, target] = [randomBelow(random, REPLICAS), randomBelow(random, REPLICAS)];
    for (const [key, write] of replicas[source] ?? []) takeOver(key, write, target);
    const replica = randomBelow(random, REPLICAS);
    const key = keyOf(request);
    return apply(request, {
      value: replicas[replica]?.get(key)?.value,
      set: (value) =>
        takeOver(key, { value, at: requests + (skews[replica] ?? 0), replica }, replica),
    });
  };
}

/** A linearizable source of timestamps: each is greater than all before it. */
function createTimestamps(): Service {
  let next = 0;
  return (_from, { type }) => {
    if (type !== 'ts') return undefined;
    next += 1;
    return { type: 'ts_ok', ts: next - 1 };
  };
}
