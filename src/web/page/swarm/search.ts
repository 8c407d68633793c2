// The state of a search among seeds: its workers take batches in turn; what broke is listed by
// seed, and can be shrunk. The workers are handed in, so that tests need no browser.
import { batch, computed, signal } from '@preact/signals';
import type { Answer, Request } from '../../run/messages.ts';
import type { BrokenSeed, SeedBatch, SeedPlan, ShrunkSeed } from '../../run/seedPlan.ts';

/** Few, so that progress is seen and each worker is busy until the end. */
const BATCH_SEEDS = 4;

export interface SeedWorker {
  post(request: Request): void;
  /** Ends it at once. */
  end(): void;
}

/** Starts a worker; `hear` gets its answers. */
export type StartSeedWorker = (hear: (answer: Answer) => void) => SeedWorker;

export interface SeedSearchSetup {
  readonly startWorker: StartSeedWorker;
  readonly workers: number;
  /** Milliseconds, for the number of seeds a second. */
  readonly now: () => number;
}

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

/** A search or a shrinking; only one is under way. */
export class SeedSearch {
  /** What the results are of; undefined before the first search. */
  readonly plan = signal<SeedPlan | undefined>(undefined);
  readonly doing = signal<'nothing' | 'searching' | 'shrinking'>('nothing');
  readonly count = signal(0);
  readonly done = signal(0);
  readonly undecided = signal(0);
  /** By ascending seed. */
  readonly broken = signal<readonly BrokenSeed[]>([]);
  /** Of a search that is under way or over. */
  readonly seconds = signal(0);
  /** The seed that is being shrunk, and the best so far. */
  readonly shrinking = signal<
    { readonly of: BrokenSeed; readonly best: ShrunkSeed | undefined } | undefined
  >(undefined);
  readonly trouble = signal<string | undefined>(undefined);
  readonly perSecond = computed(() =>
    this.seconds.value === 0 ? 0 : this.done.value / this.seconds.value,
  );
  readonly #setup: SeedSearchSetup;
  #workers: SeedWorker[] = [];
  #begunAt = 0;
  #next = 0;
  #end = 0;
  #requests = 0;

  constructor(setup: SeedSearchSetup) {
    this.#setup = setup;
  }

  search(plan: SeedPlan, { from, count }: SeedRange): void {
    this.stop();
    const { workers, now } = this.#setup;
    this.#begunAt = now();
    this.#next = from;
    this.#end = from + count;
    batch(() => {
      this.plan.value = plan;
      this.doing.value = 'searching';
      this.count.value = count;
      this.done.value = 0;
      this.undecided.value = 0;
      this.broken.value = [];
      this.seconds.value = 0;
      this.trouble.value = undefined;
    });
    const needed = Math.min(workers, Math.ceil(count / BATCH_SEEDS));
    for (let started = 0; started < needed; started += 1) {
      const worker = this.#start((answer) => {
        if (answer.kind === 'seeds') this.#add(answer.batch);
        this.#askNext(worker, plan);
      });
      this.#askNext(worker, plan);
    }
  }

  /** `onShrunk` gets the smallest script; also if it is stopped, if it was smaller by then. */
  shrink(of: BrokenSeed, onShrunk: (broken: BrokenSeed) => void): void {
    const plan = this.plan.value;
    if (plan === undefined) return;
    this.stop();
    batch(() => {
      this.doing.value = 'shrinking';
      this.shrinking.value = { of, best: undefined };
      this.trouble.value = undefined;
    });
    this.#onShrunk = onShrunk;
    const worker = this.#start((answer) => {
      if (answer.kind !== 'shrinking' && answer.kind !== 'shrink') return;
      if (answer.shrunk !== null) this.shrinking.value = { of, best: answer.shrunk };
      if (answer.kind === 'shrink') this.stop();
    });
    this.#post(worker, { kind: 'shrink', plan, seed: of.seed });
  }

  /** Ends what is under way. What was found by then stays. */
  stop(): void {
    for (const worker of this.#workers) worker.end();
    this.#workers = [];
    const best = this.shrinking.value?.best;
    const onShrunk = this.#onShrunk;
    this.#onShrunk = undefined;
    batch(() => {
      this.doing.value = 'nothing';
      this.shrinking.value = undefined;
    });
    if (best !== undefined) onShrunk?.(best.broken);
  }

  #onShrunk: ((broken: BrokenSeed) => void) | undefined;

  #start(hear: (answer: Answer) => void): SeedWorker {
    const worker = this.#setup.startWorker((answer) => {
      if (!this.#workers.includes(worker)) return;
      if (answer.kind === 'failed') this.#fail(answer.why);
      else hear(answer);
    });
    this.#workers.push(worker);
    return worker;
  }

  #fail(why: string): void {
    this.stop();
    this.trouble.value = why;
  }

  #askNext(worker: SeedWorker, plan: SeedPlan): void {
    const from = this.#next;
    const to = Math.min(this.#end, from + BATCH_SEEDS);
    if (from < to) {
      this.#next = to;
      this.#post(worker, { kind: 'seeds', plan, from, to });
    } else if (this.done.value === this.count.value) this.stop();
  }

  #post(worker: SeedWorker, request: Unnumbered): void {
    this.#requests += 1;
    worker.post({ ...request, id: this.#requests });
  }

  #add({ seeds, broken, undecided }: SeedBatch): void {
    batch(() => {
      this.done.value += seeds;
      this.undecided.value += undecided;
      this.seconds.value = (this.#setup.now() - this.#begunAt) / 1000;
      if (broken.length === 0) return;
      this.broken.value = [...this.broken.value, ...broken].sort((a, b) => a.seed - b.seed);
    });
  }
}

type Seeds = Extract<Request, { readonly kind: 'seeds' }>;
type Shrink = Extract<Request, { readonly kind: 'shrink' }>;
type Unnumbered = Omit<Seeds, 'id'> | Omit<Shrink, 'id'>;
