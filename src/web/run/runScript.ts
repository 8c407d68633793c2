// Runs a script in simulation, and collects all that a page shows of it.
import type { Recorded } from '../../kernel/history.ts';
import type { Inspection } from '../../kernel/inspection.ts';
import { completeOptions, type Options, type Protocol } from '../../kernel/protocol.ts';
import type { TraceEvent } from '../../kernel/trace.ts';
import { CommandTable } from '../../language/commandTable.ts';
import { Interpreter } from '../../language/interpreter.ts';
import { readLines } from '../../language/lines.ts';
import { Report } from '../../language/report.ts';
import { Run } from '../../language/run.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { parseFaults } from '../../sim/faultText.ts';
import type { NextTurn } from '../../sim/scheduler.ts';
import type { SimCluster } from '../../sim/simCluster.ts';
import { createSimCluster } from '../../sim/world.ts';
import type { Look, RunSource, RunView, SaidText, ServerLook } from '../view.ts';
import { toVerdict } from './verdict.ts';

/** The script's name in diagnostics. */
const NAME = 'script';

const USUAL = PROTOCOLS[0] as Protocol;
export const TABLE = new CommandTable(PROTOCOLS);

export interface Watcher {
  /** Called after each event of the simulation, when its consequences are over. */
  readonly stepped?: (cursor: number, cluster: SimCluster) => void;
}

/** Never rejects for anything that a script can do: a failure is part of the view. */
export async function runScript(
  source: RunSource,
  nextTurn?: NextTurn,
  watcher: Watcher = {},
): Promise<RunView> {
  const record = new Record();
  const { run, interpreter, clusters } = prepare(source, record, { nextTurn, watcher });
  let failure: string | undefined;
  const looks: Look[] = [];
  try {
    const bytes = new TextEncoder().encode(source.script);
    for await (const lines of readLines(once(bytes))) {
      for (const line of lines) await interpreter.do(line);
    }
    interpreter.end();
    await run.quiesce();
    const cluster = clusters.at(-1);
    if (cluster !== undefined) looks.push(await lookNow(record.events.length, cluster));
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { said, events, history } = record;
  const verdict = toVerdict(await run.history.judge([]), history);
  await run.stop();
  const { protocol, options } = run;
  return {
    ...{ source, world: 'simulation', protocol: protocol.name, options },
    ...{ said, events, history, verdict, looks },
    ...(failure !== undefined && { failure }),
  };
}

/** What a run gives while it goes on. */
class Record {
  readonly said: SaidText[] = [];
  readonly events: TraceEvent[] = [];
  readonly history: Recorded[] = [];

  say(stream: SaidText['stream'], text: string, line: number | undefined): void {
    this.said.push({ stream, text: text.replace(/\n$/, ''), ...(line !== undefined && { line }) });
  }
}

interface Means {
  readonly nextTurn: NextTurn | undefined;
  readonly watcher: Watcher;
}

function prepare(source: RunSource, record: Record, { nextTurn, watcher: { stepped } }: Means) {
  const sink = {
    answer: (text: string, line?: number) => record.say('answer', text, line),
    diagnostic: (text: string, line?: number) => record.say('diagnostic', text, line),
  };
  const report = new Report(sink, { isJson: false, isQuiet: false }, NAME);
  const faults = source.faults === '' ? undefined : parseFaults(source.faults);
  /** The last one is that of the script; earlier ones were given up when it chose its protocol. */
  const clusters: SimCluster[] = [];
  const createCluster = async (chosen: Protocol, options: Options): Promise<SimCluster> => {
    const cluster: SimCluster = createSimCluster({
      protocol: stepped ? watched(chosen, () => stepped(record.events.length, cluster)) : chosen,
      options,
      seed: source.seed,
      checkInvariants: stepped !== undefined,
      trace: (event) => record.events.push(event),
      note: (text) => report.note(text),
      warn: (text) => report.warn(text),
      ...(faults && { faults }),
      ...(nextTurn && { nextTurn }),
    });
    clusters.push(cluster);
    return cluster;
  };
  const protocol = PROTOCOLS.find(({ name }) => name === source.protocol) ?? USUAL;
  const run = new Run({
    ...{ createCluster, protocols: PROTOCOLS, protocol, seed: source.seed, report },
    options: completeOptions(protocol, {}),
    onOperation: (operation) => record.history.push(operation),
  });
  const interpreter = new Interpreter({ run, table: TABLE, report, isStrict: false });
  return { run, interpreter, clusters };
}

/** The states of all live servers, without an event: a look changes nothing. */
export function lookAtServers(cluster: SimCluster): ServerLook[] {
  const servers = cluster.living().filter(({ role }) => role === 'server');
  return servers
    .map(({ life: { id } }) => {
      const { state } = cluster.look(id, 'inspect', {}) as { state: Inspection };
      return { id, state };
    })
    .sort((a, b) => a.id - b.id);
}

async function lookNow(cursor: number, cluster: SimCluster): Promise<Look> {
  const servers = lookAtServers(cluster);
  const service = await cluster.service.inspect().catch(() => null);
  return { cursor, servers, service: service as Inspection | null };
}

/** The protocol, with `stepped` in place of its invariants. */
function watched(protocol: Protocol, stepped: () => void): Protocol {
  const createInvariants = () => ({ changed: stepped, stabilizing() {}, stabilized() {} });
  return { ...protocol, createInvariants };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
