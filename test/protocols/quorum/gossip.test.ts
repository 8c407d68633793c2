// Gossip: the time and the choice of a ping, and what it changes, in simulation.
import { describe, expect, it } from 'vitest';
import type { Env } from '../../../src/kernel/env.ts';
import { CallError } from '../../../src/kernel/errors.ts';
import { Gossip } from '../../../src/protocols/quorum/gossip.ts';
import type { QuorumMessages } from '../../../src/protocols/quorum/messages.ts';
import { Peers } from '../../../src/protocols/quorum/peers.ts';
import { drawWithin } from '../../../src/replication/repeating.ts';
import { ORDERED_FOUR, play } from './simulatedRun.ts';
import { createState } from './writes.ts';

/** A gossip whose timers the test fires, and whose peers answer as the test says. */
function createGossip(call: (peer: number) => Promise<{ clock: number }>) {
  const state = createState(0, { suspectOnError: 'off' });
  const timers: { ms: number; task: () => void; isCancelled: boolean }[] = [];
  const env = {
    self: state.self,
    random: () => 0.5,
    after: (ms: number, task: () => void) => {
      const timer = { ms, task, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    },
    call,
  } as unknown as Env<QuorumMessages, 'server'>;
  const answered: number[] = [];
  const onAnswer = (peer: number): unknown => answered.push(peer);
  const gossip = new Gossip(env, { state, peers: new Peers(env, state), onAnswer });
  const fire = async (): Promise<void> => {
    const timer = timers.shift();
    if (timer?.isCancelled === false) timer.task();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { state, gossip, timers, answered, fire };
}

describe('gossip', () => {
  it('draws the time between two pings evenly from its interval', () => {
    const interval = { least: 500, most: 800 };
    expect([0, 0.5, 1].map((share) => drawWithin(interval, share))).toEqual([500, 650, 800]);
  });

  it('pings one member at a time, however often it is turned on', async () => {
    const { gossip, timers, answered, fire } = createGossip(() => Promise.resolve({ clock: 0 }));
    gossip.turn(true);
    gossip.turn(true);
    expect(timers.map(({ ms }) => ms)).toEqual([650]);
    await fire();
    expect(answered).toEqual([2]);
    expect(timers).toHaveLength(1);
    gossip.turn(false);
    expect(gossip.isOn).toBe(false);
    await fire();
    expect(answered).toEqual([2]);
    expect(timers).toEqual([]);
  });

  it('believes dead what does not answer, and alive what answers with an error', async () => {
    let code: 'ERR_UNREACHABLE' | 'E_STORAGE' = 'ERR_UNREACHABLE';
    const { state, gossip, fire } = createGossip(() => Promise.reject(new CallError(code)));
    gossip.turn(true);
    await fire();
    expect(state.suspected).toEqual([2]);
    code = 'E_STORAGE';
    await fire();
    expect(state.suspected).toEqual([]);
  });

  it('pings members only, once there is a ring, and no server without a link', () => {
    const { state } = createGossip(() => Promise.resolve({ clock: 0 }));
    state.liveness.connected(9);
    state.liveness.disconnected(1);
    expect(state.pinged).toEqual([2, 3]);
  });
});

const OPTIONS = 'partitioner=byteOrdered interval=30ms..50ms suspectOnError=off';
const BYTES = `protocol quorum ${OPTIONS};${ORDERED_FOUR}`;
/** Key 100 belongs to the servers 1, 2 and 3. Server 2 keeps a hint for server 1. */
const OWED = 'put 12 100 a all;fail 1;put 12 100 b';
const LONG = 'sleep 3s';

describe('a failed server that recovers', () => {
  it('is found by gossip, and gets its hints', async () => {
    const quiet = await play(`${BYTES};${OWED};recover 1;${LONG};printStore 1`);
    expect(quiet.stores).toEqual(['100:a']);
    const { stores, states } = await play(
      `${BYTES};${OWED};recover 1;gossip on 2;${LONG};printStore 1;inspect 2;inspect 1`,
    );
    expect(stores).toEqual(['100:b']);
    expect(states.map(({ isGossiping }) => isGossiping)).toEqual([true, false]);
    expect(states[0]?.hints).toEqual([]);
  });

  it('gets its hints when it pings their holder', async () => {
    for (const suspectOnError of ['on', 'off']) {
      const base = BYTES.replace('Error=off', `Error=${suspectOnError}`);
      const { stores } = await play(`${base};${OWED};recover 1;gossip on 1;${LONG};printStore 1`);
      expect(stores).toEqual(['100:b']);
    }
  });
});

describe('with suspectOnError=off', () => {
  it('gossip alone finds a server dead', async () => {
    const { states } = await play(
      `${BYTES};${OWED};inspect 2;gossip on;${LONG};inspect 2;inspect 3;recover 1;${LONG};` +
        'inspect 2',
    );
    expect(states.map(({ suspected }) => suspected)).toEqual([[], [1], [1], []]);
  });

  it('a server whose gossip is off finds none dead', async () => {
    const { states } = await play(
      `${BYTES};put 12 100 a;gossip on;gossip off;fail 1;${LONG};inspect 2`,
    );
    expect(states[0]).toMatchObject({ suspected: [], isGossiping: false });
  });

  it('the next request asks a server again that gossip has found dead', async () => {
    const { outcomes } = await play(
      `${BYTES};put 12 100 a;fail 1;gossip on;${LONG};put 12 100 b all;gossip off;recover 1;` +
        'put 12 100 c all',
    );
    expect(outcomes).toEqual(['ok', 'fail', 'ok']);
  });
});

describe('the command', () => {
  it('takes on or off, and a server', async () => {
    const { notes } = await play(`${BYTES};gossip;gossip maybe;gossip on 9;gossip on 10`);
    expect(notes.join()).toMatch(
      /E_ARGS.*E_ARGS: gossip is on or off.*E_NO_SUCH_SERVER.*E_NOT_A_SERVER/s,
    );
  });

  it('is not needed with gossip=on, also for a server that joins later', async () => {
    const base = BYTES.replace('Error=off', 'Error=off gossip=on');
    const { states } = await play(`${base};killServer 1;joinServer 1;inspect 0;inspect 1`);
    expect(states.map(({ isGossiping }) => isGossiping)).toEqual([true, true]);
  });
});
