// Reads a file as a whole, up to a size.
import { EnvironmentError } from '../kernel/cluster.ts';
import { readable } from './execute.ts';
import { fileBytes } from './fileBytes.ts';

/** Beyond it a file is refused: a device may have no end. */
export const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Other tasks go on while it waits for a pipe. Throws EnvironmentError E_IO if the file cannot be
 * read, or has more than MOST_BYTES.
 */
export async function readWhole(path: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of readable({ name: path, bytes: fileBytes(path) })) {
    size += part.length;
    if (size > MOST_BYTES) throw tooLarge(path);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export function tooLarge(path: string): EnvironmentError {
  return new EnvironmentError('E_IO', `${path}: more than ${MOST_BYTES} bytes`);
}

/** The bytes of a script that was read. */
export async function* inOneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
