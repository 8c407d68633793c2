// Exercises a log: consecutive lives on one folder, each ended by a crash or a failing disk during
// appends and compactions. Compared with a list in memory.
import { CallError } from '../../src/kernel/errors.ts';
import type { Json } from '../../src/kernel/json.ts';
import { createRandomStream, type RandomStream, randomBelow } from '../../src/kernel/random.ts';
import { Folder, type Life, lastFrameOf, OWNER, whyNot } from './folder.ts';
import { framesOf, Neighbours, toLog } from './frames.ts';

/** What happened in a run, so that a batch which exercised too little can be told. */
export type Marks = Map<string, number>;

const LIVES = 8;
const STEPS = 25;
const LAST_OPERATION = 60;

/**
 * Record `n` is the number n; a compaction's is `[n]`, which stands for all below n. So a log is
 * right if its numbers have no gap.
 */
class Ledger {
  /** All below were acknowledged. */
  acked = 0;
  /** All below were asked for. */
  asked = 0;
  readonly refused = new Set<number>();

  /** The next number, and what a compaction now stands for. */
  next(): number {
    this.asked += 1;
    return this.asked - 1;
  }

  /** Throws unless these records may be what a new life finds. */
  judge(records: readonly Json[]): void {
    let next = 0;
    for (const [index, record] of records.entries()) {
      if (Array.isArray(record)) {
        must(index === 0, 'a compaction replaces all that was before it');
        next = record[0] as number;
      } else {
        while (this.refused.has(next)) next += 1;
        must(record === next, `record ${JSON.stringify(record)} in the place of ${next}`);
        next += 1;
      }
    }
    while (this.refused.has(next) && next < this.acked) next += 1;
    must(next >= this.acked, `lost: ${next} is left of ${this.acked} acknowledged`);
    must(next <= this.asked, 'more than was ever asked for');
    this.acked = next;
    this.asked = next;
    this.refused.clear();
  }
}

/** Runs one, adds to `marks`, and throws an error that says what broke. */
export async function runLogExercise(seed: number, marks: Marks): Promise<void> {
  const random = createRandomStream(seed, 'log exercise');
  const folder = new Folder(seed);
  const ledger = new Ledger();
  const formers: Buffer[][] = [];
  const mark = (what: string): void => void marks.set(what, (marks.get(what) ?? 0) + 1);
  for (let count = 0; count < LIVES; count += 1) {
    await runLife(folder, ledger, random, mark);
    mark(random() < 0.5 ? 'kill' : 'power failure');
    if (random() < 0.5) folder.disk.failPower();
    folder.disk.setFault();
    await judgeDamage(folder, random, mark);
    await judgeChain(folder, formers, random, mark);
  }
  folder.disk.setFault();
  folder.disk.failPower();
  for (let count = 0; count < 2; count += 1) {
    const life = await folder.open();
    ledger.judge(life.records);
    folder.disk.failPower();
  }
}

/**
 * A copy of the folder with one bit flipped: what was written is refused, or at most its last frame
 * is cut off, which is told.
 */
async function judgeDamage(
  folder: Folder,
  random: RandomStream,
  mark: (what: string) => void,
): Promise<void> {
  if (!folder.disk.files.has('log')) return;
  const [right, damaged] = [await folder.copy(), await folder.copy()];
  const bytes = damaged.bytes('log');
  const lastFrame = await lastFrameOf(bytes);
  const place = randomBelow(random, bytes.length * 8);
  bytes[place >> 3] = (bytes[place >> 3] as number) ^ (1 << (place & 7));
  await damaged.put('log', bytes);
  const [good, bad] = [right.begin(), damaged.begin()];
  await good.open();
  try {
    await bad.open();
  } catch (error) {
    const { code } = error as { code: string };
    mark(`bit flip: ${code}`);
    must(['E_LOG_CORRUPT', 'E_LOG_VERSION'].includes(code), `a flipped bit gives ${code}`);
    return;
  }
  mark('bit flip: torn tail');
  must(place >> 3 >= lastFrame, `the flipped bit ${place} is before the last frame`);
  must(bad.warnings.length === 1, `no warning of the flipped bit ${place}`);
  const [kept, all] = [JSON.stringify(bad.records), JSON.stringify(good.records)];
  must(all.startsWith(kept.slice(0, -1)), `the flipped bit ${place} makes other records`);
}

/**
 * A copy of the folder whose log has a frame too few, too many or in another place, its own or one
 * of an earlier log: it is refused, with the place of the first that does not belong there.
 */
