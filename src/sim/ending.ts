// How calls end between simulated nodes, and what is made of it on either side.
import { assert, Bug, CallError, isCallErrorCode } from '../kernel/errors.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { checkResult } from '../kernel/messages.ts';
import type { Protocol } from '../kernel/protocol.ts';

/** How a call ended. */
export type Ending = { readonly result: Json } | { readonly error: CallError };

/** Is told how a call ended. */
export type Ended = (ending: Ending) => void;

/** Settles a promise as a call has ended. */
export function settle(
  ending: Ending,
  resolve: (result: Json) => void,
  reject: (error: CallError) => void,
): void {
  if ('result' in ending) resolve(ending.result);
  else reject(ending.error);
}

/** Tells how a handler's call has ended, now or later. Whatever else it throws is a bug. */
export function answerWith(
  handle: () => Json | Promise<Json>,
  ended: Ended,
  failed: (bug: unknown) => void,
): void {
  const threw = (error: unknown): void => {
    if (error instanceof CallError) ended({ error: copyError(error) });
    else failed(error);
  };
  try {
    const result = handle();
    if (!(result instanceof Promise)) ended({ result: copyJson(result) });
    else result.then((value) => ended({ result: copyJson(value) })).catch(threw);
  } catch (error) {
    threw(error);
  }
}

/** As it would arrive over a wire: neither side shares what the other may change. */
export function copyError({ code, definite, text, message, data }: CallError): CallError {
  const detail = message === text ? undefined : message.slice(text.length + 2);
  return new CallError(
    { code, definite, text },
    detail,
    data === undefined ? data : copyJson(data),
  );
}

/**
 * All code here is the protocol's own: an answer that its table does not allow is a bug, and so is
 * an error that it has not declared.
 */
export function checkEnding(
  { name, messages, errors = {} }: Pick<Protocol, 'name' | 'messages' | 'errors'>,
  method: string,
  ending: Ending,
): Ending {
  if ('error' in ending) {
    const { code } = ending.error;
    assert(isCallErrorCode(code) || code in errors, `${name} has not declared ${code}`);
    return ending;
  }
  try {
    checkResult(messages, method, ending.result);
    return ending;
  } catch (error) {
    throw new Bug(`${method} was answered with ${(error as Error).message}`);
  }
}
