// Runs a script on real programs, by the code path of the command line.
import { spawnSync } from 'node:child_process';
import { ENGINES } from '../../src/engines/registry.ts';
import { Interruption } from '../../src/master/interruption.ts';
import { runProgram } from '../../src/master/program.ts';
import { PROTOCOLS } from '../../src/protocols/registry.ts';
import { Collector, createInput } from '../support/streams.ts';

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `words` are options of the command line. */
export async function runNodes(script: string, words: readonly string[] = []): Promise<Ran> {
  const [stdout, stderr] = [new Collector(), new Collector()];
  const status = await runProgram({
    ...{ words, protocols: [...PROTOCOLS, ...ENGINES], stdin: createInput(script), stdout, stderr },
    interruption: new Interruption(),
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Whether a program is there; a test says so if it does not run without it. */
export function hasProgram(name: string, ...args: string[]): boolean {
  const isThere = spawnSync(name, args, { stdio: 'ignore' }).status === 0;
  if (!isThere) process.stderr.write(`tests that need ${name} do not run: it is not there\n`);
  return isThere;
}

export const LOCAL = 'python3 examples/nodes/python/local.py';
export const MAJORITY = 'python3 examples/nodes/python/majority.py';

/** The lines that start three servers, and client 5 at server 0, 6 at server 1. */
export function cluster(command: string, options = ''): string {
  return [
    `protocol nodes nodes=0,1,2 ${options} command=${command}`,
    ...['joinServer 0', 'joinServer 1', 'joinServer 2', 'joinClient 5 0', 'joinClient 6 1', ''],
  ].join('\n');
}
