// Keeps the files that a run writes apart: from the scripts that it reads, and from each other. Two
// names may be one file, by a link or by another way to the same folder.
import { fstatSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Invocation } from './commandLine.ts';
import { unfinishedPath } from './worlds.ts';

/** As many links in a row as Linux follows. */
const MOST_LINKS = 40;

/** Why a file cannot be written whose former text is read; undefined when it can. */
export function whySame(read: string, written: string): string | undefined {
  const { identity } = named(read, read);
  if (identity === undefined || identity !== named(written, written).identity) return undefined;
  return `${written} is the same file as ${read}`;
}

interface NamedFile {
  /** As people know it: `--trace x.txt`. */
  readonly name: string;
  /** Equal for two names of one file. Undefined where writing destroys nothing: `/dev/null`. */
  readonly identity: string | undefined;
}

/** Why these files cannot be written, in plain words; undefined when they can. Touches none. */
export function whyShared(invocation: Invocation, stdin: number | undefined): string | undefined {
  const { scripts, tracePath, historyPath, endpointsPath } = invocation;
  const read = scripts.map((path) => named(`the script ${path}`, path));
  if (scripts.length === 0 && stdin !== undefined) {
    read.push({ name: 'the script on stdin', identity: identityOf(fstatSync(stdin)) });
  }
  const written = [
    ['--trace', tracePath],
    ['--history', historyPath],
    ['--endpoints', endpointsPath],
    ['the unfinished --endpoints', endpointsPath && unfinishedPath(endpointsPath)],
  ] as const;
  const files = [...read];
  for (const [option, path] of written) {
    if (path === undefined) continue;
    const file = named(`${option} ${path}`, path);
    const other = files.find(({ identity }) => identity && identity === file.identity);
    if (other !== undefined) return `${file.name} is the same file as ${other.name}`;
    files.push(file);
  }
  return undefined;
}

function named(name: string, path: string): NamedFile {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch {
    return { name, identity: futurePath(path) };
  }
  return { name, identity: identityOf(stats) };
}

function identityOf(stats: Stats): string | undefined {
  return stats.isFile() ? `${stats.dev}:${stats.ino}` : undefined;
}

/** Where a file will be that is not there yet. Its folder may be missing too: then nowhere. */
function futurePath(path: string): string | undefined {
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
