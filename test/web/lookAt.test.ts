// The look at a cursor equals what `inspect` prints when these events have happened.
import { describe, expect, it } from 'vitest';
import { runScript } from '../../src/web/run/runScript.ts';
import type { Look, RunSource } from '../../src/web/view.ts';
import { sample } from '../support/extent.ts';
import { lookOnce, shipped, upTo } from './support/sources.ts';

/** A world that runs replaces it. */
const RealDate = Date;

/** What `inspect` prints then of each server that answers, and of the service. */
async function inspectAfter(source: RunSource, count: number, ids: readonly number[]) {
  const orders = [...ids, 'master'].map((which) => `inspect ${which}`);
  const { said, failure } = await runScript(upTo(source, count, orders));
  expect(failure).toBeUndefined();
  const answers = said.filter(({ stream, line = 0 }) => stream === 'answer' && line > count);
  const byOrder = new Map(answers.map(({ text, line = 0 }) => [line - count - 1, text]));
  const stateOf = (order: number): unknown => JSON.parse(byOrder.get(order) ?? 'null');
  return {
    servers: ids.map((id, order) => ({ id, state: stateOf(order) })),
    service: stateOf(ids.length),
  };
}

/** Whether the line after `count` lines is between `concurrently` and `end`. */
function isInBlock({ script }: RunSource, count: number): boolean {
  const lines = script.split('\n').slice(0, count);
  return lines.filter((line) => /^(concurrently|end)\b/.test(line)).length % 2 === 1;
}

const SCRIPTS = [
  'causal/partition',
  'quorum/hint-recovery',
  'quorum/growth',
  'chain/middle-dies',
  'sharded/manual-join',
  'sharded/partition',
];

describe('the look at a cursor', () => {
  it.each(sample(SCRIPTS, 3))('equals what inspect prints then: %s', async (name) => {
    const source = shipped(name);
    const { length } = source.script.split('\n');
    let compared = 0;
    for (let count = 6; count < length; count += Math.ceil(length / 8)) {
      const { events } = await runScript(upTo(source, count));
      if (isInBlock(source, count) || events.length === 0) continue;
      const look = (await lookOnce(source, events.length)) as Look;
      expect(look.cursor).toBe(events.length);
      const ids = look.servers.map(({ id }) => id);
      const inspected = await inspectAfter(source, count, ids);
      // A paused server does not answer, but has a state.
      const answering = new Set(inspected.servers.flatMap((one) => (one.state ? [one.id] : [])));
      expect(answering.size).toBeGreaterThan(ids.length - 2);
      const servers = look.servers.filter(({ id }) => answering.has(id));
      expect({ count, servers, service: look.service }).toEqual({
        count,
        servers: inspected.servers.filter(({ id }) => answering.has(id)),
        service: inspected.service,
      });
      compared += 1;
    }
    expect(compared).toBeGreaterThan(3);
  });

  it('exists at every cursor, and leaves no fence around later code', async () => {
    const source = { ...shipped('quorum/log-recovery'), script: POWER_CUT };
    const { events } = await runScript(source);
    for (let cursor = 0; cursor <= events.length; cursor += 5) {
      const look = await lookOnce(source, cursor);
      expect(look?.cursor ?? cursor).toBe(cursor);
      expect(Date).toBe(RealDate);
    }
  });

  it('is undefined beyond the end of the run', async () => {
    const { events } = await runScript(upTo(shipped('causal/partition'), 8));
    const source = upTo(shipped('causal/partition'), 8);
    expect(await lookOnce(source, events.length + 1)).toBeUndefined();
  });

  it('repeats the faults of the run', async () => {
    const source = { ...shipped('causal/partition'), faults: 'loss=1' };
    const view = await runScript(source);
    const cursor = Math.min(40, view.events.length);
    const look = await lookOnce(source, cursor);
    const alive = view.events.slice(0, cursor).filter(({ event }) => event === 'start');
    expect(look?.servers.length).toBe(alive.length);
  });
});

const POWER_CUT = `protocol quorum storage=log
joinServer 0
joinServer 1
joinServer 2
joinClient 3 0
put 3 a one
killServer 1
joinServer 1
get 3 a
`;
