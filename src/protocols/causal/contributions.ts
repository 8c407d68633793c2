// For the invariants: checks that a server contributes to a round of stabilize all that it had
// received when it joined the round, records on their way to its disk included (C4). The list of
// these records comes from the simulated disk, not from the server.
import { VersionVector } from '../../clocks/versionVector.ts';
import { assert } from '../../kernel/errors.ts';
import { lifeKey } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { readRecord } from './records.ts';
import type { Round } from './round.ts';
import type { CausalState } from './state.ts';

interface Joined {
  readonly round: Round;
  /** The records that were on their way to the disk when the server joined the round. */
  readonly owed: readonly Json[];
  hasContributed: boolean;
}

export class Contributions {
  readonly #joinedByLife = new Map<number, Joined>();

  /** `pending` gives the records that the server's log has not confirmed yet. */
  check(state: CausalState, pending: () => readonly Json[]): void {
    const { self, rounds, applied } = state;
    const { current } = rounds;
    if (current === undefined) return;
    let joined = this.#joinedByLife.get(lifeKey(self));
    if (joined?.round !== current) {
      joined = { round: current, owed: pending().filter(bringsWrites), hasContributed: false };
      this.#joinedByLife.set(lifeKey(self), joined);
    }
    const { contribution, number } = current;
    if (contribution === undefined || joined.hasContributed) return;
    joined.hasContributed = true;
    const left = new Set(pending());
    assert(
      !joined.owed.some((record) => left.has(record)),
      () => `C4: server ${self.id} answers round ${number} without what it is writing to its log`,
    );
    assert(
      contribution.dominates(applied),
      () => `C4: server ${self.id} answers round ${number} without what it has applied`,
    );
  }
}

function bringsWrites(record: Json): boolean {
  const { kind } = readRecord(record);
  return kind === 'write' || kind === 'merge';
}

/** Which writes of these records, once pending in the server's log, are in its state now. */
export function effectOf(records: readonly Json[], state: CausalState): VersionVector {
  const effect = new VersionVector();
  for (const input of records) {
    const record = readRecord(input);
    if (record.kind === 'merge') {
      const applied = VersionVector.fromTuples(record.applied);
      if (state.applied.dominates(applied)) effect.merge(applied);
    }
    if (record.kind === 'write') {
      const [id, incarnation] = record.session;
      const answer = state.answerTo({ id, incarnation }, record.seq);
      if (typeof answer === 'object') effect.advance(answer.origin, answer.timestamp);
    }
  }
  return effect;
}
