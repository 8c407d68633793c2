// Asks processes of their own whether V8 accepts the code caches on the disk.
import { spawnSync } from 'node:child_process';

const CHECK = `
  const { readFileSync } = require('node:fs');
  const { Script } = require('node:vm');
  for (const [part, cache] of JSON.parse(process.argv[1])) {
    const cachedData = readFileSync(cache);
    const script = new Script(readFileSync(part, 'latin1'), { cachedData });
    if (script.cachedDataRejected) console.log(cache);
  }`;

/** Paths of a part and of its cache. */
export type CachedPart = readonly [part: string, cache: string];

/** The caches that V8 does not accept. A node begins with a flag that a master begins without. */
export function findRejected(cachedParts: readonly CachedPart[]): string[] {
  const isMaster = ([part]: CachedPart): boolean => /\/master[^/]*$/.test(part);
  const nodes = cachedParts.filter((one) => !isMaster(one));
  return [...check([], cachedParts.filter(isMaster)), ...check(['--disable-proto=throw'], nodes)];
}

function check(flags: readonly string[], cachedParts: readonly CachedPart[]): string[] {
  if (cachedParts.length === 0) return [];
  const args = [...flags, '-e', CHECK, JSON.stringify(cachedParts)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter(Boolean);
}

/** The part that a cache with this name is of. */
export function partOf(cache: string): string {
  return cache.replace(/-[0-9a-f]{12}-v[0-9].*$/, '');
}
