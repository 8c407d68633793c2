// The servers' states at a cursor: the run repeated up to there.
import type { NextTurn } from '../../sim/scheduler.ts';
import type { Look, RunSource } from '../view.ts';
import { lookAtServers, runScript, type Watcher } from './runScript.ts';

/** Undefined if the run ends before. */
export async function lookAt(
  source: RunSource,
  cursor: number,
  nextTurn?: NextTurn,
): Promise<Look | undefined> {
  let found: Look | undefined;
  const reached = new Promise<void>((resolve) => {
    const stepped: Watcher['stepped'] = (at, cluster) => {
      if (found !== undefined || at < cursor) return;
      found = { cursor: at, servers: lookAtServers(cluster), service: null };
      void cluster.stop();
      resolve();
    };
    void runScript(source, nextTurn, { stepped }).then((view) => {
      found ??= view.looks.at(-1);
      resolve();
    });
  });
  await reached;
  return found;
}
