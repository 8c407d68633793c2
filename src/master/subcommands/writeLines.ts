// Writes many lines to a file or to stdout without holding them all.
import { closeSync, openSync, writeSync } from 'node:fs';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Output } from '../output.ts';

const GATHERED_CHARACTERS = 64 * 1024;

/** Replaces the file. Throws EnvironmentError. */
export function writeLinesToFile(path: string, lines: Iterable<string>): void {
  try {
    const descriptor = openSync(path, 'w');
    try {
      for (const part of gather(lines)) writeAll(descriptor, Buffer.from(part));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
  }
}

/** Waits for a slow reader; stops when `isInterrupted` returns true. */
export async function writeLinesToStdout(
  output: Output,
  lines: Iterable<string>,
  isInterrupted: () => boolean,
): Promise<void> {
  for (const part of gather(lines)) {
    if (isInterrupted()) return;
    output.answer(part);
    await output.ready();
  }
}

function* gather(lines: Iterable<string>): Generator<string> {
  let gathered: string[] = [];
  let characters = 0;
  for (const line of lines) {
    gathered.push(line, '\n');
    characters += line.length + 1;
    if (characters < GATHERED_CHARACTERS) continue;
    yield gathered.join('');
    gathered = [];
    characters = 0;
  }
  if (characters > 0) yield gathered.join('');
}

function writeAll(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
