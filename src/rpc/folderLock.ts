// Ensures that one process at a time uses a folder. Each process creates a file named after itself,
// then looks for the files of others. If two do this concurrently, at least one sees the other, so
// never both continue. The file of a dead process is ignored. A process in another pid namespace
// cannot be checked from here, so its file counts as held.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { LogError, toLogError } from '../log/logError.ts';
import { toDiskError } from './nodeDisk.ts';

/** A name without a namespace, written by an older version, is treated as one of this namespace. */
const LOCK = /^lock-([1-9][0-9]*)-([0-9]+)-([0-9a-f]+)(?:-([0-9]+))?$/;
const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export function isLock(name: string): boolean {
  return LOCK.test(name);
}

interface Holder {
  readonly pid: number;
  /** When the process began, in the system's own unit; 0 if the system does not report it. */
  readonly start: string;
  /** Identifies the boot of the machine. */
  readonly boot: string;
  /** Identifies the pid namespace of `pid`; 0 if the system has none. */
  readonly space: string;
}

/**
 * Locks the folder for this process; the result unlocks it, once. Throws LogError E_LOG_LOCKED
 * while another process that is alive, or may be, holds the lock, or if this process does.
 */
export function lockFolder(path: string): () => void {
  const own = ownHolder();
  const file = join(path, nameOf(own));
  try {
    closeSync(openSync(file, EXCLUSIVE, 0o600));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new LogError('E_LOG_LOCKED', `${path}: taken by this process`);
    throw toLogError(toDiskError(error as NodeJS.ErrnoException, path));
  }
  try {
    for (const [other, holder] of locksIn(path)) {
      if (other === file) continue;
      if (mayBeAlive(holder, own)) throw inUse(path, other, holder, own);
      removeStale(other);
    }
  } catch (error) {
    unlinkSync(file);
    throw error;
  }
  let isHeld = true;
  return () => {
    // This process may have locked it again since, under the same name.
    if (isHeld) removeStale(file);
    isHeld = false;
  };
}

/**
 * Removes the locks of processes that are known to be dead. A process in another pid namespace
 * could not find that out.
 */
export function clearStaleLocks(path: string): void {
  const own = ownHolder();
  for (const [file, holder] of locksIn(path)) if (!mayBeAlive(holder, own)) removeStale(file);
}

function ownHolder(): Holder {
  const { pid } = process;
  return { pid, start: startOf(pid) ?? '0', boot: bootName(), space: spaceName() };
}

function nameOf({ pid, start, boot, space }: Holder): string {
  return `lock-${pid}-${start}-${boot}-${space}`;
}

function parse(name: string): Holder | undefined {
  const [, pid, start, boot, space = spaceName()] = LOCK.exec(name) ?? [];
  if (pid === undefined || start === undefined || boot === undefined) return undefined;
  return { pid: Number(pid), start, boot, space };
}

/** The paths of the locks in a folder, with their holders. Throws if a lock is not a plain file. */
function locksIn(path: string): [string, Holder][] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry): [string, Holder][] => {
    const holder = parse(entry.name);
    if (holder === undefined) return [];
    const file = join(path, entry.name);
    if (!entry.isFile()) throw new LogError('E_LOG_NOT_FILE', `${file}: not a plain file`);
    return [[file, holder]];
  });
}

/** Another process may remove it at the same time. */
function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** A pid may be reused; the start time distinguishes two processes with the same pid. */
function mayBeAlive({ pid, start, boot, space }: Holder, own: Holder): boolean {
  if (boot !== own.boot) return false;
  // In another namespace the same pid means another process, or none.
  if (space !== own.space) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined ? start === '0' : now === start;
}

function inUse(path: string, lock: string, { pid, space }: Holder, own: Holder): LogError {
  if (space === own.space) {
    return new LogError('E_LOG_LOCKED', `${path}: in use by process ${pid}`);
  }
  const who = `process ${pid} in another pid namespace has it or left it behind`;
  return new LogError('E_LOG_LOCKED', `${path}: ${who}; if that is gone, remove ${lock}`);
}

/**
 * The start time: field 22 of Linux's /proc/PID/stat. Undefined on other systems, and for a process
 * that is dead or a zombie.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may contain anything; the fields after it contain no parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function bootName(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
    return createHash('sha256').update(id).digest('hex').slice(0, 8);
  } catch {
    return '0';
  }
}

/** The number in a link such as `pid:[4026531836]`. */
function spaceName(): string {
  try {
    return /[0-9]+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
