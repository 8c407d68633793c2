// Shares and probabilities, as users write them.

const SHARE = /^(?:[01]|[01]?\.[0-9]{1,9})$/;

/** A number from 0 to 1 with up to nine decimals: `0.1`, `.5`, `1`. Undefined for other texts. */
export function parseShare(text: string): number | undefined {
  return SHARE.test(text) && Number(text) <= 1 ? Number(text) : undefined;
}
