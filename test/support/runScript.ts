// Runs a script against a FakeCluster and returns its output.

import type { Operation } from '../../src/kernel/history.ts';
import { completeOptions, type Options } from '../../src/kernel/protocol.ts';
import type { Arrivals } from '../../src/language/arrivals.ts';
import { CommandTable } from '../../src/language/commandTable.ts';
import { Interpreter } from '../../src/language/interpreter.ts';
import { readLines } from '../../src/language/lines.ts';
import { Report } from '../../src/language/report.ts';
import { Run } from '../../src/language/run.ts';
import { FakeCluster } from './fakeCluster.ts';
import { other, plain } from './tinyProtocols.ts';

export interface ScriptSetup {
  readonly cluster?: FakeCluster;
  readonly isStrict?: boolean;
  readonly isTyped?: boolean;
  readonly arrivals?: Arrivals;
  readonly isJson?: boolean;
  readonly isQuiet?: boolean;
  readonly seed?: number;
}

export interface ScriptResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly badLineCount: number;
  readonly isOver: boolean;
  /** Of all checks and expectations. */
  readonly outcome: 'holds' | 'broken' | 'undecided';
  readonly cluster: FakeCluster;
  readonly history: readonly Operation[];
  /** The setup of each world that was built. */
  readonly worlds: readonly { protocol: string; options: Options }[];
}

export async function* inChunks(...chunks: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** `script` is the script's text, or its bytes in chunks. */
export async function runScript(
  script: string | AsyncIterable<Uint8Array>,
  setup: ScriptSetup = {},
): Promise<ScriptResult> {
  const { cluster = new FakeCluster(), isStrict = false, isJson = false, isQuiet = false } = setup;
  const { isTyped = false, arrivals } = setup;
  const said = { stdout: '', stderr: '' };
  const sink = {
    answer: (text: string) => {
      said.stdout += text;
    },
    diagnostic: (text: string) => {
      said.stderr += text;
    },
  };
  const report = new Report(sink, { isJson, isQuiet }, 'stdin');
  const worlds: { protocol: string; options: Options }[] = [];
  const history: Operation[] = [];
  const run = new Run({
    createCluster: async (protocol, options) => {
      worlds.push({ protocol: protocol.name, options });
      return cluster;
    },
    protocols: [plain, other],
    protocol: plain,
    options: completeOptions(plain, {}),
    seed: setup.seed ?? 1,
    report,
    onOperation: (operation) => history.push(operation as Operation),
  });
  const table = new CommandTable([plain, other]);
  const parts = { run, table, report, isStrict, isTyped };
  const interpreter = new Interpreter({ ...parts, ...(arrivals && { arrivals }) });
  for await (const lines of readLines(typeof script === 'string' ? inChunks(script) : script)) {
    for (const line of lines) await interpreter.do(line);
    if (interpreter.isOver) break;
  }
  await interpreter.settle();
  interpreter.end();
  await run.quiesce();
  const { badLineCount, isOver } = interpreter;
  return { ...said, badLineCount, isOver, outcome: run.history.outcome, cluster, history, worlds };
}
