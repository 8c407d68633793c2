// One process at a time on one folder. Each puts a file there that is named after itself, and then
// looks for those of others: of two that come at once at least one sees the other, so never both go
// on. The file of a process that is gone means nothing, however it ended; but of another pid
// namespace, a container's, nobody can tell whether a process is gone.
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { LogError } from '../log/logError.ts';

const LOCK = /^lock-([1-9][0-9]*)-([0-9]+)-([0-9a-f]+)-([0-9]+)$/;
const EXCLUSIVE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

interface Holder {
  readonly pid: number;
  /** When it began, in the system's own unit; 0 where the system does not tell. */
  readonly start: string;
  /** Names the time since the machine was last started. */
  readonly boot: string;
  /** Names the namespace that its number is one of; 0 where there are none. */
  readonly namespace: string;
}

/**
 * Takes the folder for this process; the result gives it back, once. Throws LogError E_LOG_LOCKED
 * while another living process has it. Within one process a folder can be taken once.
 */
export function lockFolder(path: string): () => void {
  const own = holderHere();
  const file = nameOf(own);
  try {
    closeSync(openSync(join(path, file), EXCLUSIVE, 0o600));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new LogError('E_LOG_LOCKED', `${path}: taken by this process`);
    throw new LogError('E_IO', `${path}: ${message}`);
  }
  try {
    for (const name of readdirSync(path)) {
      const holder = name === file ? undefined : parse(name);
      if (holder !== undefined) assertGone(path, name, holder, own);
    }
  } catch (error) {
    removeStale(join(path, file));
    throw error;
  }
  let isHeld = true;
  return () => {
    // Somebody in this process may have taken it since, under the same name.
    if (isHeld) removeStale(join(path, file));
    isHeld = false;
  };
}

function holderHere(): Holder {
  const { pid } = process;
  return { pid, start: startOf(pid) ?? '0', boot: bootName(), namespace: namespaceName() };
}

/** Removes what a process that is gone has left; throws a LogError for what is still held. */
function assertGone(path: string, name: string, holder: Holder, own: Holder): void {
  const file = join(path, name);
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile()) {
    throw new LogError('E_LOG_NOT_FILE', `${file}: not a file, and named like a lock`);
  }
  if (holder.boot === own.boot && holder.namespace !== own.namespace) {
    const who = `process ${holder.pid} of another container or pid namespace`;
    throw new LogError(
      'E_LOG_LOCKED',
      `${path}: in use by ${who}; if that is gone, remove ${file}`,
    );
  }
  if (isAlive(holder, own.boot)) {
    throw new LogError('E_LOG_LOCKED', `${path}: in use by process ${holder.pid}`);
  }
  removeStale(file);
}

function nameOf({ pid, start, boot, namespace }: Holder): string {
  return `lock-${pid}-${start}-${boot}-${namespace}`;
}

function parse(name: string): Holder | undefined {
  const [, pid, start, boot, namespace] = LOCK.exec(name) ?? [];
  if (pid === undefined || start === undefined || boot === undefined || namespace === undefined) {
    return undefined;
  }
  return { pid: Number(pid), start, boot, namespace };
}

/** Somebody else may remove it at the same time. */
function removeStale(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Numbers of processes come again; the moment at which one began tells two of them apart. */
function isAlive({ pid, start, boot }: Holder, thisBoot: string): boolean {
  if (boot !== thisBoot) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = startOf(pid);
  return now === undefined ? start === '0' : now === start;
}

/**
 * Field 22 of Linux's /proc/PID/stat; undefined elsewhere, and for a process that is gone or only
 * waits for its parent to take notice.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the fields behind it hold no parenthesis.
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

/** The number in `pid:[4026531836]`. */
function namespaceName(): string {
  try {
    return /[0-9]+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}
