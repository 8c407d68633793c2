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
}

/** A run that can be played once. */
export interface Play {
  readonly run: Run;
  readonly interpreter: Interpreter;
  /** Does the whole script. Rejects if the run cannot go on. */
  play(): Promise<void>;
  /** The world; undefined before it exists. */
  readonly cluster: SimCluster | undefined;
}

/** Throws if `source.faults` are none. */
export function prepare(source: RunSource, listeners: Listeners): Play {
  const { name: title = 'script', sink, trace, onOperation, onFinding, nextTurn } = listeners;
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
    play: () => interpret(source.script, interpreter, run),
    get cluster() {
      return cluster;
    },
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
