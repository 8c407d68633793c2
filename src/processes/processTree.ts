// A process with all that it has started, found by their parents. A server of others may put each
// of its processes into a session of its own and overwrite its environment, as PostgreSQL does:
// then neither the group nor a mark (strays.ts) finds it.
//
// The system shows parents as files on Linux only. Elsewhere a tree is its root.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { killQuietly, listProcesses } from './strays.ts';

/** A signal reaches a process that runs a moment later; until then it may start another one. */
const MOST_ROUNDS = 50;
const LOOK_EVERY_MS = 2;

interface Seen {
  readonly parent: number;
  /** Whether it starts nothing any more: it is stopped, or has ended. */
  readonly isStill: boolean;
  readonly hasEnded: boolean;
}

/** Stops all processes of the tree. Returns their ids, the root first. */
export function stopTree(root: number): number[] {
  killQuietly(root, 'SIGSTOP');
  for (let round = 1; ; round += 1) {
    const tree = listTree(root);
    const running = tree.filter((pid) => lookAt(pid)?.isStill === false);
    for (const pid of running) killQuietly(pid, 'SIGSTOP');
    if (running.length === 0 || round === MOST_ROUNDS) return tree;
  }
}

/** Lets all processes of the tree go on. */
export function continueTree(root: number): void {
  for (const pid of listTree(root)) killQuietly(pid, 'SIGCONT');
}

/** Kills all processes of the tree: it is stopped before, so none is missed. Returns their ids. */
export function killTree(root: number): number[] {
  const tree = stopTree(root);
  for (const pid of tree) killQuietly(pid);
  return tree;
}

/** Kills those that are stopped: the id of one that is gone may belong to another process. */
export function killStopped(pids: readonly number[]): void {
  for (const pid of pids) {
    const seen = lookAt(pid);
    if (seen?.isStill && !seen.hasEnded) killQuietly(pid);
  }
}

/** Resolves when none of these processes runs any more, or after that time. */
export async function whenEnded(pids: readonly number[], withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  const runs = (pid: number): boolean => lookAt(pid)?.hasEnded === false;
  while (pids.some(runs) && performance.now() < until) await sleep(LOOK_EVERY_MS);
}

/** The root, its children, and so on. */
function listTree(root: number): number[] {
  const childrenByParent = new Map<number, number[]>();
  for (const pid of listProcesses()) {
    const parent = lookAt(pid)?.parent ?? 0;
    childrenByParent.set(parent, [...(childrenByParent.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(childrenByParent.get(pid) ?? []));
  return tree;
}

/** Undefined for a process that is not there, and where the system does not show it. */
function lookAt(pid: number): Seen | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, and may have any characters.
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ', 2);
    const hasEnded = 'ZX'.includes(state);
    return { parent: Number(parent), isStill: hasEnded || 'Tt'.includes(state), hasEnded };
  } catch {
    return undefined;
  }
}
