// Rounds: which servers the root asks again, and which it gives up; and what a server answers that
// is busy. The test answers the calls.
import { describe, expect, it } from 'vitest';
import type { RoundOutcome } from '../../../src/kernel/round.ts';
import { MEMORY_STORAGE, type Storage } from '../../../src/kernel/storage.ts';
import { HandOff } from '../../../src/protocols/quorum/handOff.ts';
import { Journal } from '../../../src/protocols/quorum/journal.ts';
import { messages } from '../../../src/protocols/quorum/messages.ts';
import { Peers } from '../../../src/protocols/quorum/peers.ts';
import { Reconciler } from '../../../src/protocols/quorum/reconciler.ts';
import { Stabilizer } from '../../../src/protocols/quorum/stabilizer.ts';
import { Tasks } from '../../../src/replication/tasks.ts';
import { FakeEnv, settled } from '../../support/fakeEnv.ts';
import { HeldStorage } from '../../support/heldStorage.ts';
import { createState, put } from './writes.ts';

const BUDGET_MS = 8_000;
const DONE = { isDone: true, isQuiet: true, owed: [], clock: 0 };
const NOT_YET = { isDone: false, isQuiet: false, owed: [0], clock: 0 };
const NO_TREES = { trees: [], clock: 0 };
const EQUAL = { isDone: true, life: [1, 1], ring: 1, missed: [], clock: 0 };
const HALF = { isDone: false, life: [1, 1], ring: 1, missed: [2], clock: 0 };
const RINGLESS = { ...EQUAL, ring: 0 };
const LATER = { ...EQUAL, ring: 2 };

/** What server 1 answers to the calls of a method, one after the other; `lost` for none. */
type Answers = { readonly [method: string]: readonly (object | 'lost')[] };

interface Round {
  readonly outcome: RoundOutcome;
  readonly asked: readonly { readonly method: string; readonly timeoutMs: number | undefined }[];
}

/** Server 0 of four, which has a link to server 1 alone. */
function createStabilizer(storage: Storage = MEMORY_STORAGE) {
  const state = createState(0);
  for (const id of [2, 3]) state.liveness.disconnected(id);
  const fake = new FakeEnv(state.self, messages);
  const journal = new Journal(state, storage);
  const peers = new Peers(fake.env, state);
  const handOff = new HandOff(journal, peers, new Reconciler(journal, peers));
  const tasks = new Tasks(fake.env);
  const join = (): Promise<unknown> => Promise.resolve();
  const parts = { journal, peers, handOff, tasks, join };
  return { state, fake, stabilizer: new Stabilizer(fake.env, parts) };
}

/** A round with that server as its root. */
async function runRound(given: Answers): Promise<Round> {
  const { fake, stabilizer } = createStabilizer();
  const answers: Record<string, (object | 'lost')[]> = {
    meet: [{ routes: [[]], missing: [], clock: 0 }],
    compare: [{ trees: [], clock: 0 }],
  };
  for (const [method, list] of Object.entries(given)) answers[method] = [...list];
  const asked: { method: string; timeoutMs: number | undefined }[] = [];
  let outcome: RoundOutcome | undefined;
  const order = { round: 1, avoid: [], known: [0, 1], budgetMs: BUDGET_MS };
  void stabilizer.stabilize(order).then((result) => {
    outcome = result;
  });
  await settled();
  while (outcome === undefined) {
    const call = fake.calls.shift();
    if (call === undefined) throw new Error('the root waits, and has asked nothing');
    const { method, timeoutMs } = call;
    asked.push({ method, timeoutMs });
    const answer = answers[method]?.shift();
    if (answer === undefined) throw new Error(`no answer to ${method}`);
    if (answer === 'lost') await call.fail('ERR_UNREACHABLE');
    else await call.answer(answer);
  }
  return { outcome, asked };
}

const BOTH = { reached: [0, 1], missing: [] };
const ALONE = { reached: [0], missing: [1] };

