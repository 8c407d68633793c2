// Another program for the same assignment, where there is one: PEER names a folder with an
// executable `master`, built, that reads a script on its standard input and starts what it needs.
// https://github.com/p-kar/pskDB is one, in Go.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Outcome {
  readonly tookMs: number;
  /** How many entries of stores it has printed. */
  readonly entries: number;
}

/** An entry of a store as these programs print it: `key7:value7`, also with blanks. */
const ENTRY = /^\s*key(\d+)\s*:\s*value\1\s*$/gm;

/** The folder, or undefined if there is no such program. */
export function findPeer(): string | undefined {
  const folder = process.env.PEER;
  return folder !== undefined && existsSync(join(folder, 'master')) ? folder : undefined;
}

/** Runs a script to the end of the program; then ends the processes that the program has left. */
export async function runPeer(folder: string, script: string): Promise<Outcome> {
  const begun = performance.now();
  const child = spawn('./master', [], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'ignore'],
    // A process group of its own: its processes outlive it.
    detached: true,
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = once(child, 'close');
  child.stdin.end(script);
  await once(child, 'exit');
  const tookMs = performance.now() - begun;
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  await closed;
  return { tookMs, entries: countEntries(text) };
}

export function countEntries(text: string): number {
  return text.match(ENTRY)?.length ?? 0;
}
