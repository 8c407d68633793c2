// Modifiers: words of the protocol's own that may follow an operation and change how it is done,
// such as a consistency level. One word of each kind at most.
import type { Operation } from '../kernel/history.ts';
import type { ModifierSpec } from '../kernel/protocol.ts';
import { toValue } from './arguments.ts';
import type { Argument } from './command.ts';
import { LineError } from './lineError.ts';
import { quote } from './printable.ts';
import type { Run } from './run.ts';

/** The kinds of modifier that this operation can have. */
export function modifiersOf(
  specs: readonly ModifierSpec[],
  kind: Operation['kind'],
): readonly ModifierSpec[] {
  return specs.filter(({ on }) => on.includes(kind));
}

/** The next words, each of which must be a modifier of another kind. */
export function modifierWords(specs: readonly ModifierSpec[]): Argument<readonly string[]> {
  return {
    shown: specs.map(({ usage }) => `[${usage}]`).join(' '),
    completion: specs.flatMap(({ samples }) => [...samples]),
    isRepeated: true,
    read: (words) => {
      const found: string[] = [];
      const left = [...specs];
      while (left.length > 0) {
        const word = words.next();
        if (word === undefined) break;
        const place = left.findIndex((spec) => spec.isModifier(word));
        if (place < 0) {
          const wanted = left.map(({ name, usage }) => `no ${name}: ${usage}`).join('; ');
          throw new LineError('E_ARGS', `${quote(word)} is ${wanted}`);
        }
        left.splice(place, 1);
        found.push(word);
      }
      return found;
    },
  };
}

export interface ModifiedValue {
  readonly value: string;
  readonly modifiers: readonly string[];
  /** Whether the value has several words: the modifier may have been meant as one more. */
  readonly isAmbiguous: boolean;
}

/** The rest of the line: a value, then modifiers. The first word is always part of the value. */
export function valueAndModifiers(specs: readonly ModifierSpec[]): Argument<ModifiedValue> {
  return {
    shown: ['v', ...specs.map(({ usage }) => `[${usage}]`)].join(' '),
    read: (words) => {
      if (words.isAtEnd) throw new LineError('E_ARGS', 'the value is missing');
      let text = words.rest();
      const modifiers: string[] = [];
      const left = [...specs];
      for (;;) {
        const [, before = '', last = ''] = LAST_WORD.exec(text) ?? [];
        const place = left.findIndex((spec) => before !== '' && spec.isModifier(last));
        if (place < 0) break;
        left.splice(place, 1);
        modifiers.unshift(last);
        text = before;
      }
      const isAmbiguous = modifiers.length > 0 && /[ \t]/.test(text);
      return { value: toValue(text), modifiers, isAmbiguous };
    },
  };
}

const LAST_WORD = /^(.*[^ \t])[ \t]+([^ \t]+)$/s;

/** Throws a LineError for a modifier that is not valid with the options of the run. */
export function assertModifiers(run: Run, modifiers: readonly string[]): void {
  const { modifiers: specs = [] } = run.protocol;
  for (const word of modifiers) {
    const spec = specs.find((one) => one.isModifier(word));
    const refusal = spec?.refuse?.(word, run.options);
    if (refusal !== undefined) throw new LineError('E_ARGS', `${quote(word)}: ${refusal}`);
  }
}
