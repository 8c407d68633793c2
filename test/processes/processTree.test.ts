// A program whose children leave its group, its session and its environment, and start children of
// their own, is stopped and ended whole.
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import {
  continueTree,
  killStopped,
  killTree,
  stopTree,
  whenEnded,
} from '../../src/processes/processTree.ts';

/** Each child is the leader of a session, with an empty environment, and has a child itself. */
const CHILD = 'setsid env -i sh -c "sleep 1000 & wait" & ';

/** Seconds that no other process of the machine sleeps. */
const LONG = `${process.pid}000`;

describe.runIf(process.platform === 'linux')('a process with all that it has started', () => {
  let root: ChildProcess;
  let tree: number[] = [];

  async function start(script: string, size: number): Promise<number> {
    root = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true });
    const pid = root.pid as number;
    await expect.poll(() => listNamed(pid), { timeout: 20_000 }).toHaveLength(size);
    tree = listNamed(pid);
    return pid;
  }

  afterEach(() => {
    root.kill('SIGKILL');
    for (const pid of tree) if (isSleeper(pid)) process.kill(pid, 'SIGKILL');
  });

  it('stops, goes on, and ends', async () => {
    const pid = await start(`${CHILD}${CHILD}wait`, 5);
    expect(stopTree(pid).sort()).toEqual([...tree].sort());
    await expect.poll(() => statesOf(tree)).toBe('TTTTT');
    continueTree(pid);
    await expect.poll(() => statesOf(tree)).toMatch(/^[SR]{5}$/);
    const killed = killTree(pid);
    await whenEnded(killed, 20_000);
    expect(killed).toHaveLength(5);
    expect(statesOf(tree)).toMatch(/^[Z-]{5}$/);
  });

  it('ends whole while it starts more and more', async () => {
    const script = `while :; do setsid env -i sleep ${LONG} & done`;
    root = spawn('sh', ['-c', script], { stdio: 'ignore' });
    const pid = root.pid as number;
    await expect.poll(() => listNamed(pid).length, { timeout: 20_000 }).toBeGreaterThan(20);
    tree = killTree(pid);
    await whenEnded(tree, 20_000);
    expect(statesOf(tree)).toMatch(/^[Z-]+$/);
    // None was started after the others were counted.
    expect(readdirSync('/proc').filter((name) => isSleeper(Number(name), LONG))).toEqual([]);
  });

  it('is ended by the ids of its stopped processes when its root is gone', async () => {
    const pid = await start(`${CHILD}wait`, 3);
    const stopped = stopTree(pid);
    root.kill('SIGKILL');
    await expect.poll(() => statesOf([pid])).toMatch(/[Z-]/);
    expect(statesOf(tree.slice(1))).toBe('TT');
    killStopped(stopped);
    await expect.poll(() => statesOf(tree)).toMatch(/^[Z-]{3}$/);
  });
});

/** A process and its descendants, counted by another way than in the product. */
function listNamed(root: number): number[] {
  const children = childrenOf(root);
  return [...(statesOf([root]) === '-' ? [] : [root]), ...children.flatMap(listNamed)].filter(
    (pid) => !'Z-'.includes(statesOf([pid])),
  );
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** A letter for each; `-` for one that is not there. */
function statesOf(pids: readonly number[]): string {
  return pids
    .map((pid) => {
      try {
        return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '-';
      } catch {
        return '-';
      }
    })
    .join('');
}

function isSleeper(pid: number, seconds = ''): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith(`sleep\0${seconds}`);
  } catch {
    return false;
  }
}
