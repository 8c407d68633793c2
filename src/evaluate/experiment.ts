// The types of experiments, as data: what is set up and varied. The same experiments serve several
// protocols, which differ in their options.
import type { RandomStream } from '../kernel/random.ts';

/** A choice of options, and how the tables name it. */
export interface Variant {
  /** By column: `{ n: '4', r: '1', w: '2' }`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** What a stage of an experiment needs. */
export interface Scene {
  /** Undefined: the protocol that is evaluated. */
  readonly protocol?: string;
  readonly servers: number;
  /** Options of all variants; some may be drawn. */
  options(random: RandomStream): Readonly<Record<string, string>>;
}

interface Common extends Scene {
  readonly title: string;
  readonly keys: readonly string[];
}

/** How old a value may be when it is read: put, wait, get, by one session. */
export interface StalenessExperiment extends Common {
  readonly kind: 'staleness';
  readonly variants: readonly (Variant & { readonly published?: Published })[];
  /** Of all messages but answers to clients, in the words of the command `link`. */
  readonly delays: readonly string[];
  readonly waitsMs: readonly number[];
  /** The waits that the table shows, and that a reduced run has. */
  readonly shownWaitsMs: readonly number[];
}

/** Published shares in percent, one for each shown wait, by delay. */
export type Published = Readonly<Record<string, readonly number[]>>;

interface Requests {
  /** Of all messages, in the words of the command `link`. */
  readonly delay: string;
  /** So many requests are made at once, and the next ones when all are answered. */
  readonly batch: number;
  /** For each row of the table. */
  readonly requestsPerRound: number;
}

/** How long requests take. */
export interface TimesExperiment extends Common, Requests {
  readonly kind: 'times';
  readonly variants: readonly (Variant & { readonly published?: PublishedTimes })[];
}

/** By operation: mean and 99.9th percentile, in milliseconds. */
export type PublishedTimes = Readonly<Record<'put' | 'get', readonly [number, number]>>;

/** How long requests take while servers are failed, or fail and recover all the time. */
export interface FailuresExperiment extends Common, Requests {
  readonly kind: 'failures';
  readonly variants: readonly Variant[];
  /** How many servers have failed, one after the other, and stay failed. */
  readonly failed: readonly number[];
  /** Failures per second. */
  readonly rates: readonly number[];
  /** How long each of these lasts. */
  readonly failureMs: number;
  /** So many servers are failed at a time at most. */
  readonly mostFailed: number;
}

/** Operations with known answers at one server. */
export interface SingleExperiment extends Scene {
  readonly kind: 'single';
  readonly title: string;
  readonly variants: readonly Variant[];
  readonly clients: number;
}

/** Operations with known answers at several servers, also while servers leave and join. */
export interface ShardsExperiment extends Scene {
  readonly kind: 'shards';
  readonly title: string;
  readonly variants: readonly Variant[];
  /** The numbers of servers of which the first part is done. */
  readonly sizes: readonly number[];
  /** By the option `keys`, which the options have. */
  readonly keyCount: number;
}

/** How many gets miss the put just before them, by the number of synchronous secondaries. */
export interface GroupsExperiment extends Common {
  readonly kind: 'groups';
  /** Each has the option `sync`, a number. */
  readonly variants: readonly Variant[];
  readonly groups: number;
  readonly clients: number;
  /** The time between two updates of the other secondaries. */
  readonly intervalMs: number;
}

/** The same load for several protocols, and one crash after another. */
export interface CompareExperiment {
  readonly kind: 'compare';
  readonly title: string;
  readonly keys: readonly string[];
  readonly variants: readonly CompareVariant[];
  readonly clients: number;
  readonly crashes: number;
  options(random: RandomStream): Readonly<Record<string, string>>;
}

export interface CompareVariant extends Variant {
  readonly protocol: string;
  readonly servers: number;
}

export type Experiment =
  | StalenessExperiment
  | TimesExperiment
  | FailuresExperiment
  | SingleExperiment
  | ShardsExperiment
  | GroupsExperiment
  | CompareExperiment;
export type Kind = Experiment['kind'];

/** How much an evaluation does. */
export interface Extent {
  /** Rounds for each point of a curve; the number of requests is in proportion to it. */
  readonly rounds: number;
  /** For each row of the experiments that are measured by time. */
  readonly seconds: number;
  /** Only the waits that the table shows. */
  readonly isReduced: boolean;
}
