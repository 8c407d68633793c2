// Turns the commands that a protocol adds into commands of the language.
import type { Answer } from '../../kernel/control.ts';
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ProtocolCommand } from '../../kernel/protocol.ts';
import {
  clientId,
  key,
  optionalServerId,
  optionalWord,
  serverId,
  text,
  value,
  word,
} from '../arguments.ts';
import { askServer } from '../askServer.ts';
import { type Argument, type Command, defineCommand } from '../command.ts';
import { LineError } from '../lineError.ts';
import { recordMeaningful } from '../meaningful.ts';
import type { Effects } from '../nodeCalls.ts';
import { type AskClient, assertIsKey, untilQuiet } from '../operations.ts';
import { escapeBackslashes } from '../printable.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';
import { noteWrite, printAnswer } from './operations.ts';

const KINDS: Readonly<Record<ProtocolCommand['args'][number], Argument<string | undefined>>> = {
  key,
  value,
  text,
  word: word('word'),
  'word?': optionalWord,
};
const PRINTED = { answer: '`k:value`', lines: 'lines', nothing: '' } as const;

/** The command; the node itself runs it, by its control method `command`. */
export function fromProtocol(spec: ProtocolCommand): Command {
  const { name, usage, about } = spec;
  const common = { name, usage, about, prints: PRINTED[spec.prints] };
  const rest = allOf(spec);
  if (spec.on === 'client') {
    return defineCommand({
      ...common,
      args: [clientId('c'), rest],
      clientsOf: ([id]) => [id],
      run: (run, [id, args], report) => runOnClient(run, id, { spec, args }, report),
    });
  }
  if (spec.on === 'server') {
    return defineCommand({
      ...common,
      args: [serverId('s'), rest],
      run: (run, [id, args], report) => runOnServer(run, id, { spec, args }, report),
    });
  }
  if (spec.on === 'service') {
    return defineCommand({
      ...common,
      args: [rest],
      run: (run, [args], report) => runOnService(run, { spec, args }, report),
    });
  }
  return defineCommand({
    ...common,
    args: [rest, optionalServerId],
    run: (run, [args, server], report) => runOnServers(run, server, { spec, args }, report),
  });
}

/** All arguments after the node's id as one. */
function allOf(spec: ProtocolCommand): Argument<string[]> {
  const kinds = spec.args.map((kind) => KINDS[kind]);
  return {
    shown: kinds.map((kind) => kind.shown).join(' '),
    read: (words) => {
      const args = kinds.flatMap((kind) => kind.read(words) ?? []);
      const refusal = spec.refuse?.(args);
      if (refusal !== undefined) throw new LineError('E_ARGS', refusal);
      return args;
    },
  };
}

interface Order {
  readonly spec: ProtocolCommand;
  readonly args: readonly string[];
}

async function runOnClient(
  run: Run,
  client: NodeId,
  { spec, args }: Order,
  report: LineReport,
): Promise<void> {
  run.topology.client(client);
  const { line } = report;
  assertAreKeys(run, { spec, args });
  const operate = (ask: AskClient) => doOnClient(run, client, { spec, args }, line, ask);
  const answer = await untilQuiet(run, operate, line);
  if (spec.prints === 'answer') {
    const name = args[spec.args.indexOf('key')] ?? spec.name;
    printAnswer(run, { command: spec.name, client, key: name }, answer, report);
    return;
  }
  noteWrite(run, client, answer, report);
}

/** Asks the client, and records the operation; one without a meaning leaves a gap. */
function doOnClient(
  run: Run,
  client: NodeId,
  { spec, args }: Order,
  line: number,
  ask: AskClient,
): Promise<Answer & Effects> {
  const { name } = spec;
  const meaning = spec.meaning?.(run.options);
  if (meaning === undefined) {
    run.history.omit(name, line);
    return ask(run, client, 'command', { name, args }, line);
  }
  return recordMeaningful(run, client, { command: name, args, meaning }, line, ask);
}

function assertAreKeys(run: Run, { spec, args }: Order): void {
  for (const [place, kind] of spec.args.entries()) {
    if (kind === 'key') assertIsKey(run, args[place] ?? '');
  }
}

async function runOnServer(
  run: Run,
  server: NodeId,
  { spec, args }: Order,
  report: LineReport,
): Promise<void> {
  run.topology.serverNotClient(server);
  const order = { name: spec.name, args: [...args] };
  const { result, error } = await run.activity.during(() =>
    askServer(run, server, 'command', order, { line: report.line }),
  );
  if (error !== undefined) {
    report.outcome(error.code, error.message);
    return;
  }
  const { lines } = result;
  if (spec.prints === 'nothing') return;
  report.print(lines.map(escapeBackslashes), { command: spec.name, server, lines });
}

async function runOnService(run: Run, { spec, args }: Order, report: LineReport): Promise<void> {
  assertAreKeys(run, { spec, args });
  const { service } = await run.openCluster();
  try {
    const lines = await run.activity.during(() => service.command(spec.name, args));
    if (spec.prints === 'nothing') return;
    const printed = lines.map(escapeBackslashes);
    report.print(printed, { command: spec.name, lines: [...lines] });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    report.outcome(error.code, error.message);
  }
}

/**
 * On every live server, by id, or on `only`; servers that do not answer are named after the others'
 * answers.
 */
async function runOnServers(
  run: Run,
  only: NodeId | undefined,
  { spec, args }: Order,
  report: LineReport,
): Promise<void> {
  if (only !== undefined) run.topology.serverNotClient(only);
  const order = { name: spec.name, args: [...args] };
  const servers = only === undefined ? run.topology.ids('server') : [only];
  const answers = await run.activity.during(() =>
    Promise.all(
      servers.map((server) => askServer(run, server, 'command', order, { line: report.line })),
    ),
  );
  const lines = answers.flatMap(({ result }) => result?.lines ?? []);
  if (spec.prints !== 'nothing') {
    report.print(lines.map(escapeBackslashes), { command: spec.name, lines });
  }
  for (const [index, { error }] of answers.entries()) {
    if (error !== undefined)
      report.outcome(error.code, `server ${servers[index]}: ${error.message}`);
  }
}
