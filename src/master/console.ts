// The console: the script language at a terminal, one line at a time, with history, completion and
// help. The prompt is on stderr, so that stdout carries answers only, here as well.
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { complete, describeHelp } from '../language/completion.ts';
import { Interpreter } from '../language/interpreter.ts';
import { checkText } from '../language/lines.ts';
import { Report } from '../language/report.ts';
import type { Run } from '../language/run.ts';
import { findHistoryFile, HISTORY_LINES, readHistory, writeHistory } from './consoleHistory.ts';
import { conclude, createRun, endRun, reportFailure, type Stage, sinkOf } from './execute.ts';
import { EXIT, signalStatus } from './exitStatus.ts';

const PROMPT = 'causeway> ';
const BLOCK_PROMPT = '     ...> ';
const CONSOLE_WORDS = ['help', 'exit'];

export interface Terminal {
  readonly input: Readable;
  /** Where the prompt and the typed text are shown. */
  readonly screen: Writable;
}

/** Returns the exit status when the user has left and no node lives any more. */
export async function runConsole(stage: Stage, terminal: Terminal): Promise<number> {
  const { invocation, interruption, table } = stage;
  const report = new Report(sinkOf(stage), invocation, 'console');
  const run = createRun(stage, report);
  const { isStrict } = invocation;
  const interpreter = new Interpreter({ run, table, report, isStrict, isTyped: true });
  const path = findHistoryFile(process.env);
  let typed = readHistory(path);
  const lines = openLines(stage, run, terminal, typed);
  lines.on('history', (latest: string[]) => {
    typed = latest;
  });
  lines.on('SIGINT', () => {
    if (lines.line === '') {
      interruption.interrupt(signalStatus('SIGINT'));
      return;
    }
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
  });
  const done = converse(stage, lines, { run, interpreter, screen: terminal.screen });
  try {
    const interrupted = await Promise.race([done, interruption.happened]);
    if (interrupted !== undefined) return interrupted;
    const status = await conclude(stage, run, report);
    // A user sees bad lines while typing, and can correct them; they count only with --strict.
    return isStrict && interpreter.badLineCount > 0 ? EXIT.badLines : status;
  } catch (error) {
    return reportFailure(stage, error);
  } finally {
    done.catch(() => undefined);
    lines.close();
    terminal.screen.write('\n');
    const failure = writeHistory(path, typed);
    if (failure !== undefined) report.note(failure);
    await endRun(stage, run);
  }
}

function openLines(
  { table }: Stage,
  run: Run,
  { input, screen }: Terminal,
  history: string[],
): Interface {
  return createInterface({
    input,
    output: screen,
    terminal: true,
    prompt: PROMPT,
    history,
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
    completer: (text: string) => {
      const commands = table.all(run.protocol.name);
      return complete({ commands, run, consoleWords: CONSOLE_WORDS }, text);
    },
  });
}

interface Conversation {
  readonly run: Run;
  readonly interpreter: Interpreter;
  readonly screen: Writable;
}

async function converse(
  { table, output, interruption, teller }: Stage,
  lines: Interface,
  { run, interpreter, screen }: Conversation,
): Promise<undefined> {
  let number = 0;
  lines.prompt();
  for await (const text of lines) {
    number += 1;
    const [word, argument] = text.trim().split(/[ \t]+/);
    if (interruption.status !== undefined) return;
    if (word === 'exit') break;
    if (word === 'help') {
      const help = describeHelp(table.all(run.protocol.name), argument);
      screen.write(`${help.join('\n')}\n`);
      // Lines keep their numbers.
      teller?.line({ number, text: `# ${text}` });
    } else {
      const line = checkText(number, text);
      teller?.line(line);
      await interpreter.do(line);
      await teller?.done(run, line);
    }
    output.flush();
    if (interpreter.isOver) break;
    lines.setPrompt(interpreter.isInBlock ? BLOCK_PROMPT : PROMPT);
    lines.prompt();
  }
  if (interruption.status === undefined) interpreter.end();
}
