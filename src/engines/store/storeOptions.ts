// The options that replicated stores of others have in common.
import type { OptionSpec, Options } from '../../kernel/design.ts';
import { OPERATION_DEADLINE_MS } from '../../kernel/limits.ts';
import { countUpTo, oneOf, readMs } from '../../kernel/optionTexts.ts';

export const timeoutOption: OptionSpec = {
  about: 'How long an operation waits for its answer, five seconds at most.',
  fallback: '5s',
  refuse: (text) => {
    const ms = readMs(text) ?? 0;
    return ms >= 1 && ms <= OPERATION_DEADLINE_MS ? undefined : 'a time from 1ms to 5s';
  },
};

/** How long a world of the store waits, and for what (storeWorld.ts). */
export function waitsOf({ timeout = '', reaction }: Options): {
  readonly timeoutMs: number;
  readonly reacts: boolean;
} {
  return { timeoutMs: readMs(timeout) ?? 0, reacts: reaction !== 'open' };
}

/** `about` says what the next line waits for. */
export function reactionOption(about: string): OptionSpec {
  return { about, fallback: 'awaited', ...oneOf('awaited', 'open') };
}

/** `debianPackage` is the one that has `program`. */
export function binaryOption(program: string, debianPackage: string): OptionSpec {
  return {
    about: `The program, by name or path; Debian's package ${debianPackage} has it.`,
    fallback: program,
    refuse: (text) => (text === '' ? 'the name of a program' : undefined),
  };
}

/** Refuses all but whole numbers up to `most`; none may be asked for too. */
export function refuseUpTo(most: number): OptionSpec['refuse'] {
  const refuse = countUpTo(most);
  const why = `a whole number from 0 to ${most}`;
  return (text) => (text !== '0' && refuse(text) ? why : undefined);
}
