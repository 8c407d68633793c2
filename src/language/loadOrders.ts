// The operations that one lane of a workload asks for. They depend on its random stream alone, and
// not on answers. Pure.
import { type RandomStream, randomBelow, randomOf } from '../kernel/random.ts';
import type { MeaningfulOrder } from './meaningful.ts';
import type { Run } from './run.ts';

/** What is asked for: how many keys, and the share of each kind of operation, 0 to 1. */
export interface Shares {
  readonly keys: number;
  readonly reads: number;
  /** The shares of operations that only some protocols have; what is left are puts. */
  readonly appends: number;
  readonly pops: number;
  readonly cas: number;
}

/** The kinds of operation that a workload may have beside puts and gets. */
export type EditKind = 'append' | 'pop' | 'cas';

type Edit = Pick<MeaningfulOrder, 'command' | 'meaning'>;

export type LoadOrder =
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'get'; readonly key: string }
  | {
      readonly kind: EditKind;
      readonly key: string;
      /** The arguments after the key. */
      readonly texts: readonly string[];
      readonly edit: Edit;
    };

/** The arguments of such a command. */
const ARGS: Readonly<Record<EditKind, string>> = {
  append: 'key value',
  pop: 'key',
  cas: 'key text value',
};

/** The commands of the protocol that append to the value of a key, pop from it, or compare it. */
export function editsOf(
  { protocol, options }: Pick<Run, 'protocol' | 'options'>,
  kind: EditKind,
): Edit[] {
  return protocol.commands.flatMap(({ name, on, args, meaning: meaningOf }) => {
    const meaning = on === 'client' ? meaningOf?.(options) : undefined;
    const isOne = meaning?.kind === kind && args.join(' ') === ARGS[kind];
    return isOne ? [{ command: name, meaning }] : [];
  });
}

/** Of so many comparisons of a key, the last expects a value that the lane has replaced since. */
const COMPARISONS = 4;

export class LoadOrders {
  readonly #shares: Shares;
  readonly #random: RandomStream;
  readonly #keys: readonly string[] | undefined;
  readonly #edits: Readonly<Record<EditKind, readonly Edit[]>>;
  /** By key: what the lane wrote last, and before that. */
  readonly #writtenByKey = new Map<string, readonly string[]>();
  readonly #comparisonsByKey = new Map<string, number>();

  constructor(run: Pick<Run, 'protocol' | 'options'>, shares: Shares, random: RandomStream) {
    this.#shares = shares;
    this.#random = random;
    this.#keys = run.protocol.sampleKeys?.(run.options);
    const [append, pop, cas] = [editsOf(run, 'append'), editsOf(run, 'pop'), editsOf(run, 'cas')];
    this.#edits = { append, pop, cas };
  }

  /**
   * The next operation; one that writes has this value. The random numbers are drawn in one order:
   * two for each operation, and one more for a choice between several commands.
   */
  next(value: string): LoadOrder {
    const share = this.#random();
    const key = this.#nextKey();
    const kind = this.#kindAt(share);
    if (kind === 'get') return { kind, key };
    const edit = kind === 'put' ? undefined : randomOf(this.#random, this.#edits[kind]);
    if (kind === 'put' || edit === undefined) {
      this.#wrote(key, value);
      return { kind: 'put', key, value };
    }
    if (kind === 'cas') return { kind, key, texts: [this.#compare(key, value), value], edit };
    return { kind, key, texts: kind === 'append' ? [value] : [], edit };
  }

  #nextKey(): string {
    const number = randomBelow(this.#random, this.#shares.keys);
    return this.#keys === undefined ? `k${number}` : (this.#keys[number % this.#keys.length] ?? '');
  }

  #kindAt(share: number): 'get' | 'put' | EditKind {
    const { reads, appends, pops, cas } = this.#shares;
    if (share < reads) return 'get';
    if (share < reads + appends) return 'append';
    if (share < reads + appends + pops) return 'pop';
    return share < reads + appends + pops + cas ? 'cas' : 'put';
  }

  #wrote(key: string, value: string): void {
    this.#writtenByKey.set(key, [value, ...(this.#writtenByKey.get(key) ?? [])].slice(0, 2));
  }

  /**
   * The value that a comparison expects: what the lane wrote last, as if its comparisons came true,
   * or, each fourth time, what it wrote before that. The empty value if it has not written so much.
   */
  #compare(key: string, value: string): string {
    const count = (this.#comparisonsByKey.get(key) ?? 0) + 1;
    this.#comparisonsByKey.set(key, count);
    const [last = '', before = ''] = this.#writtenByKey.get(key) ?? [];
    if (count % COMPARISONS === 0) return before;
    this.#wrote(key, value);
    return last;
  }
}
