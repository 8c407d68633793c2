// The command `cas`, for designs that have one order of the writes of a key: what its line looks
// like, and how its answer travels. A failed compare is an answer like an absent key, not an error.
import type { Answer } from '../kernel/control.ts';
import type { Sibling, VersionTuple } from '../kernel/history.ts';
import type { NodeId } from '../kernel/ids.ts';
import { jsonBytesOf, VALUE_BYTES } from '../kernel/limits.ts';
import type { ProtocolCommand } from '../kernel/protocol.ts';

export const CAS_COMMAND: ProtocolCommand = {
  name: 'cas',
  usage: 'cas c k old new',
  about:
    'writes new if the value of k is old, which is one word, in one step; `k:ERR_CAS` if k has ' +
    'another value, or none',
  on: 'client',
  args: ['key', 'text', 'value'],
  prints: 'answer',
  refuse: ([, expected = '', value = '']) =>
    jsonBytesOf(expected) + jsonBytesOf(value) > VALUE_BYTES
      ? 'the two values together are over the limit of one'
      : undefined,
  meaning: () => ({ kind: 'cas' }),
};

/** What a server says of a compare-and-set that was decided. */
export interface Decided {
  readonly isSet: boolean;
  /** Of the write; null if there is none. */
  readonly version: VersionTuple | null;
  readonly found?: Sibling;
}

/** The answer of a session whose compare-and-set was decided; `value` is what it was to write. */
export function answerOfCas(
  server: NodeId,
  value: string,
  { isSet, version, found }: Decided,
): Omit<Answer, 'applied'> {
  const answer = { value: isSet ? value : null, isSet, server, version, ...(found && { found }) };
  return { outcome: 'ok', ...answer };
}
