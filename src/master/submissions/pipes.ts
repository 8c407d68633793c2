// Pipes for the standard streams of a master. Those that Node makes are sockets, which a program
// cannot open by their names: `cat /dev/stdin` and `echo x >/dev/stderr` fail with them.
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, realpathSync, writeFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { EnvironmentError } from '../../kernel/cluster.ts';

export interface MasterPipes {
  /** For the program: its standard input, output and error. */
  readonly descriptors: readonly [number, number, number];
  /** The real paths of the pipes of its output. */
  readonly paths: readonly string[];
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Closes the program's ends in this process, after the program has started. */
  closeEnds(): void;
}

/** `folder` gets a file and two pipes. Throws EnvironmentError E_IO if they cannot be made. */
export function createPipes(folder: string, input: string): MasterPipes {
  const [stdin, stdout, stderr] = ['stdin', 'stdout', 'stderr'].map((name) => join(folder, name));
  writeFileSync(stdin as string, input);
  const paths = [stdout as string, stderr as string];
  try {
    execFileSync('mkfifo', paths);
  } catch (error) {
    throw new EnvironmentError('E_IO', `mkfifo: ${(error as Error).message}`);
  }
  const readers = paths.map(openReader);
  const ends = [openSync(stdin as string, 'r'), ...paths.map((path) => openSync(path, 'w'))];
  return {
    paths: paths.map((path) => realpathSync(path)),
    descriptors: ends as [number, number, number],
    stdout: readers[0] as Readable,
    stderr: readers[1] as Readable,
    closeEnds: () => ends.forEach(closeSync),
  };
}

/** To open it waits for no writer. */
function openReader(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