describe('the root of a round', () => {
  it('asks each server once for what it can do at once', async () => {
    const { outcome, asked } = await runRound({ flush: [DONE], equalize: [EQUAL] });
    expect(outcome).toEqual(BOTH);
    expect(asked.map(({ method }) => method)).toEqual(['meet', 'flush', 'equalize', 'compare']);
  });

  it('asks a server again that is not done yet', async () => {
    const { outcome } = await runRound({ flush: [NOT_YET, DONE], equalize: [HALF, EQUAL] });
    expect(outcome).toEqual(BOTH);
  });

  it('repeats a call that was lost, in each phase', async () => {
    const { outcome } = await runRound({ flush: ['lost', DONE], equalize: ['lost', EQUAL] });
    expect(outcome).toEqual(BOTH);
  });

  it('goes by what a server has answered before a call was lost', async () => {
    const quiet = { ...NOT_YET, owed: [] };
    const { outcome } = await runRound({ flush: [quiet, 'lost'], equalize: [EQUAL] });
    expect(outcome).toEqual(BOTH);
  });

  it('gives up a server that does not answer twice', async () => {
    expect((await runRound({ flush: ['lost', 'lost'] })).outcome).toEqual(ALONE);
  });

  it('gives up a server that is not done when the time of the phase is over', async () => {
    const { outcome } = await runRound({ flush: [NOT_YET, NOT_YET], equalize: [EQUAL] });
    expect(outcome).toEqual(ALONE);
  });

  it('gives up a server that does not know the ring, or has a former one', async () => {
    const known = await runRound({
      flush: [DONE],
      equalize: [RINGLESS, EQUAL],
      compare: [NO_TREES, NO_TREES],
    });
    expect(known.outcome).toEqual(BOTH);
    const unknown = await runRound({
      flush: [DONE],
      equalize: [RINGLESS, RINGLESS],
      compare: [NO_TREES, NO_TREES],
    });
    expect(unknown.outcome).toEqual(ALONE);
  });

  it('is not reached itself with a former ring', async () => {
    const { outcome } = await runRound({
      flush: [DONE],
      equalize: [LATER, LATER],
      compare: [NO_TREES, NO_TREES],
    });
    expect(outcome).toEqual({ reached: [], missing: [0] });
  });

  it('has time for two attempts in each phase', async () => {
    const { asked } = await runRound({ flush: ['lost', DONE], equalize: ['lost', EQUAL] });
    for (const phase of ['flush', 'equalize']) {
      const times = asked.filter(({ method }) => method === phase).map((call) => call.timeoutMs);
      expect(times).toEqual([BUDGET_MS / 4, BUDGET_MS / 4]);
    }
  });
});

describe('a server with a slow disk', () => {
  const order = { routes: [[1]], budgetMs: 1_000 };

  it('says in time that it is not done, and goes on', async () => {
    const storage = new HeldStorage();
    const { fake, stabilizer } = createStabilizer(storage);
    const first = stabilizer.flush(order);
    await fake.pass(800);
    expect(await first).toEqual({ isDone: false, isQuiet: false, owed: [], clock: 0 });
    const second = stabilizer.flush(order);
    await storage.confirm();
    expect(await second).toEqual({ isDone: true, isQuiet: true, owed: [], clock: 0 });
  });

  it('is no root while its disk has not taken what it owes to itself', async () => {
    const storage = new HeldStorage();
    const { state, fake, stabilizer } = createStabilizer(storage);
    state.liveness.disconnected(1);
    state.keepHint({ owner: 0, write: put('5', 1) });
    const round = stabilizer.stabilize({ round: 1, avoid: [], known: [0], budgetMs: BUDGET_MS });
    await settled();
    for (let attempt = 0; attempt < 2; attempt += 1) await fake.pass(BUDGET_MS / 5);
    expect(await round).toEqual({ reached: [], missing: [0] });
    const again = stabilizer.stabilize({ round: 2, avoid: [], known: [0], budgetMs: BUDGET_MS });
    while (storage.pending.length > 0) await storage.confirm();
    expect(await again).toEqual({ reached: [0], missing: [] });
    expect(state.store.find('5')).toEqual([put('5', 1)]);
  });

  it('fails if the disk refuses', async () => {
    const storage = new HeldStorage();
    const flushed = createStabilizer(storage).stabilizer.flush(order);
    const failed = expect(flushed).rejects.toMatchObject({ code: 'E_STORAGE' });
    await storage.refuse();
    await failed;
  });
});
