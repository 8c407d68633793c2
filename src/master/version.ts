// The version of the program.
import { readFileSync } from 'node:fs';

/**
 * The version in package.json, which is above the built program, and farther above the sources,
 * whose own package.json has no version.
 */
export function readVersion(): string {
  for (const above of ['../package.json', '../../package.json']) {
    try {
      const { version } = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8'));
      if (version !== undefined) return String(version);
    } catch {}
  }
  return 'unknown';
}
