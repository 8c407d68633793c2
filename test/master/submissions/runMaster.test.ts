// Runs of masters that misbehave as processes: each is ended, wholly, and told rightly.
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { MasterRun } from '../../../src/grading/result.ts';
import { USUAL_LIMITS } from '../../../src/grading/suite.ts';
import { hasProcessTable } from '../../../src/master/submissions/processTable.ts';
import { runMaster } from '../../../src/master/submissions/runMaster.ts';

const MASTER = resolve('test/grading/masters/master.js');
const INPUT = readFileSync('suites/causal/one-server.txt', 'utf8').replaceAll(/^#.*\n/gm, '');
const NEVER = new Promise<never>(() => undefined);

interface Given {
  readonly timeMs?: number;
  readonly memoryMiB?: number;
  readonly interrupted?: Promise<unknown>;
}

function runCommand(command: string, given: Given = {}): Promise<MasterRun> {
  const { timeMs = 20_000, memoryMiB = 2_048, interrupted = NEVER } = given;
  const limits = { ...USUAL_LIMITS, timeMs, memoryMiB };
  const environment = { PATH: process.env.PATH ?? '' };
  return runMaster({ command, folder: '.', input: INPUT, limits, environment }, interrupted);
}

const run = (mistake: string, given: Given = {}): Promise<MasterRun> =>
  runCommand(`"${process.execPath}" ${MASTER} ${mistake}`, given);

/** Processes of this test's masters that still live: their command lines have the words. */
function livingWith(words: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return [];
      }
    })
    .filter((command) => command.includes(words));
}

describe.skipIf(!hasProcessTable())('a run of a master', () => {
  it('gives its output and its end', async () => {
    const { end, stdout, orphans } = await run('');
    expect([end, orphans]).toEqual([{ kind: 'exit', status: 0 }, []]);
    expect(stdout).toMatch(/^apple:ERR_KEY\napple:red\n/);
    expect((await run('status')).end).toEqual({ kind: 'exit', status: 4 });
  });

  it('keeps the last lines of stderr', async () => {
    const { stderr } = await runCommand('cat >/dev/null; seq 1 9000 >&2');
    expect(stderr).toEqual(['8996', '8997', '8998', '8999', '9000']);
  });

  it.each([
    ['hangs', { kind: 'time' }],
    ['ignores-sigterm', { kind: 'time' }],
    ['ends-late', { kind: 'time' }],
  ])('is ended at its time limit: %s', async (mistake, end) => {
    const result = await run(mistake, { timeMs: 800 });
    expect(result.end).toEqual(end);
    expect(result.ms).toBeLessThan(5_000);
    expect(result.stdout).toMatch(/^apple:ERR_KEY\n/);
    expect(livingWith(`${MASTER} ${mistake}`)).toEqual([]);
  });

  it('gets SIGTERM first', async () => {
    const command = "trap 'echo cleaned; exit' TERM; sleep 60 & wait";
    expect((await runCommand(command, { timeMs: 300 })).stdout).toBe('cleaned\n');
  });

  it('is ended when it takes too much memory', async () => {
    const { end } = await run('eats-memory', { memoryMiB: 300 });
    expect(end).toEqual({ kind: 'memory' });
    expect(livingWith(`${MASTER} eats-memory`)).toEqual([]);
  });

  it('is ended when it prints too much', async () => {
    const { end, stdout } = await run('floods');
    expect(end).toEqual({ kind: 'stdout' });
    expect(Buffer.byteLength(stdout)).toBe(USUAL_LIMITS.stdoutBytes);
    expect(livingWith(`${MASTER} floods`)).toEqual([]);
  });

  it('may be ended by a signal, of its own or of its shell', async () => {
    expect((await run('kills-itself')).end).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect((await runCommand('kill -SEGV $$')).end).toEqual({ kind: 'signal', signal: 'SIGSEGV' });
  });

  it.each([
    ['in its group, and in a session of their own', 'orphans', ['sleep 600', 'sleep 601']],
    ['without the environment', 'orphan-in-no-environment', ['sleep 602']],
  ])('leaves orphans: %s', async (_where, mistake, expected) => {
    const { end, orphans } = await run(mistake);
    expect(end).toEqual({ kind: 'exit', status: 0 });
    expect([...orphans].sort()).toEqual(expected);
    for (const command of expected) expect(livingWith(command)).toEqual([]);
  });

  it('leaves an orphan that only its open output shows', async () => {
    const { orphans, isEscaped } = await runCommand('(env -i setsid sleep 605 &)');
    expect([orphans, isEscaped, livingWith('sleep 605')]).toEqual([['sleep 605'], false, []]);
  });

  it('leaves a process that begins itself anew all the time', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'causeway-anew-'));
    const path = join(parent, 'anew.sh');
    const anew = 'setsid "$0" $((n + 1)) <&- >/dev/null 2>&1 &';
    writeFileSync(path, `#!/bin/sh\nn=\${1:-0}; [ $n -gt 20000 ] || ${anew}\n`, { mode: 0o755 });
    const { orphans } = await runCommand(`${path} & sleep 0.2`);
    expect(orphans.length).toBeGreaterThan(0);
    expect(Array.from({ length: 30 }, () => livingWith(path)).flat()).toEqual([]);
    rmSync(parent, { recursive: true });
  });

  it('may have children that end soon after it', async () => {
    const { orphans, stdout } = await runCommand('(sleep 0.3; echo late) & echo early');
    expect([orphans, stdout]).toEqual([[], 'early\nlate\n']);
  });

  it('ends with all its processes on an interruption', async () => {
    const flag = join(mkdtempSync(join(tmpdir(), 'causeway-run-')), 'started');
    const watcher = watch(dirname(flag));
    const interrupted = once(watcher, 'change');
    const command = `sleep 603 & setsid sleep 604 & touch ${flag}; wait`;
    await runCommand(command, { interrupted });
    watcher.close();
    rmSync(dirname(flag), { recursive: true });
    expect([...livingWith('sleep 603'), ...livingWith('sleep 604')]).toEqual([]);
  });

  it('has a folder for temporary files, which is removed', async () => {
    const { stdout } = await runCommand('touch "$TMPDIR/x" && ls "$TMPDIR" && echo "$TMPDIR"');
    const [file, folder = ''] = stdout.trim().split('\n');
    expect(file).toBe('x');
    expect(() => readdirSync(folder)).toThrow('ENOENT');
  });

  it('may open its streams by their names', async () => {
    const command = 'head -1 /dev/stdin >/dev/stdout; echo oops >/dev/stderr';
    const { stdout, stderr } = await runCommand(command);
    expect([stdout, stderr]).toEqual(['joinServer 0\n', ['oops']]);
  });

  it('does not need to read its input', async () => {
    expect((await runCommand('exec true')).end).toEqual({ kind: 'exit', status: 0 });
  });

  it('needs its folder', async () => {
    const order = { command: 'true', input: '', limits: USUAL_LIMITS, environment: {} };
    await expect(runMaster({ ...order, folder: '/nowhere' }, NEVER)).rejects.toMatchObject({
      code: 'E_SPAWN',
    });
  });
});
