// The exchange of writes between two replicas, for keys at which they differ: one tells the
// versions that it has, gets what is newer at the other, and learns what the other lacks.
// Synchronous.
import * as v from 'valibot';
import { compareVersions, type Version } from '../../clocks/version.ts';
import { isLife } from '../../kernel/control.ts';
import type { NodeId } from '../../kernel/ids.ts';
import { PART_BYTES } from '../../kernel/limits.ts';
import { isCount } from '../../kernel/messages.ts';
import type { QuorumState } from './state.ts';
import { includes, sizeOf, type Write } from './write.ts';

/** A key, and for each version that a server has of it: timestamp, server, incarnation. */
export type Holding = readonly [key: string, ...versions: number[]];

export const holdingsSchema = v.custom<readonly Holding[]>(
  (x) => Array.isArray(x) && x.every(isHolding),
  'not a list of holdings',
);

function isHolding(x: unknown): boolean {
  if (!Array.isArray(x) || typeof x[0] !== 'string' || x.length % 3 !== 1) return false;
  for (let at = 1; at < x.length; at += 3) {
    if (!isCount(x[at]) || !isLife(x[at + 1], x[at + 2])) return false;
  }
  return true;
}

export interface ExchangeAnswer {
  /** What is newer here. */
  readonly writes: readonly Write[];
  /** The numbers of the holdings of which a write is lacking here. */
  readonly lacking: number[];
  /** So many of the holdings were looked at. The writes of the others would not have fitted. */
  readonly answered: number;
}

export function holdingOf({ store }: QuorumState, key: string): Holding {
  const versions = store.find(key).map(({ version }) => version);
  return [
    key,
    ...versions.flatMap(({ timestamp, origin }) => [timestamp, origin.id, origin.incarnation]),
  ];
}

/** The answer to a server about keys that both replicate; about no other key. */
export function answerTo(
  state: QuorumState,
  other: NodeId,
  holdings: readonly Holding[],
): ExchangeAnswer {
  const writes: Write[] = [];
  const lacking: number[] = [];
  let bytes = 0;
  for (const [number, holding] of holdings.entries()) {
    const [key] = holding;
    const isShared = state.isReplica(key) && state.isHolder(other, key);
    const mine = isShared ? state.store.find(key) : [];
    const theirs = isShared ? versionsOf(holding) : [];
    const newer = mine.filter((write) => !theirs.some((version) => isKnown(write, version)));
    bytes += newer.reduce((sum, write) => sum + sizeOf(write), 0);
    if (bytes > PART_BYTES && number > 0) return { writes, lacking, answered: number };
    writes.push(...newer);
    const isHere = (version: Version): boolean => mine.some((write) => includes(write, version));
    if (!theirs.every(isHere)) lacking.push(number);
  }
  return { writes, lacking, answered: holdings.length };
}

function versionsOf([, ...numbers]: Holding): Version[] {
  return Array.from({ length: numbers.length / 3 }, (_, index) => {
    const [timestamp = 0, id = 0, incarnation = 0] = numbers.slice(3 * index);
    return { timestamp, origin: { id, incarnation } };
  });
}

/** A version alone does not tell what it includes, so a write that is superseded may count too. */
function isKnown({ version, context }: Write, known: Version): boolean {
  const order = compareVersions(known, version);
  return context === null ? order >= 0 : order === 0;
}
