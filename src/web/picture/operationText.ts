// Operations in words, as bars and tables show them.
import { type Recorded, showElements, showValue, showWord } from '../../kernel/history.ts';
import { showText } from './text.ts';

export function isRead({ kind }: Recorded): boolean {
  return kind === 'get' || kind === 'elements';
}

/** `put tea green`, `get tea -> green`, with control characters escaped. */
export function showOperation(operation: Recorded): string {
  const parts = [operation.kind, operation.key];
  if (operation.kind === 'cas') parts.push(showWord(operation.expected), showWord(operation.value));
  if (['put', 'append', 'add', 'insert', 'remove'].includes(operation.kind)) {
    parts.push(showValue(operation.value));
  }
  const result = showResult(operation);
  return showText(result === undefined ? parts.join(' ') : `${parts.join(' ')} -> ${result}`);
}

function showResult(operation: Recorded): string | undefined {
  const { outcome, kind } = operation;
  if (outcome === 'absent') return 'absent';
  if (outcome === 'unknown') return 'no answer';
  if (outcome !== 'ok') return outcome;
  if (kind === 'pop') return showValue(operation.value);
  if (kind === 'add') return operation.sum;
  if (kind === 'cas') return operation.isSet === true ? 'set' : 'not set';
  if (kind === 'elements') return showElements(operation.elements);
  if (kind !== 'get') return undefined;
  if (operation.siblings === undefined) return showValue(operation.value);
  return operation.siblings.map(({ value }) => showValue(value)).join(' | ');
}
