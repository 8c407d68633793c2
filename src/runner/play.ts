// Plays a script in simulation: the world, the interpreter and what hears of the run.

import { ENGINE_DESIGNS } from '../engines/designs.ts';
import { completeOptions, type Design, type Options } from '../kernel/design.ts';
import type { Recorded } from '../kernel/history.ts';
import { asProtocol, isProtocol, type Protocol } from '../kernel/protocol.ts';
import type { TraceSink } from '../kernel/trace.ts';
import { tellReal } from '../language/choice.ts';
import { CommandTable } from '../language/commandTable.ts';
import type { Finding } from '../language/finding.ts';
import { Interpreter } from '../language/interpreter.ts';
import { readLines } from '../language/lines.ts';
import { Report, type Sink } from '../language/report.ts';
import { Run } from '../language/run.ts';
import { PROTOCOLS } from '../protocols/registry.ts';
import { parseFaults } from '../sim/faultText.ts';
import type { NextTurn } from '../sim/scheduler.ts';
import type { SimCluster } from '../sim/simCluster.ts';
import { createSimCluster } from '../sim/world.ts';
import type { RunSource } from './source.ts';
import type { StopSignal } from './stopSignal.ts';

const USUAL = PROTOCOLS[0] as Protocol;
/** Engines too, which a script may name: they are refused with a sentence. */
const DESIGNS = [...PROTOCOLS, ...ENGINE_DESIGNS];
export const TABLE = new CommandTable(DESIGNS);

/** What hears of a run while it goes on. */
export interface Listeners {
  /** The script's name in diagnostics. */
  readonly name?: string;
  readonly sink: Sink;
  readonly trace: TraceSink;
  readonly onOperation?: (operation: Recorded) => void;
  readonly onFinding?: (finding: Finding) => void;
  readonly nextTurn?: NextTurn;
  readonly signal?: StopSignal;
}

/** A run that can be played once. */
export interface Play {
  readonly run: Run;
  readonly interpreter: Interpreter;
  /** Does the whole script. Rejects if the run cannot go on, and with the reason of the signal. */
  play(): Promise<void>;
  /** The world; undefined before it exists. */
  readonly cluster: SimCluster | undefined;
}

/** Throws if `source.faults` are none. */
export function prepare(source: RunSource, listeners: Listeners): Play {
  const {
    name: title = 'script',
    sink,
    trace,
    onOperation,
    onFinding,
    nextTurn,
    signal,
  } = listeners;
  const style = { isJson: false, isQuiet: false, ...(onFinding && { onFinding }) };
  const report = new Report(sink, style, title);
  const faults = source.faults === '' ? undefined : parseFaults(source.faults);
  /** That of the script; an earlier one was given up when the script chose its protocol. */
  let cluster: SimCluster | undefined;
  const createCluster = async (chosen: Design, options: Options): Promise<SimCluster> => {
    cluster = createSimCluster({
      ...{ protocol: asProtocol(chosen), options, seed: source.seed, trace },
      note: (text) => report.note(text),
      warn: (text) => report.warn(text),
      ...(faults && { faults }),
      ...(nextTurn && { nextTurn }),
    });
    return cluster;
  };
  const protocol = PROTOCOLS.find(({ name }) => name === source.protocol) ?? USUAL;
  const run = new Run({
    ...{ createCluster, protocols: DESIGNS, protocol, seed: source.seed, report },
    options: completeOptions(protocol, {}),
    whyNot: (chosen) => (isProtocol(chosen) ? undefined : tellReal(chosen)),
    ...(onOperation && { onOperation }),
  });
  const interpreter = new Interpreter({ run, table: TABLE, report, isStrict: false });
  return {
    run,
    interpreter,
    play: () => untilStopped(signal, run, () => interpret(source.script, interpreter, signal)),
    get cluster() {
      return cluster;
    },
  };
}

/** A line under way ends early when the signal comes. */
async function untilStopped(
  signal: StopSignal | undefined,
  run: Run,
  task: () => Promise<void>,
): Promise<void> {
  const hurry = (): void => run.haste.hurry();
  signal?.addEventListener('abort', hurry);
  try {
    await task();
    await run.quiesce();
  } finally {
    signal?.removeEventListener('abort', hurry);
  }
}

async function interpret(
  script: string,
  interpreter: Interpreter,
  signal: StopSignal | undefined,
): Promise<void> {
  for await (const lines of readLines(once(new TextEncoder().encode(script)))) {
    for (const line of lines) {
      if (signal?.aborted) throw signal.reason;
      await interpreter.do(line);
    }
  }
  if (signal?.aborted) throw signal.reason;
  interpreter.end();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
