// Turns the commands that a protocol adds into commands of the language.
import { CallError } from '../../kernel/errors.ts';
import type { NodeId } from '../../kernel/ids.ts';
import type { ProtocolCommand } from '../../kernel/protocol.ts';
import { type Argument, clientId, key, serverId, value, word } from '../arguments.ts';
import { askServer } from '../askServer.ts';
import { type Command, defineCommand } from '../command.ts';
import { askClient, describeWrite } from '../operations.ts';
import type { LineReport } from '../report.ts';
import type { Run } from '../run.ts';
import { printAnswer } from './operations.ts';

const KINDS: Readonly<Record<ProtocolCommand['args'][number], Argument<string>>> = {
  key,
  value,
  word: word('word'),
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
  const runIt = spec.on === 'service' ? runOnService : runOnServers;
  return defineCommand({
    ...common,
    args: [rest],
    run: (run, [args], report) => runIt(run, { spec, args }, report),
  });
}

/** All arguments after the node's id as one. */
function allOf(spec: ProtocolCommand): Argument<string[]> {
  const kinds = spec.args.map((kind) => KINDS[kind]);
  return {
    shown: kinds.map((kind) => kind.shown).join(' '),
    read: (words) => kinds.map((kind) => kind.read(words)),
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
  run.history.omit(spec.name, line);
  const answer = await run.activity.during(async () => {
    const given = await askClient(run, client, 'command', { name: spec.name, args }, line);
    if (given.server !== null) await run.quiesceServer(given.server, line);
    return given;
  });
  if (spec.prints === 'answer') {
    const name = args[spec.args.indexOf('key')] ?? spec.name;
    printAnswer(report, { command: spec.name, client, key: name }, answer);
    return;
  }
  const note = describeWrite(answer);
  if (note !== undefined) report.note(note);
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
  if (spec.prints !== 'nothing') report.print(lines, { command: spec.name, server, lines });
}

async function runOnService(run: Run, { spec, args }: Order, report: LineReport): Promise<void> {
  const { service } = await run.openCluster();
  try {
    const lines = await run.activity.during(() => service.command(spec.name, args));
    if (spec.prints !== 'nothing') report.print(lines, { command: spec.name, lines: [...lines] });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    report.outcome(error.code, error.message);
  }
}

/** On every live server, by id; servers that do not answer are named after the others' answers. */
async function runOnServers(run: Run, { spec, args }: Order, report: LineReport): Promise<void> {
  const order = { name: spec.name, args: [...args] };
  const servers = run.topology.ids('server');
  const answers = await run.activity.during(() =>
    Promise.all(
      servers.map((server) => askServer(run, server, 'command', order, { line: report.line })),
    ),
  );
  const lines = answers.flatMap(({ result }) => result?.lines ?? []);
  if (spec.prints !== 'nothing') report.print(lines, { command: spec.name, lines });
  for (const [index, { error }] of answers.entries()) {
    if (error !== undefined)
      report.outcome(error.code, `server ${servers[index]}: ${error.message}`);
  }
}
