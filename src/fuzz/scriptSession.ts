// The interface of the script language for the swarm: lines in, output out, in a world that the
// swarm creates.
import type { Design } from '../kernel/design.ts';
import { asProtocol, completeOptions, isProtocol } from '../kernel/protocol.ts';
import { tellReal } from '../language/choice.ts';
import { CommandTable } from '../language/commandTable.ts';
import { Interpreter } from '../language/interpreter.ts';
import { LINE_ERRORS } from '../language/lineError.ts';
import { checkText } from '../language/lines.ts';
import { Report } from '../language/report.ts';
import { Run } from '../language/run.ts';
import type { NextTurn } from '../sim/scheduler.ts';
import type { ScriptLanguage, ScriptSession, SessionSetup } from './session.ts';

/** `nextTurn` as in ScriptLanguage. */
export function createScriptLanguage(
  protocols: readonly Design[],
  nextTurn?: NextTurn,
): ScriptLanguage {
  const table = new CommandTable(protocols);
  return {
    open: (setup) => openSession(setup, protocols, table),
    commands: ({ name }) => table.all(name).map((command) => command.name),
    lineErrors: Object.keys(LINE_ERRORS),
    ...(nextTurn && { nextTurn }),
  };
}

function openSession(
  setup: SessionSetup,
  protocols: readonly Design[],
  table: CommandTable,
): ScriptSession {
  const { protocol, seed, createCluster, onInitialWrite, onOperation } = setup;
  const sink = { answer: setup.onAnswer, diagnostic: setup.onDiagnostic };
  const report = new Report(sink, { isJson: true, isQuiet: false }, 'script');
  const run = new Run({
    createCluster: async (chosen, options) => createCluster(asProtocol(chosen), options),
    protocols,
    whyNot: (chosen) => (isProtocol(chosen) ? undefined : tellReal(chosen)),
    protocol,
    options: completeOptions(protocol, {}),
    seed,
    report,
    onInitialWrite,
    onOperation,
  });
  const interpreter = new Interpreter({ run, table, report, isStrict: false });
  let number = 0;
  return {
    do: async (text) => {
      number += 1;
      await interpreter.do(checkText(number, text));
    },
    get isInBlock() {
      return interpreter.isInBlock;
    },
    get isOver() {
      return interpreter.isOver;
    },
    quiesce: () => run.quiesce(),
    stop: () => run.stop(),
  };
}
