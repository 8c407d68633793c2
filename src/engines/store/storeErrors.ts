// How errors of replicated stores of others are declared: with the store's own text.
import type { ErrorSpec } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

/** Of a text of the store. */
export const SHOWN_CHARACTERS = 200;

/** The data of such an error is the store's own text. */
export function storeError(definite: boolean, text: string): ErrorSpec {
  return { definite, text, isAnswer: true, tell };
}

function tell(data: Json): string | undefined {
  return typeof data === 'string' ? data.slice(0, SHOWN_CHARACTERS) : undefined;
}
