// The folder for the logs of real servers in a run without --data: a temporary one, removed at the
// end of the run.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '../kernel/cluster.ts';
import { CallError } from '../kernel/errors.ts';
import { type DataFolder, openDataFolder } from '../rpc/dataFolder.ts';
import { createGuard, type Guard } from './guard.ts';
import { findBundles } from './nodeProcess.ts';

export const OWN_DATA_NOTE =
  'without --data the logs are in a folder of their own, and gone when the run ends';

export interface OwnData {
  /** Closing it removes the folder. */
  readonly data: DataFolder;
  /** Removes the folder if the master cannot. The caller stops it after closing the data. */
  readonly guard: Guard;
}

/** Rejects with an EnvironmentError or a LogError. */
export async function openOwnData(): Promise<OwnData> {
  const guard = createGuard(findBundles());
  try {
    const folder = await makeFolder(guard);
    const data = await openDataFolder(join(folder, 'data'));
    const close = (): void => {
      data.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { data: { ...data, close }, guard };
  } catch (error) {
    await guard.stop();
    throw error;
  }
}

async function makeFolder(guard: Guard): Promise<string> {
  try {
    return await guard.makeFolder(tmpdir());
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    const why = error instanceof CallError ? 'the guard does not answer' : (error as Error).message;
    throw new EnvironmentError('E_IO', `no folder for logs: ${why}`);
  }
}
