// The same load on each store that runs, in turn: puts and gets of values of 100 bytes, and what is
// on the disk then.
import type { Answer } from '../src/kernel/control.ts';
import type { Call } from './calls.ts';
import { countCalls, type Extent, type Figures, measure } from './figures.ts';
import { keyOf } from './replicas.ts';
import type { Open } from './stores.ts';

export interface Load {
  readonly put: Figures;
  readonly get: Figures;
  /** Acknowledged by then. */
  readonly puts: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

/** By name of a store. `others` are measured in the same rounds. Rejects if an operation fails. */
export async function measureLoad(
  stores: readonly Open[],
  extent: Extent,
  others: { readonly [name: string]: Call } = {},
): Promise<{
  readonly loads: ReadonlyMap<string, Load>;
  readonly others: { readonly [name: string]: Figures };
}> {
  const before = stores.map((open) => open.bytesOnDisk());
  const calls = stores.flatMap(({ store: { name }, put, get }) => [
    [`put ${name}`, (count: number) => confirm(name, put(keyOf(count)))] as const,
    [`get ${name}`, (count: number) => confirm(name, get(keyOf(count)))] as const,
  ]);
  const figures = await measure<string>({ ...Object.fromEntries(calls), ...others }, extent);
  const loads = stores.map(({ store: { name }, bytesOnDisk }, at): [string, Load] => [
    name,
    {
      put: figures[`put ${name}`] as Figures,
      get: figures[`get ${name}`] as Figures,
      puts: countCalls(extent),
      bytesBefore: before[at] ?? 0,
      bytesAfter: bytesOnDisk(),
    },
  ]);
  return { loads: new Map(loads), others: figures };
}

/** Throws unless the operation is acknowledged. */
export async function confirm(name: string, operation: Promise<Answer>): Promise<void> {
  const { outcome, error } = await operation;
  if (outcome !== 'ok') throw new Error(`${name}: ${outcome}${error ? `, ${error}` : ''}`);
}
