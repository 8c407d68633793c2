// What figures are held against: bare Node processes, and one hop of raw TCP between two of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

/** The project's folder: the runner starts each table there. */
export const ROOT = process.cwd();
export const BUNDLES = join(ROOT, 'dist');

/** Milliseconds from the start of `node -e 0` to its end. */
export async function runBareNode(): Promise<number> {
  const begun = performance.now();
  await ended(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }));
  return performance.now() - begun;
}

/** Milliseconds from the start of ten at once to the end of the last. */
export async function runTenBareNodes(): Promise<number> {
  const begun = performance.now();
  await Promise.all(Array.from({ length: 10 }, runBareNode));
  return performance.now() - begun;
}

/** Rejects unless the process ends with status 0. */
export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`${child.spawnargs.join(' ')}: ended with ${status ?? signal}`));
    });
  });
}

/** What the processes that `run` started and saw end took of the processors. Linux only. */
export async function cpuMsOf(run: () => Promise<unknown>): Promise<number> {
  const before = readChildrenCpuMs();
  await run();
  return readChildrenCpuMs() - before;
}

/** Of children that have ended, and of theirs: proc(5), `cutime` and `cstime`, in hundredths. */
function readChildrenCpuMs(): number {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'latin1').split(') ');
  const [user, system] = fields.split(' ').slice(13, 15).map(Number);
  return ((user ?? 0) + (system ?? 0)) * 10;
}

export interface Echo {
  call(): Promise<void>;
  stop(): Promise<void>;
}

/** About what a small call takes as JSON-RPC. */
const MESSAGE = 'x'.repeat(127);
const MESSAGE_BYTES = MESSAGE.length + 1;

/** A process that sends back what it gets, called over one socket. Calls are answered in order. */
export async function startEcho(): Promise<Echo> {
  const { port, stop } = await startEchoProcess();
  const socket = await open(port);
  const waiting: (() => void)[] = [];
  let bytes = 0;
  let answered = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    const whole = Math.floor(bytes / MESSAGE_BYTES);
    for (const resolve of waiting.splice(0, whole - answered)) resolve();
    answered = whole;
  });
  return {
    call: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.write(`${MESSAGE}\n`, 'latin1');
      }),
    stop: async () => {
      socket.destroy();
      await stop();
    },
  };
}

/**
 * Three processes in a row, as the master, a client and a server are: Node's own channel to the
 * middle one, raw TCP from there to the last.
 */
export async function startChain(): Promise<Echo> {
  const last = await startEchoProcess();
  const { child, stop } = await startEchoProcess(last.port);
  const waiting: (() => void)[] = [];
  child.on('message', () => waiting.shift()?.());
  return {
    call: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        child.send(MESSAGE);
      }),
    stop: async () => {
      await stop();
      await last.stop();
    },
  };
}

/** Resolves when it can be called: an echo, or given a port the middle of a chain to there. */
async function startEchoProcess(to?: number) {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'bench/echo.js'), ...(to === undefined ? [] : [String(to)])],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve) => child.once('message', resolve));
  const stop = async (): Promise<void> => {
    child.disconnect();
    await gone;
  };
  return { child, port, stop };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}
