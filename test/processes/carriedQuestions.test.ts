// The master's side of questions that travel with operations: which answer belongs to which.
import type { JSONRPCResponse } from 'json-rpc-2.0';
import { describe, expect, it } from 'vitest';
import { CallError } from '../../src/kernel/errors.ts';
import { CarriedQuestions } from '../../src/processes/carriedQuestions.ts';
import { useTinyWorlds } from '../support/tinyWorld.ts';

const openWorld = useTinyWorlds();

type Early = JSONRPCResponse | undefined;

/** A server's process that records for which questions answers are awaited. */
function createServer() {
  const awaited: [question: number, early: Early][] = [];
  const answerTo = async (question: number, _timeoutMs: number, early?: JSONRPCResponse) => {
    awaited.push([question, early]);
    return 'later';
  };
  return { awaited, answerTo };
}

const response = (id: number): JSONRPCResponse => ({ jsonrpc: '2.0', id, result: {} });

it('has a number of its own for each operation, never one of a call', () => {
  const questions = new CarriedQuestions(() => undefined);
  const numbers = [questions.begin(), questions.begin(), questions.begin()];
  expect(new Set(numbers).size).toBe(3);
  expect(numbers.every((number) => Number.isSafeInteger(number) && number < 0)).toBe(true);
});

it('knows a server that has settled, awaits one that has not, and must ask any other', async () => {
  const servers = [createServer(), createServer()];
  const questions = new CarriedQuestions((id) => servers[id]);
  const question = questions.begin();
  const settled = questions.end(question, [
    [0, true],
    [1, false],
    [9, false],
  ]);
  expect(await settled(0)).toEqual({});
  expect(await settled(1)).toBe('later');
  expect([settled(2), settled(9)]).toEqual([undefined, undefined]);
  expect(servers.map(({ awaited }) => awaited)).toEqual([[], [[question, undefined]]]);
});

it('keeps an answer that comes before that of its operation, until that has ended', async () => {
  const server = createServer();
  const questions = new CarriedQuestions(() => server);
  const [first, second] = [questions.begin(), questions.begin()];
  questions.answered(server, response(first));
  questions.end(second, [[0, false]]);
  questions.answered(server, response(second));
  questions.end(first, [[0, false]]);
  questions.answered(server, response(first));
  questions.end(first, [[0, false]]);
  expect(server.awaited).toEqual([
    [second, undefined],
    [first, response(first)],
    [first, undefined],
  ]);
});

async function openPair(setup: Parameters<typeof openWorld>[0] = {}) {
  const world = openWorld(setup);
  await world.start({ 0: 'server', 5: 'client' });
  await world.join(5, 0);
  const put = async () => {
    const operated = await world.cluster.operate?.(5, 'put', { key: 'k', value: 'v' }, 10_000);
    expect(operated?.result).toMatchObject({ outcome: 'ok', server: 0 });
    return operated?.settled(0);
  };
  return { world, put };
}

function codeOf(error: unknown): string {
  return error instanceof CallError ? error.code : String(error);
}

describe('on processes', () => {
  it('a quiet server has settled when the operation has an answer', async () => {
    const { put } = await openPair();
    expect(await put()).toEqual({});
  });

  it('a server with effects under way answers when they are over', async () => {
    const { world, put } = await openPair();
    await world.command(0, 'busy', '');
    const operated = await world.cluster.operate?.(5, 'put', { key: 'k', value: 'v' }, 10_000);
    let isSettled = false;
    const settled = operated?.settled(0)?.then((answer) => {
      isSettled = true;
      return answer;
    });
    // Its answer comes over the same channel after all that the server has sent before.
    await world.command(0, 'note', '');
    expect(isSettled).toBe(false);
    await world.command(0, 'quiet', '');
    expect(await settled).toEqual({});
    expect(await put()).toEqual({});
  });

  it('the end of a server ends the wait for it', async () => {
    const { world } = await openPair();
    await world.command(0, 'busy', '');
    const operated = await world.cluster.operate?.(5, 'put', { key: 'k', value: 'v' }, 10_000);
    const settled = operated?.settled(0)?.catch(codeOf);
    await world.cluster.kill(0);
    expect(await settled).toBe('ERR_UNREACHABLE');
  });

  it('a client that is gone answers no operation', async () => {
    const { world } = await openPair();
    await world.cluster.kill(5);
    const operated = world.cluster.operate?.(5, 'put', { key: 'k', value: 'v' }, 10_000);
    await expect(operated).rejects.toThrow(CallError);
  });

  it('with a trace the server has to be asked, so that the trace shows it', async () => {
    const { put } = await openPair({ trace: () => undefined });
    expect(await put()).toBeUndefined();
  });
});
