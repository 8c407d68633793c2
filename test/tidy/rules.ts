// The whole of the style that a text can be tested for.
import { NUMBER_RULES } from './numbers.ts';
import type { Rule } from './project.ts';
import { ROOM_RULES } from './rooms.ts';
import { TEXT_RULES } from './texts.ts';
import { TREE_RULES } from './tree.ts';

export const RULES: readonly Rule[] = [
  ...ROOM_RULES,
  ...TEXT_RULES,
  ...TREE_RULES,
  ...NUMBER_RULES,
];
