// A question to settle that travels with an operation: the client's half and the server's half.
import { once } from 'node:events';
import type { JSONRPCResponse } from 'json-rpc-2.0';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Dispatcher } from '../../src/rpc/dispatcher.ts';
import { createSettler, isQuestion, PassedQuestion } from '../../src/rpc/settling.ts';
import { openLink, useNodes } from '../support/hostedNode.ts';

const nodes = useNodes();
const QUESTION = -7;

type Response = JSONRPCResponse;
const answer = (result: object): Response => ({ jsonrpc: '2.0', id: QUESTION, result });

/** A settler of a server whose effects end as `effects` says, and what it sends. */
function settlerOf(effects: () => PromiseLike<Response | null>) {
  const sent: Response[] = [];
  const dispatcher: Dispatcher<'master'> = { has: () => true, answer: effects };
  return { sent, settle: createSettler(dispatcher, (message) => sent.push(message)) };
}

/** Resolves after so many microtasks. */
async function hops<T>(count: number, value: T): Promise<T> {
  for (let hop = 0; hop < count; hop += 1) await undefined;
  return value;
}

it('says at once that effects are over if no event of the world has to come first', async () => {
  const { sent, settle } = settlerOf(() => hops(100, answer({})));
  expect(await settle(QUESTION)).toBe(true);
  expect(sent).toEqual([]);
});

it('asks the server only when the microtasks after its answer have run', async () => {
  let isOver = true;
  const { settle, sent } = settlerOf(() => (isOver ? hops(1, answer({})) : new Promise(() => {})));
  void hops(100, undefined).then(() => {
    isOver = false;
  });
  expect(await settle(QUESTION)).toBe(false);
  expect(sent).toEqual([]);
});

it('answers later, once, if an event of the world has to come first', async () => {
  let end: (response: Response) => void = () => undefined;
  const effects = new Promise<Response>((resolve) => {
    end = resolve;
  });
  const { sent, settle } = settlerOf(() => effects);
  expect(await settle(QUESTION)).toBe(false);
  expect(sent).toEqual([]);
  end(answer({}));
  await effects;
  expect(sent).toEqual([answer({})]);
});

it('passes on an answer that says more than that all is over', async () => {
  const more = answer({ awaited: [3] });
  const error: Response = { jsonrpc: '2.0', id: QUESTION, error: { code: 1, message: 'deaf' } };
  for (const response of [more, error]) {
    const { sent, settle } = settlerOf(() => hops(3, response));
    expect(await settle(QUESTION)).toBe(false);
    expect(sent).toEqual([response]);
  }
});

it('goes along only during its operation, and brings back the latest word', async () => {
  const passed = new PassedQuestion();
  passed.heard(1, true);
  expect(passed.question).toBeUndefined();
  const ended = passed.during(QUESTION, async () => {
    expect(passed.question).toBe(QUESTION);
    passed.heard(1, false);
    passed.heard(2, false);
    passed.heard(1, true);
    return answer({});
  });
  const settled = [
    [2, false],
    [1, true],
  ];
  expect(await ended).toEqual({ ...answer({}), settled });
  expect(passed.question).toBeUndefined();
  expect(await passed.during(-8, async () => answer({}))).toEqual({ ...answer({}), settled: [] });
});

it('is a negative whole number', () => {
  expect([-1, -(2 ** 53 - 1)].map(isQuestion)).toEqual([true, true]);
  expect([0, 1, -0.5, -Infinity, '-1', null, undefined, [-1], {}].some(isQuestion)).toBe(false);
});

it.each([
  [-3, true],
  [3, undefined],
  ['-3', undefined],
  [null, undefined],
  [undefined, undefined],
])('over a link: the answer to a request with %j says %j', async (settle, settled) => {
  const [node, other] = await Promise.all([nodes.open(0), nodes.open(1)]);
  openLink(node, other);
  const socket = new WebSocket(`ws://127.0.0.1:${node.port}/link`, {
    headers: {
      authorization: `Bearer ${nodes.tokens.server}`,
      'causeway-from': '1.1',
      'causeway-to': '0.1',
      'causeway-link': '1',
    },
  });
  await once(socket, 'open');
  const params = { text: 'x' };
  socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'echo', params, settle }));
  const [data] = await once(socket, 'message');
  const response = JSON.parse(String(data)) as { result: unknown; settled?: unknown };
  expect(response.result).toEqual(params);
  expect(response.settled).toBe(settled);
  expect(node.bugs).toEqual([]);
  socket.terminate();
});
