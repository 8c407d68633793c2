// The state of a search among seeds, with workers that answer when the test says so.
import { beforeEach, describe, expect, it } from 'vitest';
import { SeedSearch, type SeedWorker } from '../../src/web/page/swarm/search.ts';
import type { Answer, Request } from '../../src/web/run/messages.ts';
import type { BrokenSeed, SeedPlan } from '../../src/web/run/seedPlan.ts';

const PLAN: SeedPlan = { protocol: 'causal', script: null, faults: '', level: null };

class FakeWorker implements SeedWorker {
  readonly requests: Request[] = [];
  isEnded = false;
  readonly hear: (answer: Answer) => void;

  constructor(hear: (answer: Answer) => void) {
    this.hear = hear;
  }

  post(request: Request): void {
    this.requests.push(request);
  }

  end(): void {
    this.isEnded = true;
  }

  /** Answers its last request, which is about seeds. */
  answer(...seeds: number[]): void {
    const request = this.requests.at(-1);
    if (request?.kind !== 'seeds') throw new Error('it was asked for no seeds');
    const { id, from, to } = request;
    const batch = { seeds: to - from, broken: seeds.map((seed) => brokenAt(seed)), undecided: 1 };
    this.hear({ kind: 'seeds', id, batch });
  }
}

function brokenAt(seed: number, length = 9): BrokenSeed {
  const source = { script: 'heal\n', protocol: 'causal', seed, faults: '' };
  return { seed, kind: 'C4', sentence: 'C4: differ', source, length };
}

let workers: FakeWorker[] = [];
let now = 0;
let search: SeedSearch;
beforeEach(() => {
  workers = [];
  now = 0;
  search = new SeedSearch({
    startWorker: (hear) => {
      const worker = new FakeWorker(hear);
      workers.push(worker);
      return worker;
    },
    workers: 2,
    now: () => now,
  });
});

const seedsOf = (): number[] => search.broken.value.map(({ seed }) => seed);
const worker = (index: number): FakeWorker => workers[index] as FakeWorker;

describe('a search', () => {
  it('gives each worker a batch when its last one is done, and each seed once', () => {
    search.search(PLAN, { from: 5, count: 10 });
    worker(1).answer();
    worker(0).answer();
    const ranges = workers.flatMap(({ requests }) =>
      requests.map((request) => request.kind === 'seeds' && [request.from, request.to]),
    );
    expect(ranges).toEqual([
      [5, 9],
      [9, 13],
      [13, 15],
    ]);
  });

  it('lists what broke by seed, and ends its workers at the end', () => {
    search.search(PLAN, { from: 1, count: 8 });
    now = 2_000;
    worker(1).answer(7, 6);
    expect([search.done.value, search.doing.value]).toEqual([4, 'searching']);
    worker(0).answer(2);
    expect(seedsOf()).toEqual([2, 6, 7]);
    expect([search.done.value, search.undecided.value]).toEqual([8, 2]);
    expect(search.perSecond.value).toBe(4);
    expect(search.doing.value).toBe('nothing');
    expect(workers.map(({ isEnded }) => isEnded)).toEqual([true, true]);
  });

  it('starts no more workers than it has batches', () => {
    search.search(PLAN, { from: 1, count: 3 });
    expect(workers.length).toBe(1);
  });

  it('keeps what was found when it is stopped, and hears no more', () => {
    search.search(PLAN, { from: 1, count: 8 });
    worker(0).answer(2);
    search.stop();
    worker(1).answer(6);
    expect(seedsOf()).toEqual([2]);
    expect(workers.every(({ isEnded }) => isEnded)).toBe(true);
  });

  it('says why it failed', () => {
    search.search(PLAN, { from: 1, count: 8 });
    worker(0).hear({ kind: 'failed', id: 1, why: 'a bug' });
    expect([search.doing.value, search.trouble.value]).toEqual(['nothing', 'a bug']);
  });
});

describe('shrinking', () => {
  const shrunk = (length: number) => ({ broken: brokenAt(2, length), trials: 3 });
  const got: number[] = [];
  beforeEach(() => {
    got.length = 0;
    search.search(PLAN, { from: 1, count: 4 });
    worker(0).answer(2);
    search.shrink(brokenAt(2), ({ length }) => got.push(length));
  });

  it('gives the smallest script at the end, once', () => {
    worker(1).hear({ kind: 'shrinking', id: 2, shrunk: shrunk(7) });
    expect(search.shrinking.value?.best?.broken.length).toBe(7);
    expect(got).toEqual([]);
    worker(1).hear({ kind: 'shrink', id: 2, shrunk: shrunk(4) });
    expect([got, search.doing.value, worker(1).isEnded]).toEqual([[4], 'nothing', true]);
    expect(seedsOf()).toEqual([2]);
  });

  it('gives the best so far when it is stopped', () => {
    worker(1).hear({ kind: 'shrinking', id: 2, shrunk: shrunk(7) });
    search.stop();
    search.stop();
    expect(got).toEqual([7]);
  });

  it('gives nothing if there is nothing yet, or another search begins', () => {
    search.search(PLAN, { from: 1, count: 4 });
    expect([got, search.doing.value]).toEqual([[], 'searching']);
  });
});
