// Calls a server's control method, and types the answer by that method.
import * as v from 'valibot';
import { SERVER_CONTROL } from '../kernel/control.ts';
import { Bug, type CallError } from '../kernel/errors.ts';
import type { NodeId } from '../kernel/ids.ts';
import { OPERATION_DEADLINE_MS } from '../kernel/limits.ts';
import type { ParamsOf, ResultOf } from '../kernel/messages.ts';
import type { LineReport } from './report.ts';
import type { Run } from './run.ts';
import type { AskTerms } from './unlessDead.ts';

type Control = typeof SERVER_CONTROL;

export type ServerAnswer<K extends keyof Control> =
  | { readonly result: ResultOf<Control, K>; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: CallError };

/** Throws a Bug for an answer that is not of the method's type. A missing answer is an outcome. */
export async function askServer<K extends keyof Control>(
  run: Run,
  server: NodeId,
  method: K,
  params: ParamsOf<Control, K>,
  { line, timeoutMs = OPERATION_DEADLINE_MS }: AskTerms,
): Promise<ServerAnswer<K>> {
  const { result, error } = await run.ask(server, method, params, { line, timeoutMs });
  if (error !== undefined) return { error };
  const parsed = v.safeParse(SERVER_CONTROL[method].result, result);
  if (!parsed.success) throw new Bug(`server ${server} answered ${method} with something else`);
  return { result: parsed.output as ResultOf<Control, K> };
}

/**
 * Asks a server for data to print. If it does not answer, reports that and returns undefined.
 * Throws a LineError if there is no such server.
 */
export async function askToShow<K extends 'printStore' | 'inspect'>(
  run: Run,
  server: NodeId,
  method: K,
  report: LineReport,
): Promise<ResultOf<Control, K> | undefined> {
  run.topology.serverNotClient(server);
  const params = {} as ParamsOf<Control, K>;
  const { result, error } = await askServer(run, server, method, params, { line: report.line });
  if (error?.code === 'E_NO_METHOD')
    report.outcome(error.code, `server ${server}: ${error.detail}`);
  else if (error !== undefined) report.outcome('E_TIMEOUT', `no answer from server ${server}`);
  return result;
}
