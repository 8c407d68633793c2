// How a store travels: its entries as arrays, so that a key is never the name of a field.
import _ from 'lodash';
import { fromVersionTuple, toVersionTuple } from '../../clocks/version.ts';
import { VersionVector } from '../../clocks/versionVector.ts';
import { CallError } from '../../kernel/errors.ts';
import { MESSAGE_BYTES } from '../../kernel/limits.ts';
import { largestSize } from '../../replication/parts.ts';
import type { Store } from './messages.ts';
import type { Told } from './state.ts';

/** The largest entry fits, and leaves room for the vector. */
const STORE_BYTES = MESSAGE_BYTES - 32 * 1024;
const VERSION_BYTES = 48;

/** Throws CallError E_TOO_LARGE for a store that does not fit into a message. */
export function pack({ entries, applied }: Told): Store {
  const sizes = entries.map(({ key, value }) => largestSize(key, value, VERSION_BYTES));
  if (_.sum(sizes) > STORE_BYTES) throw new CallError('E_TOO_LARGE', 'a store');
  return {
    entries: entries.map(({ key, value, version }) => [key, value, toVersionTuple(version)]),
    applied: applied.toTuples(),
  };
}

export function unpack({ entries, applied }: Store): Told {
  return {
    entries: entries.map(([key, value, version]) => {
      return { key, value, version: fromVersionTuple(version) };
    }),
    applied: VersionVector.fromTuples(applied),
  };
}
