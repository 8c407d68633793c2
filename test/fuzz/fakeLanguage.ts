// A script language without a world: a script fails as soon as its executed lines match a
// condition.

import type { ScriptLanguage } from '../../src/fuzz/session.ts';
import { Bug } from '../../src/kernel/errors.ts';

export interface FakeLanguage extends ScriptLanguage {
  /** How many scripts were begun. */
  readonly begun: number;
}

/** `judge` gives what is wrong with the lines so far, or undefined. `answers` says things. */
export function createFakeLanguage(
  judge: (lines: readonly string[], seed: number) => string | undefined,
  answers: () => string = () => '',
): FakeLanguage {
  let begun = 0;
  return {
    get begun() {
      return begun;
    },
    commands: () => [],
    lineErrors: [],
    open: ({ onDiagnostic, seed }) => {
      const lines: string[] = [];
      let isInBlock = false;
      begun += 1;
      return {
        do: async (text) => {
          lines.push(text);
          if (text === 'concurrently') isInBlock = true;
          if (text === 'end') isInBlock = false;
          const said = answers();
          if (said !== '') onDiagnostic(`causeway: note: ${said}\n`);
          const wrong = judge(lines, seed);
          if (wrong !== undefined) throw new Bug(wrong);
        },
        get isInBlock() {
          return isInBlock;
        },
        isOver: false,
        quiesce: async () => undefined,
        stop: async () => undefined,
      };
    },
  };
}
