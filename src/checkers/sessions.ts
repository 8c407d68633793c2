// The four session guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated
// Data" (PDIS 1994), section 3. Where servers report the writes that they had applied, DB(S,t),
// they are decided exactly; else from versions, key by key; else from the values alone, as far as
// these go.
//
// A get returns what the last put of its key has left. So a server must have applied the greatest
// version of that key which the session has put (read your writes) or got (monotonic reads), and
// must not give an older one than either; `wholeDatabase` asks for every earlier write of the
// session, or every one that it has read, as the paper does.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { at, type Model } from './model.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { judgeServerOrder } from './serverOrder.ts';
import { judgeByValues } from './sessionValues.ts';
import { broken, HOLDS, type Judgement, type SessionGuarantee } from './verdict.ts';
import { content, tell, where } from './words.ts';

/** What a session guarantee can be decided from. */
export type Basis = 'vectors' | 'versions' | 'values';

export interface SessionOptions {
  /** Ask a read's server for all that its session has written, or read, of any key. */
  readonly wholeDatabase?: boolean;
}

export function basisOf(model: Model): Basis {
  let hasVersions = true;
  for (const { applied, version, kind, value, outcome } of model.operations) {
    if (applied !== null) return 'vectors';
    const needsVersion = outcome !== 'unknown' && (kind !== 'get' || value !== null);
    if (needsVersion && version === null) hasVersions = false;
  }
  return hasVersions ? 'versions' : 'values';
}

export function judgeSessions(
  model: Model,
  history: readonly Operation[],
  guarantee: SessionGuarantee,
  options: SessionOptions = {},
): Judgement {
  if (basisOf(model) === 'values') return judgeByValues(model, guarantee);
  const versions = versionsOf(model);
  if (guarantee === 'read-your-writes' || guarantee === 'monotonic-reads') {
    return judgeReads(model, versions, guarantee, options.wholeDatabase ?? false);
  }
  return judgeServerOrder(model, versions, history, guarantee);
}

/** By operation: the version that it wrote or read, whoever said so; null for the initial value. */
export function versionsOf({ operations, from }: Model): (VersionTuple | null)[] {
  const versions = operations.map(({ version }) => version);
  for (const [op, version] of versions.entries()) {
    const source = at(from, op);
    if (source >= 0 && version !== null) versions[source] ??= version;
  }
  for (const op of versions.keys()) {
    const source = at(from, op);
    if (source >= 0) versions[op] ??= versions[source] ?? null;
  }
  return versions;
}

interface Seen {
  readonly op: number;
  readonly version: VersionTuple;
}

/** What a session must find again: by key, and by life of a server, the latest. */
interface Demands {
  readonly byKey: Map<number, Seen>;
  /** By key: the greatest version that the session has put or got. */
  readonly top: Map<number, Seen>;
  readonly byLife: Map<number, Seen>;
}

function judgeReads(
  model: Model,
  versions: readonly (VersionTuple | null)[],
  guarantee: 'read-your-writes' | 'monotonic-reads',
  wholeDatabase: boolean,
): Judgement {
  const { starts, sessionCount, key, isWrite } = model;
  const demanding = guarantee === 'read-your-writes' ? 1 : 0;
  for (let session = 0; session < sessionCount; session += 1) {
    const demands: Demands = { byKey: new Map(), top: new Map(), byLife: new Map() };
    for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
      const version = versions[op] ?? null;
      if (at(isWrite, op) === 0) {
        const unmet =
          findTooNew(model, op, version, demands) ??
          (wholeDatabase ? findUnapplied(model, op, demands.byLife.values()) : undefined);
        if (unmet !== undefined) return tooOld(model, guarantee, unmet, op);
      }
      if (version === null) continue;
      const seen = { op, version };
      raise(demands.top, at(key, op), seen);
      if (at(isWrite, op) !== demanding) continue;
      raise(demands.byKey, at(key, op), seen);
      const life = lifeKey({ id: version[1], incarnation: version[2] });
      if ((demands.byLife.get(life)?.version[0] ?? -1) < version[0]) demands.byLife.set(life, seen);
    }
  }
  return HOLDS;
}

function raise(greatest: Map<number, Seen>, key: number, seen: Seen): void {
  const former = greatest.get(key);
  if (former === undefined || compareVersions(former.version, seen.version) < 0) {
    greatest.set(key, seen);
  }
}

function findUnapplied(model: Model, read: number, demands: Iterable<Seen>): Seen | undefined {
  const { applied } = model.operations[read] as Operation;
  if (applied === null) return undefined;
  for (const seen of demands) if (!isCovered(applied, seen.version)) return seen;
  return undefined;
}

/**
 * What the session had of the read's key, if the read's server lacks it or gave something older.
 */
function findTooNew(
  model: Model,
  read: number,
  version: VersionTuple | null,
  { byKey, top }: Demands,
): Seen | undefined {
  const seen = byKey.get(at(model.key, read));
  const greatest = top.get(at(model.key, read));
  if (seen === undefined || greatest === undefined) return undefined;
  const isTop = compareVersions(seen.version, greatest.version) === 0;
  const isNothing = [seen.op, read].every((op) => foundNothing(model.operations[op] as Operation));
  if (isTop && !isNothing && findUnapplied(model, read, [seen]) !== undefined) return seen;
  if (version !== null) return compareVersions(version, seen.version) < 0 ? seen : undefined;
  // A deletion without an answer, of which nobody knows the version, may be later than all others.
  if (at(model.from, read) >= 0) return undefined;
  // A deletion that all servers have may be forgotten; then the key looks as if never written.
  const isDeletion = model.operations[seen.op]?.value === null;
  return isDeletion ? undefined : seen;
}

/**
 * A read of a key of which its server knows no write, a forgotten deletion's for one. Nothing
 * determines the next such read but that there is nothing: no server has to have anything for it.
 */
function foundNothing({ kind, value, version }: Operation): boolean {
  return kind === 'get' && value === null && version === null;
}

function tooOld(
  { operations }: Model,
  guarantee: 'read-your-writes' | 'monotonic-reads',
  { op, version }: Seen,
  read: number,
): Judgement {
  const [before, r] = [operations[op], operations[read]] as [Operation, Operation];
  const isLacking = r.applied !== null && !isCovered(r.applied, version);
  const server = r.server === null ? '' : ` from server ${r.server}`;
  const lacking = isLacking ? 'which had not applied' : 'which is older than';
  return guarantee === 'read-your-writes'
    ? broken(
        'ReadYourWrites',
        [before, r],
        `${tell(r)}${server}, ${lacking} its own ${content(before)} ${where(before)}.`,
      )
    : broken(
        'MonotonicReads',
        [before, r],
        `${tell(r)}${server}, ${lacking} the ${content(before)} that it had read ${where(before)}.`,
      );
}
