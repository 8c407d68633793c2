// How a call between simulated nodes ends, and how each side handles the end.
import { Bug, CallError, type CallErrorCode } from '../kernel/errors.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { checkResult, type MessageTable } from '../kernel/messages.ts';

/** How a call ended: with a result, or with an error's code. */
export type Ending =
  | { readonly result: Json }
  | { readonly error: CallErrorCode; readonly data?: Json };

/** Receives the end of a call. */
export type Ended = (ending: Ending) => void;

/** Settles the promise of a call according to its end. */
export function settle(
  ending: Ending,
  resolve: (result: Json) => void,
  reject: (error: CallError) => void,
): void {
  if ('result' in ending) resolve(ending.result);
  else reject(new CallError(ending.error, undefined, ending.data));
}

/** The end of a call that was answered with that error. */
export function endingOf({ code, data }: CallError): Ending {
  return data === undefined ? { error: code } : { error: code, data: copyJson(data) };
}

/** Reports how a handler's call has ended, now or later. Any error but a CallError is a bug. */
export function answerWith(
  handle: () => Json | Promise<Json>,
  ended: Ended,
  failed: (bug: unknown) => void,
): void {
  const threw = (error: unknown): void => {
    if (error instanceof CallError) ended(endingOf(error));
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

/** All code here is the protocol's own: an answer that its table does not allow is a bug. */
export function checkEnding(messages: MessageTable, method: string, ending: Ending): Ending {
  if ('error' in ending) return ending;
  try {
    checkResult(messages, method, ending.result);
    return ending;
  } catch (error) {
    throw new Bug(`${method} was answered with ${(error as Error).message}`);
  }
}
