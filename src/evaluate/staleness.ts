// Measures staleness: one session puts a new value, waits, and gets the key, each at a random
// server. The share of gets that return that value, by the time between.
import { randomBelow } from '../kernel/random.ts';
import type { Extent, StalenessExperiment, Variant } from './experiment.ts';
import { fill, isAnswered } from './load.ts';
import type { OpenStage, Stage } from './stage.ts';
import { type Table, tellNumber, tellPercent } from './table.ts';

export interface StalenessPoint {
  readonly waitMs: number;
  readonly rounds: number;
  /** Rounds in which the put or the get was not answered; the share is of the others. */
  readonly unanswered: number;
  /** Null if no round was answered. */
  readonly freshShare: number | null;
}

export interface PublishedShare {
  readonly waitMs: number;
  readonly percent: number;
}

export interface StalenessRow {
  readonly labels: Variant['labels'];
  readonly delay: string;
  readonly points: readonly StalenessPoint[];
  /** Published shares in percent, each with its wait in milliseconds. */
  readonly published: readonly PublishedShare[] | null;
}

export async function runStaleness(
  experiment: StalenessExperiment,
  { rounds, isReduced }: Extent,
  openStage: OpenStage,
): Promise<StalenessRow[]> {
  const waitsMs = isReduced ? experiment.shownWaitsMs : experiment.waitsMs;
  const rows: StalenessRow[] = [];
  for (const { labels, options, published } of experiment.variants) {
    for (const delay of experiment.delays) {
      const stage = await openStage(experiment, options, 1);
      await fill(stage, experiment.keys);
      await slowDown(stage, delay);
      const points: StalenessPoint[] = [];
      for (const waitMs of waitsMs) {
        points.push(await measure(stage, experiment.keys, waitMs, rounds));
      }
      await stage.finish();
      const shares = published?.[delay]?.map((percent, at) => {
        return { waitMs: experiment.shownWaitsMs[at] ?? 0, percent };
      });
      rows.push({ labels, delay, points, published: shares ?? null });
    }
  }
  return rows;
}

/** The wait begins with the acknowledgement, so answers to the client are not delayed. */
async function slowDown(stage: Stage, delay: string): Promise<void> {
  await stage.do(`link all delay=${delay}`);
  for (const client of stage.clients) {
    for (const server of stage.servers) await stage.do(`link ${server} ${client} delay=0ms`);
  }
}

async function measure(
  stage: Stage,
  keys: readonly string[],
  waitMs: number,
  rounds: number,
): Promise<StalenessPoint> {
  const [client = 0] = stage.clients;
  let fresh = 0;
  let unanswered = 0;
  for (let round = 0; round < rounds; round += 1) {
    const key = keys[randomBelow(stage.random, keys.length)] ?? '';
    const value = `${waitMs}ms-${round}`;
    const put = await stage.put(client, key, value);
    await stage.sleep(waitMs);
    const got = await stage.get(client, key);
    if (put.outcome !== 'ok' || !isAnswered(got)) unanswered += 1;
    else if (got.value === value) fresh += 1;
  }
  const answered = rounds - unanswered;
  return { waitMs, rounds, unanswered, freshShare: answered === 0 ? null : fresh / answered };
}

/** The shown waits, each with the published share beside it. */
export function tellStaleness(
  { title, shownWaitsMs }: StalenessExperiment,
  rows: readonly StalenessRow[],
): Table {
  const names = Object.keys(rows[0]?.labels ?? {});
  const waits = shownWaitsMs.flatMap((ms) => [`${ms} ms`, '(publ.)']);
  return {
    title,
    heads: [...names, 'delay', ...waits],
    rows: rows.map(({ labels, delay, points, published }) => [
      ...names.map((name) => labels[name] ?? ''),
      delay,
      ...shownWaitsMs.flatMap((waitMs) => {
        const point = points.find((one) => one.waitMs === waitMs);
        const known = published?.find((one) => one.waitMs === waitMs)?.percent;
        return [
          tellPercent(point?.freshShare ?? null),
          known === undefined ? '-' : `(${tellNumber(known)})`,
        ];
      }),
    ]),
  };
}
