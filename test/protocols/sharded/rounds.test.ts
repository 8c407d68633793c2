// Rounds of stabilize: what a server answers while its group changes, and when the root asks again.
import { describe, expect, it } from 'vitest';
import { CallError } from '../../../src/kernel/errors.ts';
import type { Member } from '../../../src/protocols/sharded/member.ts';
import { messages } from '../../../src/protocols/sharded/messages.ts';
import { Rounds } from '../../../src/protocols/sharded/rounds.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';
import { lifeOf } from './builders.ts';

interface Place {
  readonly isPrimary: boolean;
}

/** A server with a log, and that place in its group; the test says when its group is whole. */
function createRounds(position: Place | undefined) {
  const fake = new FakeEnv(lifeOf(0), messages);
  const state = { position, log: {} as object | undefined, isResting: false };
  const whole: { met: () => void; over: () => void }[] = [];
  const changed: (() => void)[] = [];
  const member = {
    state,
    whenWhole: () =>
      new Promise<void>((met, failed) => {
        whole.push({ met, over: () => failed(new CallError('ERR_UNREACHABLE')) });
      }),
    whenChanged: (ms: number) =>
      new Promise<void>((resolve) => {
        changed.push(resolve);
        fake.env.after(ms, resolve);
      }),
  };
  const rounds = new Rounds(fake.env, member as unknown as Member);
  return { fake, state, whole, changed, rounds };
}

/** What has become of a promise so far. */
function watch<T>(promise: Promise<T>): { readonly result: () => T | undefined } {
  let result: T | undefined;
  void promise.then((value) => {
    result = value;
  });
  return { result: () => result };
}

describe('a server in a round', () => {
  it('is whole as a secondary, and without a log', async () => {
    expect(await createRounds({ isPrimary: false }).rounds.flush(100)).toEqual({ isWhole: true });
    const { state, rounds } = createRounds(undefined);
    state.log = undefined;
    expect(await rounds.flush(100)).toEqual({ isWhole: true });
  });

  it('is whole as a primary when its secondaries are', async () => {
    const { whole, rounds } = createRounds({ isPrimary: true });
    const answer = watch(rounds.flush(100));
    await settled();
    expect(answer.result()).toBeUndefined();
    await settled(() => whole[0]?.met());
    expect(answer.result()).toEqual({ isWhole: true });
  });

  it('goes on in the next epoch', async () => {
    const { state, whole, changed, rounds } = createRounds({ isPrimary: true });
    const answer = watch(rounds.flush(1_000));
    await settled(() => whole[0]?.over());
    state.position = { isPrimary: true };
    await settled(() => changed[0]?.());
    expect(answer.result()).toBeUndefined();
    await settled(() => whole[1]?.met());
    expect(answer.result()).toEqual({ isWhole: true });
  });

  it('waits for its place as long as there is time', async () => {
    for (const isBack of [true, false]) {
      const { fake, state, rounds } = createRounds(undefined);
      const answer = watch(rounds.flush(100));
      await settled();
      expect(answer.result()).toBeUndefined();
      if (isBack) state.position = { isPrimary: false };
      await fake.pass(50);
      await fake.pass(50);
      expect(answer.result()).toEqual({ isWhole: isBack });
    }
  });

  it('does not wait for a place if it has left', async () => {
    const { state, rounds } = createRounds(undefined);
    state.isResting = true;
    expect(await rounds.flush(100)).toEqual({ isWhole: false });
  });
});

describe('the root of a round', () => {
  /** Server 1 is whole; the shard master says these, one after the other. */
  async function round(...said: readonly ({ isWhole: boolean; number: number } | 'lost')[]) {
    const { fake, rounds } = createRounds({ isPrimary: false });
    const outcome = watch(rounds.stabilize({ known: [0, 1], budgetMs: 8_000 }));
    const asked: string[] = [];
    await settled();
    for (const left = [...said]; outcome.result() === undefined; await settled()) {
      const call = fake.calls.shift();
      if (call === undefined) {
        await fake.pass(8_000);
        continue;
      }
      asked.push(call.method);
      const answer = call.method === 'flush' ? { isWhole: true } : left.shift();
      if (answer === 'lost' || answer === undefined) await call.fail('ERR_UNREACHABLE');
      else await call.answer(answer);
    }
    return { ...outcome.result(), asked };
  }

  const WHOLE = { isWhole: true, number: 4 };
  const BOTH = { reached: [0, 1], missing: [] };

  it('asks each server once if the configuration stays', async () => {
    const asked = ['status', 'flush', 'status'];
    expect(await round(WHOLE, WHOLE)).toEqual({ ...BOTH, asked });
  });

  it('asks all again if the configuration has changed meanwhile', async () => {
    const later = { ...WHOLE, number: 6 };
    const asked = ['status', 'flush', 'status', 'status', 'flush', 'status'];
    expect(await round(WHOLE, later, later, later)).toEqual({ ...BOTH, asked });
  });

  it('is not reached itself without the shard master', async () => {
    expect(await round('lost')).toMatchObject({ reached: [1], missing: [0] });
  });
});
