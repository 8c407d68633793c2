// Where the outputs of a line go: short answers beside it, the rest below it, the longest cut.
import { escapeUnseen } from '../../language/printable.ts';
import type { LineOutput, Remark } from './said.ts';

export interface ShownText {
  readonly text: string;
  /** The number of characters that are left out; 0 if it is whole. */
  readonly cut: number;
}

export interface Arranged {
  readonly beside: readonly ShownText[];
  readonly below: readonly ShownText[];
  readonly remarks: readonly (Pick<Remark, 'severity' | 'code'> & ShownText)[];
  /** The number of outputs that are left out. */
  readonly hidden: number;
}

/** Several answers of a line stand beside it if they are together no longer. */
const BESIDE_CHARACTERS = 44;
const BESIDE_ANSWERS = 4;
const BELOW_ANSWERS = 8;
const TEXT_CHARACTERS = 240;

/** With `isWhole` nothing is cut or left out. */
export function arrange({ answers, remarks }: LineOutput, isWhole: boolean): Arranged {
  const show = (text: string): ShownText => cut(escapeUnseen(text), isWhole);
  const length = answers.reduce((sum, answer) => sum + answer.length + 2, 0);
  const isBeside = answers.length === 1 || length <= BESIDE_CHARACTERS;
  const shown = isWhole ? answers : answers.slice(0, BELOW_ANSWERS);
  const texts = shown.map(show);
  const fits = isBeside && answers.length <= BESIDE_ANSWERS;
  const kept = isWhole ? remarks : remarks.slice(0, BELOW_ANSWERS);
  return {
    beside: fits ? texts : [],
    below: fits ? [] : texts,
    remarks: kept.map(({ severity, code, text }) => ({ severity, code, ...show(text) })),
    hidden: answers.length - shown.length + (remarks.length - kept.length),
  };
}

function cut(text: string, isWhole: boolean): ShownText {
  if (isWhole || text.length <= TEXT_CHARACTERS) return { text, cut: 0 };
  // Not between the halves of a character.
  const shown = Array.from(text.slice(0, TEXT_CHARACTERS + 1))
    .slice(0, -1)
    .join('');
  return { text: shown, cut: text.length - shown.length };
}

/** Whether there is more to see than is shown. */
export function isCut({ beside, below, remarks, hidden }: Arranged): boolean {
  return hidden > 0 || [...beside, ...below, ...remarks].some((shown) => shown.cut > 0);
}
