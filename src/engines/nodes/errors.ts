// The errors that a node can answer with: their published codes, and what they leave open.
import type { ErrorSpec } from '../../kernel/errors.ts';
import { declareErrors } from '../../kernel/errors.ts';
import type { Json } from '../../kernel/json.ts';

/** Codes that the node's reply decides. */
export const CODE = { notSupported: 10, noSuchKey: 20, notEqual: 22 } as const;

const SHOWN_CHARACTERS = 200;

function tell(data: Json): string | undefined {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const { code, text } = data as { readonly [field: string]: Json };
  const said = typeof text === 'string' ? text.slice(0, SHOWN_CHARACTERS) : '';
  const parts = [code === null ? '' : `code ${JSON.stringify(code)}`, said];
  return parts.filter((part) => part !== '').join(': ');
}

function error(definite: boolean, text: string): ErrorSpec {
  return { definite, text, isAnswer: true, tell };
}

/** `definite` as Maelstrom's table of errors has it; other codes leave the outcome open. */
export const errors = declareErrors({
  ERR_NODE_TIMEOUT: error(false, 'the node has not done it in time'),
  ERR_NODE_NOT_FOUND: error(true, 'the node does not know another node'),
  ERR_NOT_SUPPORTED: error(true, 'the node does not support it'),
  ERR_NODE_UNAVAILABLE: error(true, 'the node cannot do it now'),
  ERR_MALFORMED_REQUEST: error(true, 'the node does not understand the request'),
  ERR_NODE_CRASH: error(false, 'something failed in the node'),
  ERR_ABORT: error(true, 'the node has given it up'),
  ERR_REFUSED: error(true, 'the node refuses it'),
  ERR_TXN_CONFLICT: error(true, 'the node has met a conflict with a transaction'),
  ERR_NODE_ERROR: error(false, 'the node answers with an error of its own'),
  ERR_BAD_REPLY: error(false, 'the reply of the node is no answer to the request'),
});

export type NodeErrorCode = keyof typeof errors;

const BY_CODE: ReadonlyMap<unknown, NodeErrorCode> = new Map([
  [0, 'ERR_NODE_TIMEOUT'],
  [1, 'ERR_NODE_NOT_FOUND'],
  [CODE.notSupported, 'ERR_NOT_SUPPORTED'],
  [11, 'ERR_NODE_UNAVAILABLE'],
  [12, 'ERR_MALFORMED_REQUEST'],
  [13, 'ERR_NODE_CRASH'],
  [14, 'ERR_ABORT'],
  [CODE.noSuchKey, 'ERR_REFUSED'],
  [21, 'ERR_REFUSED'],
  [CODE.notEqual, 'ERR_REFUSED'],
  [30, 'ERR_TXN_CONFLICT'],
]);

export function errorOf(code: unknown): NodeErrorCode {
  return BY_CODE.get(code) ?? 'ERR_NODE_ERROR';
}
