// Commands that let a client do an operation, and those that show servers.
import type { Answer } from '../../kernel/control.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { Json } from '../../kernel/json.ts';
import { clientId, key, value } from '../arguments.ts';
import { defineCommand } from '../command.ts';
import {
  describeRead,
  describeWrite,
  type EndedOperation,
  outcomeCode,
  runOperation,
} from '../operations.ts';
import type { LineReport } from '../report.ts';
import { assertKey, deleteScope, isScope, printScope } from './scopes.ts';

const put = defineCommand({
  name: 'put',
  args: [clientId('c'), key, value],
  about: 'writes; returns when one server has it; the value is the rest of the line',
  clientsOf: ([client]) => [client],
  run: async (run, [client, name, text], report) => {
    assertKey(run, name);
    const order = { kind: 'put', key: name, value: text } as const;
    noteWrite(await runOperation(run, client, order, report.line), report);
  },
});

const remove = defineCommand({
  name: 'delete',
  args: [clientId('c'), key],
  about: 'removes a key; returns when one server has it',
  clientsOf: ([client]) => [client],
  run: async (run, [client, name], report) => {
    if (isScope(run, name)) return deleteScope(run, client, name, report);
    const order = { kind: 'delete', key: name } as const;
    noteWrite(await runOperation(run, client, order, report.line), report);
  },
});

const get = defineCommand({
  name: 'get',
  args: [clientId('c'), key],
  about: 'reads',
  prints: '`k:value`, `k:ERR_KEY`, `k:ERR_DEP` or `k:ERR_UNREACHABLE`',
  clientsOf: ([client]) => [client],
  run: async (run, [client, name], report) => {
    if (isScope(run, name)) return printScope(run, client, name, report);
    const answer = await runOperation(run, client, { kind: 'get', key: name }, report.line);
    printAnswer(report, { command: 'get', client, key: name }, answer);
  },
});

function noteWrite(operation: EndedOperation, report: LineReport): void {
  const note = describeWrite(operation);
  if (note !== undefined) report.note(note);
}

/** Prints an answer as `get` does. */
export function printAnswer(
  report: LineReport,
  asked: { command: string; client: NodeId; key: string },
  answer: Pick<Answer, 'outcome' | 'value' | 'error'>,
): void {
  const error = outcomeCode(answer.outcome);
  const text = error ?? answer.value ?? '';
  const field: { readonly [name: string]: Json } =
    error === undefined ? { value: answer.value } : { error };
  report.print([`${asked.key}:${text}`], { ...asked, ...field });
  const note = describeRead(answer);
  if (note !== undefined) report.note(note);
}

export const OPERATION_COMMANDS = [put, get, remove];
