// Finds the file that a name means: two names may mean one file, by a link or by another path to a
// folder.
import { accessSync, constants, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EnvironmentError } from '../kernel/cluster.ts';

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

export interface NamedFile {
  /** As the user knows it: `--trace x.txt`. */
  readonly name: string;
  /** Equal for two names of one file. Undefined if writing destroys nothing: `/dev/null`. */
  readonly identity: string | undefined;
}

/** Why a file named on the command line cannot be read; undefined when it can. */
export function whyUnreadable(path: string, what: 'script' | 'history'): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory() ? `${path} is a folder, not a ${what}` : undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Throws EnvironmentError E_IO for a file that cannot be read. */
export function assertReadable(path: string, what: 'script' | 'history'): void {
  const why = whyUnreadable(path, what);
  if (why !== undefined) throw new EnvironmentError('E_IO', why);
}

/** Why a file cannot be written because it is also read; undefined when it can. */
export function whySame(read: string, written: string): string | undefined {
  const { identity } = named(read, read);
  if (identity === undefined || identity !== named(written, written).identity) return undefined;
  return `${written} is the same file as ${read}`;
}

export function named(name: string, path: string): NamedFile {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch {
    return { name, identity: futurePath(path) };
  }
  return { name, identity: identityOf(stats) };
}

export function identityOf(stats: Stats): string | undefined {
  return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
}

/** The path that a new file will have; undefined if its folder is missing too. */
export function futurePath(path: string): string | undefined {
  let place = resolve(path);
  for (let links = 0; links <= MOST_LINKS; links += 1) {
    try {
      place = join(realpathSync(dirname(place)), basename(place));
    } catch {
      return undefined;
    }
    try {
      place = resolve(dirname(place), readlinkSync(place));
    } catch {
      return place;
    }
  }
  return undefined;
}
