// A server whose program is replaced during its life.
import { expect, it } from 'vitest';
import { SuccessiveProgram } from '../../src/engines/store/successiveProgram.ts';
import type { ForeignProgram } from '../../src/processes/foreignProgram.ts';

function createProgram(): { program: ForeignProgram; signals: string[] } {
  const signals: string[] = [];
  let end: (why: string) => void = () => undefined;
  const gone = new Promise<string>((resolve) => {
    end = resolve;
  });
  const program = {
    ...{ gone, lastLines: [] },
    signal: (signal: string) => signals.push(signal),
    kill: async () => end('killed'),
  };
  return { program: program as unknown as ForeignProgram, signals };
}

it('a server that is paused while its program is replaced stays paused', async () => {
  const [first, second] = [createProgram(), createProgram()];
  const server = new SuccessiveProgram(first.program);
  await server.replace(async () => {
    server.signal('SIGSTOP');
    return second.program;
  });
  expect(second.signals).toEqual(['SIGSTOP']);
  server.signal('SIGCONT');
  expect(second.signals).toEqual(['SIGSTOP', 'SIGCONT']);
});
