// `causeway serve [script]`: a run that browsers watch and step through while it goes on.
import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EnvironmentError } from '../../kernel/cluster.ts';
import { LineError } from '../../language/lineError.ts';
import { readLines, type ScriptLine } from '../../language/lines.ts';
import { RPC_LIMITS } from '../../rpc/limits.ts';
import { type Listener, openListener } from '../../rpc/listener.ts';
import { toSingleFile } from '../../web/file/document.ts';
import type { PageData } from '../../web/file/pageData.ts';
import { LiveLog } from '../../web/live/liveLog.ts';
import type { LivePart, Order, Progress } from '../../web/live/messages.ts';
import { addRunOptions, type GivenOptions, type Invocation, toInvocation } from '../commandLine.ts';
import type { Stage } from '../execute.ts';
import { fileBytes } from '../fileBytes.ts';
import { createLiveApp } from '../live/liveApp.ts';
import { LiveRun } from '../live/liveRun.ts';
import { readPageParts } from '../pageParts.ts';
import { pathArguments } from '../pathWords.ts';
import { parseOrSay } from '../reply.ts';
import { onStage, toFirstView } from '../staging.ts';
import type { SubcommandSetup } from '../subcommand.ts';

interface Request {
  readonly invocation: Invocation;
  /** 0 for one that the system picks. */
  readonly port: number;
  readonly exits: boolean;
}

const MOST_PORT = 65_535;
/** How long the end of the program waits for browsers that still read. */
const LAST_READ_MS = 1_000;

export async function runServe(setup: SubcommandSetup): Promise<number> {
  const { words, protocols, output, interruption } = setup;
  const request = parseOrSay(createCommand(), words, (parsed) => read(parsed, setup), output);
  if (typeof request === 'number') return request;
  const log = new LiveLog<LivePart>();
  const { invocation } = request;
  const staging = { invocation, words, protocols, output, interruption };
  return onStage({ ...staging, subcommand: 'serve', take: log.add }, (stage) =>
    serve(stage, request, log),
  );
}

function createCommand(): Command {
  const command = new Command('causeway serve')
    .description(
      'Runs a script step by step, as pages in a browser on this machine order, and shows them ' +
        'the run while it goes on. The address, with a secret, is printed on stderr. Without a ' +
        'script the lines are typed in the page.',
    )
    .addArgument(pathArguments('[script...]', 'one script'));
  return addRunOptions(command)
    .addOption(
      new Option('--port <n>', 'the port on 127.0.0.1; the system picks one if it is 0')
        .argParser(readPort)
        .default(0),
    )
    .option('--exit', 'end the run when every line of the script is done')
    .helpOption('-h, --help', 'show this')
    .exitOverride();
}

function read(parsed: Command, { protocols }: SubcommandSetup): Request {
  const given = parsed.opts<GivenOptions & { port: number; exit?: true }>();
  if (parsed.args.length > 1) throw new LineError('E_ARGS', 'serve runs one script');
  const invocation = toInvocation(given, parsed.args, protocols);
  return { invocation, port: given.port, exits: given.exit === true };
}

function readPort(text: string): number {
  if (/^(?:0|[1-9][0-9]{0,4})$/.test(text) && Number(text) <= MOST_PORT) return Number(text);
  throw new InvalidArgumentError(`A port is a whole number from 0 to ${MOST_PORT}.`);
}

async function serve(stage: Stage, request: Request, log: LiveLog<LivePart>): Promise<number> {
  const { invocation, exits } = request;
  const [path] = invocation.scripts;
  const { happened } = stage.interruption;
  const lines = path === undefined ? [] : await Promise.race([readScript(path), happened]);
  if (typeof lines === 'number') return lines;
  log.add({ part: 'begin', first: toFirstView(invocation) });
  for (const line of lines) stage.teller?.line(line);
  let progress: Progress = { done: 0, state: 'idle', isInBlock: false };
  const onProgress = (next: Progress): void => {
    progress = next;
    log.add({ part: 'progress', progress });
  };
  const run = new LiveRun({ stage, name: path ?? 'page', lines, exits, onProgress });
  const server = await open(request.port, log, run.order);
  // The address is all that is said, so it is said also with --quiet.
  stage.output.diagnostic(`causeway: live: ${server.address}\n`);
  try {
    return await run.go();
  } finally {
    onProgress({ ...progress, state: 'over' });
    await server.close();
  }
}

async function readScript(path: string): Promise<ScriptLine[]> {
  const all: ScriptLine[] = [];
  for await (const lines of readLines(fileBytes(path))) all.push(...lines);
  return all;
}

async function open(asked: number, log: LiveLog<LivePart>, onOrder: (order: Order) => void) {
  const token = randomBytes(32).toString('base64url');
  const data = JSON.stringify({ kind: 'live' } satisfies PageData);
  const page = toSingleFile({ title: 'Causeway: live', data, ...readPageParts() });
  const app = createLiveApp({ token, page, log, onOrder });
  const { server, port, setHandler } = await openListener(RPC_LIMITS, asked).catch((error) => {
    throw new EnvironmentError('E_IO', `port ${asked}: ${(error as Error).message}`);
  });
  setHandler({ serve: app.serve });
  return {
    address: `http://127.0.0.1:${port}/${token}/`,
    close: async () => {
      app.end();
      await closed(server);
    },
  };
}

/** Resolves when every connection has ended, or the time for that is over. */
async function closed(server: Listener['server']): Promise<void> {
  const timer = setTimeout(() => server.closeAllConnections(), LAST_READ_MS);
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  clearTimeout(timer);
}
