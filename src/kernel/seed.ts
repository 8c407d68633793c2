// Seeds, as users write them.

const SEED = /^(?:0|[1-9][0-9]{0,9})$/;
/** The seed of a run for which none was named. */
export const DEFAULT_SEED = 1;
export const MOST_SEED = 2 ** 32 - 1;

/** A whole number up to `MOST_SEED`, without a leading zero. Undefined for other texts. */
export function parseSeed(text: string): number | undefined {
  return SEED.test(text) && Number(text) <= MOST_SEED ? Number(text) : undefined;
}
