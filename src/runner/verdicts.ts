// The verdicts of a run as data, with the fields that `--json` prints (docs/json.md).
import type { Recorded } from '../kernel/history.ts';
import type { Checked } from '../language/checked.ts';
import { judgeRecord, type RunRecord } from '../language/judgeRecord.ts';
import type { VerdictText } from '../language/verdictText.ts';

/** An operation that shows what is broken. */
export type JudgedOperation = Pick<Recorded, 'kind' | 'key' | 'value' | 'outcome' | 'version'> & {
  /** The script's line, and the client that asked; absent for a write of an earlier run. */
  readonly line?: number;
  readonly client?: number;
  readonly [field: string]: unknown;
};

interface Told {
  readonly level: Checked;
  /** As `check` prints it, and a line for each operation that shows what is broken. */
  readonly lines: readonly string[];
}

/** Whether a run had a level. */
export type LevelVerdict =
  | (Told & { readonly outcome: 'holds' })
  | (Told & { readonly outcome: 'undecided'; readonly why: string })
  | (Told & {
      readonly outcome: 'broken';
      readonly pattern: string;
      readonly sentence: string;
      readonly operations: readonly JudgedOperation[];
    });

type Fields<V> = V extends unknown ? Omit<V, 'lines'> : never;

/** A run judged as by `check` without a level. */
export interface Verdict {
  /** The levels that held, without those that they imply. */
  readonly strongest: readonly Checked[];
  readonly firstBroken: Fields<LevelVerdict> | null;
  readonly undecided: readonly Fields<LevelVerdict>[];
  /** The levels of the servers' stores; empty without a `stabilize`. */
  readonly stores: readonly Fields<LevelVerdict>[];
  /** For each client, how many operations it has asked for, and how they ended. */
  readonly availability: readonly {
    readonly client: number;
    readonly asked: number;
    readonly answered: number;
    readonly refused: number;
    readonly failed: number;
    readonly unanswered: number;
  }[];
  /** As `check` prints it. */
  readonly lines: readonly string[];
}

export function judgeBy(record: RunRecord, level: Checked): LevelVerdict {
  const { linesByLevel, fields } = judgeRecord(record, [level]).text;
  const [verdict] = fields.verdicts as unknown as [Fields<LevelVerdict>];
  return { ...verdict, lines: linesByLevel?.[0] ?? [] } as LevelVerdict;
}

export function summarize(record: RunRecord): Verdict {
  const { lines, fields } = judgeRecord(record, []).text;
  const { command: _, ...told } = fields as VerdictText['fields'] & Omit<Verdict, 'lines'>;
  return { ...told, lines };
}
