// Runs a script in simulation, and collects all that a page shows of it.
import type { Recorded } from '../../kernel/history.ts';
import { completeOptions, type Options, type Protocol } from '../../kernel/protocol.ts';
import type { TraceEvent, TraceSink } from '../../kernel/trace.ts';
import { CommandTable } from '../../language/commandTable.ts';
import { Interpreter } from '../../language/interpreter.ts';
import { readLines } from '../../language/lines.ts';
import { Report, type Sink } from '../../language/report.ts';
import { Run } from '../../language/run.ts';
import { PROTOCOLS } from '../../protocols/registry.ts';
import { parseFaults } from '../../sim/faultText.ts';
import type { NextTurn } from '../../sim/scheduler.ts';
import type { SimCluster } from '../../sim/simCluster.ts';
import { createSimCluster } from '../../sim/world.ts';
import type { Look, RunSource, RunView, SaidText } from '../view.ts';
import { lookAtNodes, type States } from './lookAtNodes.ts';
import { Samples } from './samples.ts';
import { hookTurns } from './turnHook.ts';
import { toVerdict } from './verdict.ts';

/** The script's name in diagnostics. */
const NAME = 'script';

const USUAL = PROTOCOLS[0] as Protocol;
export const TABLE = new CommandTable(PROTOCOLS);

/** Never rejects for anything that a script can do: a failure is part of the view. */
export async function runScript(source: RunSource, nextTurn?: NextTurn): Promise<RunView> {
  const said: SaidText[] = [];
  const events: TraceEvent[] = [];
  const history: Recorded[] = [];
  const say = (stream: SaidText['stream'], text: string, line: number | undefined): void => {
    said.push({ stream, text: text.replace(/\n$/, ''), ...(line !== undefined && { line }) });
  };
  const samples = new Samples<Promise<States>>();
  const play = prepare(source, {
    sink: {
      answer: (text, line) => say('answer', text, line),
      diagnostic: (text, line) => say('diagnostic', text, line),
    },
    trace: (event) => events.push(event),
    onOperation: (operation) => history.push(operation),
    nextTurn: hookTurns(nextTurn, () => {
      const states = samples.isDue(events.length) ? play.look() : undefined;
      if (states !== undefined) samples.add(events.length, states);
    }),
  });
  let failure: string | undefined;
  const looks: Look[] = [];
  try {
    await play.play();
    for (const { cursor, sample } of samples.kept) looks.push({ cursor, ...(await sample) });
    const look = await play.look();
    if (look !== undefined) looks.push({ cursor: events.length, ...look });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { run } = play;
  const verdict = toVerdict(await run.history.judge([]), history);
  await run.stop();
  const { protocol, options } = run;
  return {
    ...{ source, world: 'simulation', protocol: protocol.name, options },
    // A simulated disk begins empty, so nothing of an earlier run is on it.
    ...{ said, events, history, earlier: [], verdict, looks },
    ...(failure !== undefined && { failure }),
  };
}

/** What hears of a run while it goes on. */
export interface Listeners {
  readonly sink: Sink;
  readonly trace: TraceSink;
  readonly onOperation?: (operation: Recorded) => void;
  readonly nextTurn?: NextTurn;
}

/** A run that can be played once. */
export interface Play {
  readonly run: Run;
  /** Does the whole script. Rejects if the run cannot go on. */
  play(): Promise<void>;
  /**
   * The states now: no event, so it changes nothing. They are read before this returns. Undefined
   * before there is a world.
   */
  look(): Promise<States> | undefined;
  /** Lets code outside the simulation run freely until the next event. */
  rest(): void;
  /** Ends the run where it stands: `play` rejects with `why`. */
  halt(why: Error): void;
}

export function prepare(source: RunSource, listeners: Listeners): Play {
  const { sink, trace, onOperation, nextTurn } = listeners;
  const report = new Report(sink, { isJson: false, isQuiet: false }, NAME);
  const faults = source.faults === '' ? undefined : parseFaults(source.faults);
  /** That of the script; an earlier one was given up when the script chose its protocol. */
  let cluster: SimCluster | undefined;
  const createCluster = async (chosen: Protocol, options: Options): Promise<SimCluster> => {
    cluster = createSimCluster({
      ...{ protocol: chosen, options, seed: source.seed, trace },
      note: (text) => report.note(text),
      warn: (text) => report.warn(text),
      ...(faults && { faults }),
      ...(nextTurn && { nextTurn }),
    });
    return cluster;
  };
  const protocol = PROTOCOLS.find(({ name }) => name === source.protocol) ?? USUAL;
  const run = new Run({
    ...{ createCluster, protocols: PROTOCOLS, protocol, seed: source.seed, report },
    options: completeOptions(protocol, {}),
    ...(onOperation && { onOperation }),
  });
  const interpreter = new Interpreter({ run, table: TABLE, report, isStrict: false });
  return {
    run,
    play: () => interpret(source.script, interpreter, run),
    look: () => cluster && lookAtNodes(cluster),
    rest: () => cluster?.rest(),
    halt: (why) => cluster?.halt(why),
  };
}

async function interpret(script: string, interpreter: Interpreter, run: Run): Promise<void> {
  for await (const lines of readLines(once(new TextEncoder().encode(script)))) {
    for (const line of lines) await interpreter.do(line);
  }
  interpreter.end();
  await run.quiesce();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
