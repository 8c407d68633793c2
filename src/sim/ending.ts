// How a call between simulated nodes ends, and how each side handles the end.
import { CallError, type CallErrorCode, ProtocolBug } from '../kernel/errors.ts';
import { copyJson, type Json } from '../kernel/json.ts';
import { checkResult, type MessageTable } from '../kernel/messages.ts';

/** How a call ended: with a result, or with an error. */
export type Ending =
  | { readonly result: Json }
  | { readonly error: CallErrorCode; readonly detail?: string; readonly data?: Json };

/** Receives the end of a call. */
export type Ended = (ending: Ending) => void;

/** Settles the promise of a call according to its end. */
export function settle(
  ending: Ending,
  resolve: (result: Json) => void,
  reject: (error: CallError) => void,
): void {
  if ('result' in ending) resolve(ending.result);
  else reject(errorOf(ending));
}

/** The result of a call; throws the error with which it ended. */
export function resultOf(ending: Ending): Json {
  if ('result' in ending) return ending.result;
  throw errorOf(ending);
}

function errorOf({ error, detail, data }: Extract<Ending, { error: unknown }>): CallError {
  return new CallError(error, detail, data);
}

/** The end of a call that was answered with that error. */
export function endingOf({ code, detail, data }: CallError): Ending {
  return {
    error: code,
    ...(detail !== undefined && { detail }),
    ...(data !== undefined && { data: copyJson(data) }),
  };
}

/**
 * All code here is the protocol's own: an answer that its table does not allow is a bug. `from`
 * names its sender.
 */
export function checkEnding(
  messages: MessageTable,
  method: string,
  from: string,
  ending: Ending,
): Ending {
  if ('error' in ending) return ending;
  try {
    checkResult(messages, method, ending.result);
    return ending;
  } catch (error) {
    throw new ProtocolBug(`${from} answered '${method}' with ${(error as CallError).detail}`);
  }
}
