// Commands that let a client do an operation, and those that show servers.
import type { Answer } from '../../kernel/control.ts';
import { distinctValues, type Operation } from '../../kernel/history.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ModifierSpec } from '../../kernel/protocol.ts';
import { clientId, key } from '../arguments.ts';
import { type Command, defineCommand } from '../command.ts';
import { assertModifiers, modifiersOf, modifierWords, valueAndModifiers } from '../modifiers.ts';
import {
  describeIsolation,
  describeRead,
  describeWrite,
  outcomeCode,
  type Reason,
  runOperation,
} from '../operations.ts';
import { keyLine } from '../printable.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';
import { assertKey, deleteScope, isScope, printScope } from './scopes.ts';

/** The operations of every protocol, with the modifiers of one. */
export function operationCommands(specs: readonly ModifierSpec[]): readonly Command[] {
  return [putCommand(specs), getCommand(specs), deleteCommand(specs)];
}

function putCommand(specs: readonly ModifierSpec[]): Command {
  return defineCommand({
    name: 'put',
    args: [clientId('c'), key, valueAndModifiers(modifiersOf(specs, 'put'))],
    about: 'writes; returns when that is acknowledged; the value is the rest of the line',
    clientsOf: ([client]) => [client],
    run: async (run, [client, name, { value, modifiers, isAmbiguous }], report) => {
      assertKey(run, name);
      assertModifiers(run, modifiers);
      if (isAmbiguous) report.note(tellTaken(run, modifiers));
      const order = { kind: 'put', key: name, value, ...given(modifiers) } as const;
      noteWrite(run, client, await runOperation(run, client, order, report.line), report);
    },
  });
}

function deleteCommand(specs: readonly ModifierSpec[]): Command {
  return defineCommand({
    name: 'delete',
    args: [clientId('c'), key, modifierWords(modifiersOf(specs, 'delete'))],
    about: 'removes a key; returns when that is acknowledged',
    clientsOf: ([client]) => [client],
    run: async (run, [client, name, modifiers], report) => {
      if (isScope(run, name)) return deleteScope(run, client, name, report);
      assertModifiers(run, modifiers);
      const order = { kind: 'delete', key: name, ...given(modifiers) } as const;
      noteWrite(run, client, await runOperation(run, client, order, report.line), report);
    },
  });
}

function getCommand(specs: readonly ModifierSpec[]): Command {
  return defineCommand({
    name: 'get',
    args: [clientId('c'), key, modifierWords(modifiersOf(specs, 'get'))],
    about: 'reads',
    isQuestion: true,
    prints: '`k:value`, `k:ERR_KEY`, `k:ERR_DEP` or `k:ERR_UNREACHABLE`',
    clientsOf: ([client]) => [client],
    run: async (run, [client, name, modifiers], report) => {
      if (isScope(run, name)) return printScope(run, client, name, report);
      assertModifiers(run, modifiers);
      const order = { kind: 'get', key: name, ...given(modifiers) } as const;
      const answer = await runOperation(run, client, order, report.line);
      printAnswer(run, { command: 'get', client, key: name }, answer, report);
    },
  });
}

/** For a value of several words: its last word may have been meant as part of it. */
function tellTaken({ protocol }: Run, modifiers: readonly string[]): string {
  const taken = modifiers.map((word) => {
    const spec = protocol.modifiers?.find((one) => one.isModifier(word));
    return `${word} is taken as the ${spec?.name}`;
  });
  return `${taken.join(', ')}, not as part of the value`;
}

function given(modifiers: readonly string[]): { readonly modifiers?: readonly string[] } {
  return modifiers.length === 0 ? {} : { modifiers };
}

/** Says how a write ended that was not done, or may not have been. */
export function noteWrite(
  run: Run,
  client: NodeId,
  answer: Pick<Answer, 'outcome'> & Reason,
  report: LineReport,
): void {
  const why = describeIsolation(run, client, answer);
  const note = why === undefined ? describeWrite(answer) : `ERR_UNREACHABLE: not done, ${why}`;
  if (note !== undefined) report.note(note);
}

/** Prints an answer as `get` does. */
export function printAnswer(
  run: Run,
  asked: { command: string; client: NodeId; key: string },
  answer: Pick<Answer, 'outcome' | 'value' | 'error' | 'isSet'> & Pick<Operation, 'siblings'>,
  report: LineReport,
): void {
  const error = outcomeCode(answer);
  if (error !== undefined) report.print([keyLine(asked.key, error)], { ...asked, error });
  else if (answer.siblings === undefined) {
    report.print([keyLine(asked.key, answer.value ?? '')], { ...asked, value: answer.value });
  } else {
    const values = distinctValues(answer.siblings);
    const lines = values.map((value) => keyLine(asked.key, value));
    report.print(lines, { ...asked, values });
  }
  const note = describeIsolation(run, asked.client, answer) ?? describeRead(answer);
  if (note !== undefined) report.note(note);
}
