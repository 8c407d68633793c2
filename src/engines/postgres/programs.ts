// Where PostgreSQL's programs are, and as which user they run.
import { accessSync, constants, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../../kernel/cluster.ts';
import type { Owner } from '../../processes/foreignProgram.ts';

/** Debian keeps each version apart, and does not put its programs into PATH. */
const DEBIAN = '/usr/lib/postgresql';
const SERVER = 'postgres';

export const ADVICE =
  "Debian's package postgresql has it (the server of version 15 is in postgresql-15), and " +
  'binary=PATH names another one';

/**
 * The server, and the folder with `initdb` and `pg_basebackup`. `binary` is the path of the server
 * or of its folder, or a name. Throws an EnvironmentError.
 */
export function findPrograms(binary: string, path: string): { server: string; folder: string } {
  const places = binary.includes('/') ? [binary] : listPlaces(binary, path);
  for (const place of places) {
    const server = isFolder(place) ? join(place, SERVER) : place;
    if (isProgram(server)) return { server, folder: dirname(realpathSync(server)) };
  }
  const what = `cannot start PostgreSQL: ${binary}: there is no such program; ${ADVICE}`;
  throw new EnvironmentError('E_SPAWN', what);
}

function listPlaces(name: string, path: string): string[] {
  const folders = path.split(':').filter((folder) => folder.startsWith('/'));
  return [...folders, ...listDebian()].map((folder) => join(folder, name));
}

/** The newest version first. */
function listDebian(): string[] {
  try {
    const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN, version, 'bin'));
  } catch {
    return [];
  }
}

/** A place that this user may not see counts as none. */
function isFolder(path: string): boolean {
  return isAllowed(() => statSync(path).isDirectory());
}

function isProgram(path: string): boolean {
  return isAllowed(() => {
    accessSync(path, constants.X_OK);
    return !isFolder(path);
  });
}

function isAllowed(look: () => boolean): boolean {
  try {
    return look();
  } catch {
    return false;
  }
}

/** PostgreSQL refuses to run as root: then it runs as one of these users, the first that exists. */
const OWNERS = ['postgres', 'nobody'];

/** Undefined for the user of the master. */
export function chooseOwner(uid: number | undefined): Owner | undefined {
  return uid === 0 ? findOwner(readFileSync('/etc/passwd', 'utf8')) : undefined;
}

/** The first folder on the way to this one that the user may not go through; undefined for none. */
export function findBarrier(folder: string, { uid, gid }: Owner): string | undefined {
  const above = dirname(folder);
  const before = above === folder ? undefined : findBarrier(above, { uid, gid });
  if (before !== undefined) return before;
  const { mode, uid: owner, gid: group } = statSync(folder);
  const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
  return (mode & bit) === 0 ? folder : undefined;
}

export function findOwner(passwd: string): Owner | undefined {
  const users = passwd.split('\n').map((line) => line.split(':'));
  const found = OWNERS.map((name) => users.find(([user]) => user === name)).find(Boolean);
  return found && { uid: Number(found[2]), gid: Number(found[3]) };
}
