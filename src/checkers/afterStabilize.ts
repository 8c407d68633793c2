// Judges what the servers hold: whether each part of the network agreed after every stabilize, and
// whether an acknowledged write was lost.
import type { Recorded, VersionTuple } from '../kernel/history.ts';
import { type Life, lifeKey } from '../kernel/ids.ts';
import { holderOf, isAcknowledged, type StabilizationFinding } from './convergence.ts';
import { isInitial } from './history.ts';
import {
  broken,
  HOLDS,
  type Judgement,
  type StoreLevel,
  undecided,
  type Verdict,
} from './verdict.ts';
import { tell, where, written } from './words.ts';

/** The end of a server's life. */
export interface ServerDeath {
  readonly server: Life;
  /** The line of the script that ordered it; null if no line did. */
  readonly line: number | null;
}

/** What a run has observed, in order. */
export interface StoreRecord {
  readonly findings: readonly StabilizationFinding[];
  readonly deaths: readonly ServerDeath[];
  /** The first death for which no stabilize without a gap has come since. */
  readonly unseenDeath: ServerDeath | undefined;
}

export function checkStores(
  history: readonly Recorded[],
  record: StoreRecord,
  level: StoreLevel,
): Verdict<StoreLevel> {
  const judge = level === 'convergence' ? judgeConvergence : judgeLosses;
  return { level, ...judge(record, history) };
}

function judgeConvergence({ findings }: StoreRecord): Judgement {
  const [problem] = findings.flatMap(({ problems }) => problems);
  if (problem !== undefined) return { outcome: 'broken', witness: problem };
  return whyUndecided(findings) ?? HOLDS;
}

function judgeLosses(record: StoreRecord, history: readonly Recorded[]): Judgement {
  const { findings, unseenDeath } = record;
  const all = findings.flatMap((finding) => finding.lost);
  const lost = [...new Map(all.map((write) => [nameOf(write), write])).values()];
  const [first] = lost;
  if (first !== undefined) {
    const total = history.filter(isAcknowledged).length;
    const many = lost.length === 1 ? 'is lost' : 'are lost; the first';
    const sentence =
      `${lost.length} of ${total} acknowledged writes ${many}: ${tell(first)}, ` +
      `${tellFate(first, record)}.`;
    return broken('LostWrite', lost.slice(0, 4), sentence);
  }
  const why = whyUndecided(findings);
  if (why !== undefined) return why;
  const lastLine = findings.at(-1)?.line ?? 0;
  if (!history.some((write) => isAcknowledged(write) && write.line <= lastLine)) {
    return undecided('no write was acknowledged before a stabilize');
  }
  const { awaited: [awaited] = [], from = [] } = findings.findLast(({ gap }) => gap === null) ?? {};
  if (awaited !== undefined) {
    const found = `${written(awaited)} ${where(awaited)}`;
    return undecided(`server ${from.join(' or ')} is dead, and may bring ${found} back`);
  }
  if (unseenDeath === undefined) return HOLDS;
  const { server, line } = unseenDeath;
  const died = line === null ? 'died' : `was killed (line ${line})`;
  return undecided(`server ${server.id} ${died}, and ${tellLater(findings, line)}`);
}

/** Why no stabilize checked the effect of the death in `line`: none followed, or all had gaps. */
function tellLater(findings: readonly StabilizationFinding[], line: number | null): string {
  const last = findings.at(-1);
  if (last === undefined || last.gap === null || (line !== null && last.line < line)) {
    return 'no stabilize came after that';
  }
  return `no stabilize after that was whole; at that in line ${last.line} ${last.gap}`;
}

function whyUndecided(findings: readonly StabilizationFinding[]): Judgement | undefined {
  const last = findings.at(-1);
  if (last === undefined) return undecided('there was no stabilize');
  if (findings.some(({ gap }) => gap === null)) return undefined;
  return undecided(`no stabilize was whole; at that in line ${last.line} ${last.gap}`);
}

/** Says what became of the server that took the write, and which stabilize noticed the loss. */
function tellFate(write: Recorded, { findings, deaths }: StoreRecord): string {
  const [, , incarnation] = write.version as VersionTuple;
  const id = holderOf(write);
  const death = isInitial(write)
    ? deaths.findLast(({ server }) => server.id === id)
    : deaths.find(({ server }) => lifeKey(server) === lifeKey({ id, incarnation }));
  const finding = findings.find(({ lost }) => lost.some((one) => nameOf(one) === nameOf(write)));
  const found = `at the stabilize in line ${finding?.line} no live server had it or a later one`;
  const holder = `server ${id}, which ${isInitial(write) ? 'had' : 'took'} it,`;
  if (death === undefined) return `and ${holder} lives, but ${found}`;
  const died = death.line === null ? 'died' : `was killed (line ${death.line})`;
  return `and ${holder} ${died}; ${found}`;
}

/**
 * Names the write for comparison. A write of an earlier run becomes a new operation object at each
 * stabilize, so object identity does not work.
 */
function nameOf({ key, version }: Recorded): string {
  return `${version} ${key}`;
}
