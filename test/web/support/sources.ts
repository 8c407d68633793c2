// Sources of runs: scripts that the project ships, or parts of them.
import { readFileSync } from 'node:fs';
import { Walk } from '../../../src/web/run/walk.ts';
import type { Look, RunSource } from '../../../src/web/view.ts';

export function shipped(name: string): RunSource {
  const script = readFileSync(`inputs/${name}.txt`, 'utf8');
  return { script, protocol: name.split('/')[0] as string, seed: 1, faults: '' };
}

export function written(script: string, protocol = 'causal'): RunSource {
  return { script, protocol, seed: 1, faults: '' };
}

/** The source with these lines in place of those after line `count`. */
export function upTo(source: RunSource, count: number, more: readonly string[] = []): RunSource {
  const lines = source.script.split('\n').slice(0, count);
  return { ...source, script: [...lines, ...more].join('\n') };
}

/** The look at one cursor, by a run of its own. */
export async function lookOnce(source: RunSource, cursor: number): Promise<Look | undefined> {
  const walk = new Walk(source);
  const states = await walk.to(cursor);
  await walk.end();
  return states && { cursor, ...states };
}
