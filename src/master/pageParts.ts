// The program and the style of the page, as the build has made them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '../kernel/cluster.ts';
import { findBundles } from '../processes/nodeProcess.ts';
import type { PageParts } from '../web/file/document.ts';

/** Throws EnvironmentError E_IO if they are not there. */
export function readPageParts(): PageParts {
  try {
    const read = (name: string): string => readFileSync(join(findBundles(), name), 'utf8');
    return { script: read('page.js'), style: read('page.css') };
  } catch (error) {
    throw new EnvironmentError('E_IO', `the page is not built: ${(error as Error).message}`);
  }
}