async function judgeChain(
  folder: Folder,
  formers: Buffer[][],
  random: RandomStream,
  mark: (what: string) => void,
): Promise<void> {
  if (!folder.disk.files.has('log')) return;
  const frames = await framesOf(folder.bytes('log'));
  for (const former of formers) {
    if (former[0] === undefined || !frames[0]?.equals(former[0])) continue;
    // The last frame may have been lost since, and another written in its place.
    const isSame = former.slice(0, -1).every((frame, index) => frames[index]?.equals(frame));
    must(isSame, 'a misplaced frame would pass: two logs have the same head');
  }
  const [what, misplaced] = misplace(frames, formers.flat(), random);
  const offset = new Neighbours(frames, ...formers).findMisplaced(misplaced);
  formers.push(frames);
  if (offset === undefined) return;
  const copy = await folder.copy();
  await copy.put('log', toLog(misplaced));
  const why = await whyNot(copy.begin().open());
  const isRefused = why.startsWith(`E_LOG_CORRUPT folder/log: at byte ${offset}: `);
  must(isRefused, `a misplaced frame at byte ${offset} (${what}): ${why}`);
  mark(`frame ${what}`);
}

function misplace(
  frames: readonly Buffer[],
  others: readonly Buffer[],
  random: RandomStream,
): [what: string, frames: Buffer[]] {
  const pick = <T>(list: readonly T[]): T => list[randomBelow(random, list.length)] as T;
  const places = Array.from(frames.keys());
  const chance = random();
  if (frames.length < 2) return ['left', [...frames]];
  if (chance < 0.25) return ['removed', frames.toSpliced(pick(places.slice(0, -1)), 1)];
  if (chance < 0.5) return ['repeated', frames.toSpliced(pick(places), 0, pick(frames))];
  if (chance < 0.75 || others.length === 0) {
    const [one, other] = [pick(places), pick(places)];
    const swapped = [...frames];
    [swapped[one], swapped[other]] = [frames[other] as Buffer, frames[one] as Buffer];
    return ['swapped', swapped];
  }
  return ['spliced', frames.toSpliced(pick(places), randomBelow(random, 2), pick(others))];
}

async function runLife(
  folder: Folder,
  ledger: Ledger,
  random: RandomStream,
  mark: (what: string) => void,
): Promise<void> {
  const chance = random();
  const at = 1 + randomBelow(random, LAST_OPERATION);
  if (chance < 0.5) folder.disk.setFault();
  else {
    const code = chance < 0.75 ? 'EIO' : 'ENOSPC';
    folder.disk.setFault({ code, at, lasts: random() < 0.5 });
  }
  const life = folder.begin(OWNER, chance < 0.5 ? at : LAST_OPERATION * 4);
  const opened = await Promise.race([
    life.open().then(
      () => 'open',
      (error: { code: string }) => error.code,
    ),
    life.ended.then(() => 'ended'),
  ]);
  mark(`opening: ${opened}`);
  must(['open', 'ended', 'E_IO'].includes(opened), `a log that was not damaged: ${opened}`);
  if (opened === 'open') {
    ledger.judge(life.records);
    if (life.warnings.length > 0) mark('torn tail');
    await work(life, ledger, random, mark);
  }
  life.end();
}

/** Appends in bursts, some of them waited for, and now and then a compaction. */
async function work(
  life: Life,
  ledger: Ledger,
  random: RandomStream,
  mark: (what: string) => void,
): Promise<void> {
  const { log } = life;
  let isOver = false;
  const ended = life.ended.then(() => {
    isOver = true;
  });
  const settle = (job: Promise<void>, what: string, done: () => void, failed: () => void) =>
    job.then(
      () => {
        if (isOver) return;
        mark(`${what} done`);
        done();
      },
      (error: unknown) => {
        must(error instanceof CallError && error.code === 'E_STORAGE', `${what}: ${error}`);
        mark(`${what} refused`);
        failed();
      },
    );
  for (let step = 0; step < STEPS && !isOver; step += 1) {
    const jobs: Promise<void>[] = [];
    for (let burst = randomBelow(random, 4); burst >= 0; burst -= 1) {
      const number = ledger.next();
      const acknowledge = (): void => {
        ledger.acked = Math.max(ledger.acked, number + 1);
      };
      jobs.push(
        settle(log.append(number), 'append', acknowledge, () => ledger.refused.add(number)),
      );
    }
    if (ledger.refused.size === 0 && random() < 0.15) {
      const upTo = ledger.asked;
      const none = (): void => undefined;
      jobs.push(settle(log.compact([[upTo]]), 'compaction', none, none));
    }
    if (random() < 0.7) await Promise.race([Promise.all(jobs), ended]);
  }
  await Promise.race([log.append(ledger.next()).catch(() => undefined), ended]);
}

function must(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
