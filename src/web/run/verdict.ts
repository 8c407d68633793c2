// A verdict as a page shows it: its lines, and the operations that show what is broken.
import type { Recorded } from '../../kernel/history.ts';
import type { VerdictText } from '../../language/verdictText.ts';
import type { RunVerdict, Witness } from '../view.ts';

interface FirstBroken {
  readonly level: string;
  readonly sentence?: string;
  readonly operations?: readonly ToldOperation[];
}

/** As the fields of a verdict have it; without a line it is of an earlier run. */
interface ToldOperation {
  readonly line?: number;
  /** Of a line that asks for several. */
  readonly number?: number;
  readonly client?: number;
}

export function toVerdict(
  { lines, fields }: VerdictText,
  history: readonly Recorded[],
): RunVerdict {
  const broken = (fields.firstBroken ?? null) as FirstBroken | null;
  return { lines, witness: broken === null ? null : toWitness(broken, history) };
}

function toWitness(
  { level, sentence = '', operations = [] }: FirstBroken,
  history: readonly Recorded[],
): Witness {
  const found = operations.flatMap(({ line, client, number }) => {
    const at = history.findIndex(
      (one) => one.line === line && one.session === client && one.number === number,
    );
    return at === -1 ? [] : [at];
  });
  const lines = found.map((at) => history[at]?.line ?? 0);
  const ascending = [...new Set(lines)].sort((a, b) => a - b);
  return { level, sentence, operations: found, lines: ascending };
}
