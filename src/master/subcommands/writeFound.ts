// Where `fuzz` leaves the script that it has found.
import { accessSync, closeSync, constants, existsSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Output } from '../output.ts';

/** Fails before the search rather than after it. An existing file is left unchanged. */
export function assertWritable(path: string | undefined): void {
  if (path === undefined) return;
  try {
    if (existsSync(path)) closeSync(openSync(path, 'r+'));
    else accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw toEnvironmentError(error, path);
  }
}

/**
 * Writes the script to stdout if no path is given. If the file cannot be written, the script is on
 * stdout, since it must not be lost after all that work; then it throws an EnvironmentError.
 */
export function writeFound(text: string, path: string | undefined, output: Output): void {
  if (path === undefined) {
    output.answer(text);
    return;
  }
  try {
    writeFileSync(path, text);
  } catch (error) {
    output.answer(text);
    throw toEnvironmentError(error, path);
  }
}

function toEnvironmentError(error: unknown, path: string): EnvironmentError {
  return new EnvironmentError('E_IO', `${path}: ${(error as Error).message}`);
}
