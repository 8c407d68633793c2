// The operations of one key as calls of a register with times, for a search.
import type { Recorded } from './history.ts';
import { type NamedCall, type NamedRegister, nameWrites } from './namedRegister.ts';
import type { Normalized } from './normalize.ts';
import type { Times } from './times.ts';
import type { TimedCall } from './wingGong.ts';

export interface KeyRegister {
  readonly type: NamedRegister['type'];
  readonly calls: readonly TimedCall<NamedCall>[];
  /** By call: its operation. */
  readonly ops: readonly number[];
}

export function registerOf(
  ops: readonly number[],
  operations: readonly Recorded[],
  { start, end }: Times,
): KeyRegister {
  const { type, calls } = nameWrites(ops.map((op) => operations[op] as Recorded));
  const opOf = ({ index }: NamedCall): number => ops[index] as number;
  const timed = calls.map((call) => ({
    call,
    start: start[opOf(call)] as number,
    end: end[opOf(call)] as number,
  }));
  return { type, calls: timed, ops: calls.map(opOf) };
}

/** By key: its operations. With `isChosen` only those of the keys that have 1 there. */
export function groupByKey(
  { key }: Normalized<Recorded>,
  isChosen?: Uint8Array,
): Map<number, number[]> {
  const byKey = new Map<number, number[]>();
  for (const [op, k] of key.entries()) {
    if (isChosen?.[k] === 0) continue;
    const known = byKey.get(k);
    if (known === undefined) byKey.set(k, [op]);
    else known.push(op);
  }
  return byKey;
}
