// Asks a process of its own whether V8 accepts a code cache on the disk.
import { spawnSync } from 'node:child_process';

const CHECK = `
  const { readFileSync } = require('node:fs');
  const [, part, cache] = process.argv;
  const cachedData = readFileSync(cache);
  const script = new (require('node:vm').Script)(readFileSync(part, 'latin1'), { cachedData });
  process.exitCode = script.cachedDataRejected ? 1 : 0;`;

/** `part` and `cache` are paths; a node begins with a flag that a master begins without. */
export function isTaken(part: string, cache: string): boolean {
  const flags = /\/master[^/]*$/.test(part) ? [] : ['--disable-proto=throw'];
  return spawnSync(process.execPath, [...flags, '-e', CHECK, part, cache]).status === 0;
}

/** The part that a cache with this name is of. */
export function partOf(cache: string): string {
  return cache.replace(/-[0-9a-f]{12}-v[0-9].*$/, '');
}
