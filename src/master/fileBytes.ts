// The bytes of a file that a user has named, which may be a named pipe.
import { closeSync, constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * The file is opened only when its bytes are read. A named pipe is waited for in the event loop:
 * the open of a pipe without a writer would block a thread, and the process could not exit then.
 */
export async function* fileBytes(path: string, chunkBytes?: number): AsyncGenerator<Uint8Array> {
  const pipe = openPipe(path);
  yield* pipe ?? createReadStream(path, { highWaterMark: chunkBytes });
}

/** Undefined if the file is no named pipe, or cannot be opened. */
function openPipe(path: string): Socket | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
  closeSync(fd);
  return undefined;
}
