// All rules of style that can be tested on text.
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
