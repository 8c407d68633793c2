// One run of a test case, judged by one level of consistency, whatever its protocol guarantees: as
// by the command `check` at its end.
import type { Level, StoreLevel } from '../checkers/index.ts';
import { createSimCluster } from '../sim/world.ts';
import { describeBreach } from './breach.ts';
import type { ScriptLanguage, ScriptSession } from './session.ts';
import type { Failure, TestCase } from './testCase.ts';
import { EVENT_CAP } from './trialRun.ts';

export interface LevelResult {
  /** The level that is broken, or a bug that ended the run. */
  readonly failure: Failure | undefined;
  /** Whether the level could not be decided; so also if the script ended early. */
  readonly isUndecided: boolean;
}

interface LevelVerdict {
  readonly outcome: 'holds' | 'broken' | 'undecided';
  readonly sentence?: string;
}

export async function runLevelTrial(
  language: ScriptLanguage,
  testCase: TestCase,
  level: Level | StoreLevel,
): Promise<LevelResult> {
  const { lines } = testCase;
  const checkLine = lines.length + 1;
  let verdict: LevelVerdict | undefined;
  const session = open(language, testCase, (text, line) => {
    if (line === checkLine) verdict = readVerdict(text);
  });
  let line = 0;
  const fail = (kind: string, sentence: string): LevelResult => {
    return { failure: { kind, sentence, line, ending: [] }, isUndecided: false };
  };
  try {
    for (const text of lines) {
      line += 1;
      await session.do(text);
      if (session.isOver) break;
    }
    if (session.isOver || session.isInBlock) return { failure: undefined, isUndecided: true };
    await session.do(`check ${level}`);
  } catch (error) {
    const { kind, sentence } = describeBreach(error);
    return fail(kind, sentence);
  } finally {
    await session.stop();
  }
  if (verdict?.outcome !== 'broken') {
    return { failure: undefined, isUndecided: verdict?.outcome !== 'holds' };
  }
  return fail(level, verdict.sentence ?? `${level} is broken`);
}

function open(
  language: ScriptLanguage,
  { protocol, seed, faults }: TestCase,
  onAnswer: (text: string, line?: number) => void,
): ScriptSession {
  const { nextTurn } = language;
  const chance = { seed, faults, eventCap: EVENT_CAP, ...(nextTurn && { nextTurn }) };
  return language.open({
    ...{ protocol, seed, onAnswer },
    createCluster: (chosen, options) => createSimCluster({ protocol: chosen, options, ...chance }),
    onInitialWrite: () => undefined,
    onOperation: () => undefined,
    onDiagnostic: () => undefined,
  });
}

function readVerdict(text: string): LevelVerdict | undefined {
  const { verdicts = [] } = JSON.parse(text) as { verdicts?: readonly LevelVerdict[] };
  return verdicts[0];
}
