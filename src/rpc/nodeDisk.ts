// A folder of the machine's disk. Names come only from this program, links are not followed, and a
// file that is not plain is refused before anything is read from it.
import {
  close,
  constants,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  open,
  read,
  readdir,
  rename,
  type Stats,
  unlink,
  write,
} from 'node:fs';
import { join } from 'node:path';
import { type Disk, DiskError, type DiskFile } from '../log/disk.ts';

/** Without O_NONBLOCK, opening a pipe would wait for its other end. */
const OPEN = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = OPEN | constants.O_CREAT | constants.O_EXCL;
const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY;

/** The system's error codes for a link, a folder or a socket in place of a file. */
const NOT_FILE = new Set(['ELOOP', 'EISDIR', 'ENXIO']);

type Failure = NodeJS.ErrnoException | null;

/** The callback functions of node:fs take a third less time than the promise functions. */
function attempt<T>(
  path: string,
  start: (done: (error: Failure, value?: T) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error === null) resolve(value as T);
      else reject(toDiskError(error, path));
    });
  });
}

export function toDiskError(
  { code = 'EIO', message }: NodeJS.ErrnoException,
  path: string,
): DiskError {
  if (NOT_FILE.has(code)) return new DiskError('NOT_FILE', `${path}: not a plain file`);
  return new DiskError(code, `${path}: ${message}`);
}

export function createNodeDisk(path: string): Disk {
  const openAt = async (name: string, flags: number): Promise<DiskFile> => {
    const full = join(path, name);
    const descriptor = await attempt<number>(full, (done) => open(full, flags, 0o600, done));
    const stats = await attempt<Stats>(full, (done) => fstat(descriptor, done));
    if (stats.isFile()) return createFile(full, descriptor, stats.size);
    await attempt(full, (done) => close(descriptor, done));
    throw new DiskError('NOT_FILE', `${full}: not a plain file`);
  };
  return {
    path,
    list: () => attempt(path, (done) => readdir(path, done)),
    open: (name) => openAt(name, OPEN),
    create: (name) => openAt(name, CREATE),
    rename: (from, to) =>
      attempt(join(path, from), (done) => rename(join(path, from), join(path, to), done)),
    remove: (name) => attempt(join(path, name), (done) => unlink(join(path, name), done)),
    syncFolder: () => syncFolder(path),
  };
}

/** Makes the names in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await attempt<number>(path, (done) => open(path, OPEN_FOLDER, done));
  try {
    await attempt<void>(path, (done) => fsync(folder, done));
  } finally {
    await attempt<void>(path, (done) => close(folder, done));
  }
}

function createFile(path: string, descriptor: number, sizeAtFirst: number): DiskFile {
  let size = sizeAtFirst;
  const writeSome = (bytes: Uint8Array, from: number, position: number): Promise<number> =>
    attempt(path, (done) =>
      write(descriptor, bytes, from, bytes.length - from, position + from, done),
    );
  return {
    get size() {
      return size;
    },
    read: async (position, length) => {
      const bytes = Buffer.allocUnsafe(Math.min(length, Math.max(0, size - position)));
      let filled = 0;
      while (filled < bytes.length) {
        const begin = filled;
        const count = await attempt<number>(path, (done) =>
          read(descriptor, bytes, begin, bytes.length - begin, position + begin, done),
        );
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    },
    write: async (position, bytes) => {
      for (let done = 0; done < bytes.length; ) done += await writeSome(bytes, done, position);
      size = Math.max(size, position + bytes.length);
    },
    sync: () => attempt(path, (done) => fdatasync(descriptor, done)),
    truncate: async (length) => {
      await attempt(path, (done) => ftruncate(descriptor, length, done));
      size = length;
    },
    close: () => attempt(path, (done) => close(descriptor, done)),
  };
}
