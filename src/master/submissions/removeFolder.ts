// Removes a folder in which a master has written, whatever it did to it.
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ATTEMPTS = 3;
const OWNER_ALL = 0o700;

/** Why it could not be removed, or undefined if it is gone. Throws nothing. */
export function removeFolder(path: string): string | undefined {
  let why = '';
  for (let count = 0; count < ATTEMPTS; count += 1) {
    try {
      rmSync(path, { recursive: true, force: true });
      return undefined;
    } catch (error) {
      why = (error as Error).message;
      openFolders(path);
    }
  }
  return why;
}

/** Lets the owner write into it, and into all folders in it. Follows no links. */
function openFolders(path: string): void {
  try {
    chmodSync(path, OWNER_ALL);
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory()) openFolders(join(path, entry.name));
    }
  } catch {
    // It may be gone, or belong to another user.
  }
}
