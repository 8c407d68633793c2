// Pairs: each client puts a key and gets it at once. What the get returned is compared with what
// was put: it may be older, because the server that answered had not received the put, or newer,
// because another client has put the key meanwhile.
import { compareVersions, fromVersionTuple } from '../clocks/version.ts';
import type { Answer } from '../kernel/control.ts';
import type { NodeId } from '../kernel/ids.ts';
import { randomBelow } from '../kernel/random.ts';
import { isAnswered } from './load.ts';
import type { Stage } from './stage.ts';
import { type Summary, summarize } from './statistics.ts';

/** `unanswered`: the put or the get has failed. */
export type PairOutcome = 'same' | 'older' | 'newer' | 'unanswered';

export interface PairsResult {
  readonly seconds: number;
  readonly pairs: number;
  readonly pairsPerSecond: number;
  /** Pairs whose get did not return the value just put, for whatever reason. */
  readonly errors: number;
  readonly errorsPerSecond: number;
  /** The mean of the clients' shares; null if a client has completed no pair. */
  readonly errorShare: number | null;
  /** Of the errors. */
  readonly older: number;
  readonly newer: number;
  readonly unanswered: number;
  /** Times of the answered puts and gets. */
  readonly put: Summary;
  readonly get: Summary;
}

export interface PairsLoad {
  readonly keys: readonly string[];
  readonly seconds: number;
}

/** What a get returned right after a put of that value by the same client. */
export function judgePair(value: string, put: Answer, got: Answer): PairOutcome {
  if (put.outcome !== 'ok' || !isAnswered(got)) return 'unanswered';
  if (got.value === value) return 'same';
  if (put.version === null || got.version === null) return 'older';
  const [mine, theirs] = [put.version, got.version].map(fromVersionTuple);
  return mine && theirs && compareVersions(theirs, mine) > 0 ? 'newer' : 'older';
}

/** All clients at once, each pair after the one before. */
export async function runPairs(stage: Stage, load: PairsLoad): Promise<PairsResult> {
  const begun = stage.now();
  const until = begun + load.seconds * 1_000;
  const tallies = await Promise.all(
    stage.clients.map((client) => runClient(stage, client, { ...load, until })),
  );
  return resultOf(tallies, (stage.now() - begun) / 1_000);
}

async function runClient(
  stage: Stage,
  client: NodeId,
  { keys, until }: PairsLoad & { readonly until: number },
): Promise<Tally> {
  const tally = new Tally();
  while (stage.now() < until) {
    const key = keys[randomBelow(stage.random, keys.length)] ?? '';
    const value = drawValue(stage.random);
    const begun = stage.now();
    const put = await stage.put(client, key, value);
    const between = stage.now();
    const got = await stage.get(client, key);
    const outcome = judgePair(value, put, got);
    tally.counts[outcome] += 1;
    if (outcome === 'unanswered') continue;
    tally.putsMs.push(between - begun);
    tally.getsMs.push(stage.now() - between);
  }
  return tally;
}

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const VALUE_LENGTH = 4;

function drawValue(random: () => number): string {
  const draw = (): string => CHARACTERS[randomBelow(random, CHARACTERS.length)] ?? '';
  return Array.from({ length: VALUE_LENGTH }, draw).join('');
}

/** What one client has found. */
class Tally {
  readonly counts: Record<PairOutcome, number> = { same: 0, older: 0, newer: 0, unanswered: 0 };
  readonly putsMs: number[] = [];
  readonly getsMs: number[] = [];

  get pairs(): number {
    const { same, older, newer, unanswered } = this.counts;
    return same + older + newer + unanswered;
  }

  get errors(): number {
    return this.pairs - this.counts.same;
  }
}

function resultOf(tallies: readonly Tally[], seconds: number): PairsResult {
  const sum = (count: (tally: Tally) => number): number =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  const [pairs, errors] = [sum((tally) => tally.pairs), sum((tally) => tally.errors)];
  const isWhole = tallies.every((tally) => tally.pairs > 0);
  return {
    seconds,
    pairs,
    pairsPerSecond: pairs / seconds,
    errors,
    errorsPerSecond: errors / seconds,
    errorShare: isWhole ? sum((tally) => tally.errors / tally.pairs) / tallies.length : null,
    older: sum(({ counts }) => counts.older),
    newer: sum(({ counts }) => counts.newer),
    unanswered: sum(({ counts }) => counts.unanswered),
    put: summarize(tallies.flatMap(({ putsMs }) => putsMs)),
    get: summarize(tallies.flatMap(({ getsMs }) => getsMs)),
  };
}
