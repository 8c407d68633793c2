// The texts that options of several protocols have as values: words, counts and times.
import type { OptionSpec } from './protocol.ts';

const COUNT = /^[1-9][0-9]{0,6}$/;
const TIME = /^([0-9]{1,5}(?:\.[0-9]{1,3})?)(ms|s)$/;

/** These texts and no others. */
export function oneOf(...texts: readonly string[]): Pick<OptionSpec, 'choices' | 'refuse'> {
  return {
    choices: texts,
    refuse: (text) => (texts.includes(text) ? undefined : texts.join(' or ')),
  };
}

/** Refuses every text but the whole numbers from 1 to `most`, which is below ten million. */
export function countUpTo(most: number): OptionSpec['refuse'] {
  return (text) =>
    isCount(text) && Number(text) <= most ? undefined : `a whole number from 1 to ${most}`;
}

/** Whether a text is a whole number from 1 to 9,999,999, without leading zeros. */
export function isCount(text: string): boolean {
  return COUNT.test(text);
}

/** The milliseconds of a time such as `200ms` or `0.5s`; undefined for any other text. */
export function readMs(text: string): number | undefined {
  const [, count, unit] = TIME.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (unit === 's' ? 1_000 : 1);
}
