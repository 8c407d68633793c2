// Reads, with a configuration service that is the test.
import { describe, expect, it } from 'vitest';
import type { Configuration } from '../../../src/protocols/chain/configuration.ts';
import { type ChainMessages, messages } from '../../../src/protocols/chain/messages.ts';
import { Reader } from '../../../src/protocols/chain/reader.ts';
import { ChainState } from '../../../src/protocols/chain/state.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';

const SELF = { id: 0, incarnation: 1 };
const STALE = { code: 'ERR_STALE_EPOCH' };
const CONFIRMED = { configuration: null };

function configure(epoch: number, members: number[]): Configuration {
  return {
    epoch,
    lives: members.map((id) => [id, 1]),
    chains: [{ owner: 0, members, holders: [], joiner: null }],
  };
}

/** A server that is alone in its chain, and has one write. */
function createReader() {
  const world = new FakeEnv<ChainMessages>(SELF, messages);
  const state = new ChainState(SELF);
  state.adopt(configure(1, [0]));
  state.begin(true);
  const session = { id: 9, incarnation: 1 };
  state.accept(state.position(0), { key: 'k', value: 'v', session, seq: 1 });
  const log = state.openLog(0);
  log.keep(log.generation, log.last);
  log.commit(log.last);
  const adopt = (configuration: Configuration): void => void state.adopt(configuration);
  const reader = new Reader({ env: world.env, state, mode: 'tail', adopt });
  return {
    world,
    state,
    /** A durable write is on its way, and the disk has no room for the configuration. */
    loseRoom: (): void => {
      state.accept(state.position(0), { key: 'k', value: 'w', session, seq: 2 });
      log.keep(log.generation, log.last);
      state.begin(false);
    },
    query: () => watch(reader.query(0, { epoch: 1, key: 'k' })),
    section: () => watch(reader.section({ epoch: 1, arc: 0, after: null })),
  };
}

/** What has become of a promise by now. */
function watch<T>(promise: Promise<T>): { outcome: T | 'none yet' | { code: string } } {
  const watched: { outcome: T | 'none yet' | { code: string } } = { outcome: 'none yet' };
  promise.then(
    (value) => {
      watched.outcome = value;
    },
    (error) => {
      watched.outcome = { code: error.code };
    },
  );
  return watched;
}

const ANSWERS = {
  query: { value: 'v', version: [1, 0, 1] },
  section: { entries: [['k', 'v']], next: null },
};

describe.each(['query', 'section'] as const)('a %s', (kind) => {
  it('is answered when the service has confirmed the epoch, not before', async () => {
    const { world, [kind]: read } = createReader();
    const asked = read();
    await settled();
    expect(asked.outcome).toBe('none yet');
    await world.take('confirm').answer(CONFIRMED);
    expect(asked.outcome).toEqual(ANSWERS[kind]);
  });

  it('is refused when the service knows a later epoch', async () => {
    const { world, state, [kind]: read } = createReader();
    const asked = read();
    await settled();
    await world.take('confirm').answer({ configuration: configure(2, [1]) });
    expect(asked.outcome).toEqual(STALE);
    expect(state.epoch).toBe(2);
  });

  it('is refused when the epoch ended while the service was asked', async () => {
    const { world, state, [kind]: read } = createReader();
    const asked = read();
    await settled();
    state.adopt(configure(2, [1]));
    await world.take('confirm').answer(CONFIRMED);
    expect(asked.outcome).toEqual(STALE);
  });

  it('that comes behind a question waits for the next one, with all that came since', async () => {
    const { world, [kind]: read } = createReader();
    const first = read();
    await settled();
    const question = world.take('confirm');
    const [second, third] = [read(), read()];
    await settled();
    expect(world.calls).toEqual([]);
    await question.answer(CONFIRMED);
    expect(first.outcome).toEqual(ANSWERS[kind]);
    expect([second.outcome, third.outcome]).toEqual(['none yet', 'none yet']);
    await world.take('confirm').answer(CONFIRMED);
    expect([second.outcome, third.outcome]).toEqual([ANSWERS[kind], ANSWERS[kind]]);
    expect(world.calls).toEqual([]);
  });

  it('waits for the next question though the one before it found nobody', async () => {
    const { world, [kind]: read } = createReader();
    const first = read();
    await settled();
    const question = world.take('confirm');
    const second = read();
    await question.fail('ERR_UNREACHABLE');
    expect(first.outcome).toEqual({ code: 'ERR_UNREACHABLE' });
    await world.take('confirm').answer(CONFIRMED);
    expect(second.outcome).toEqual(ANSWERS[kind]);
  });

  it('is refused where a write is on its way that a full disk cannot acknowledge', async () => {
    const { world, loseRoom, [kind]: read } = createReader();
    loseRoom();
    const asked = read();
    await settled();
    await world.take('confirm').answer(CONFIRMED);
    expect(asked.outcome).toEqual({ code: 'E_STORAGE' });
  });
});
