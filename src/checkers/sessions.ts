// The four session guarantees of Terry et al., "Session Guarantees for Weakly Consistent Replicated
// Data" (PDIS 1994), section 3. Where servers report the writes that they had applied, DB(S,t),
// they are decided exactly; else from versions, key by key; else from the values alone, as far as
// these go.
//
// What a get returns is determined by the writes to its own key, so read your writes and monotonic
// reads are asked key by key; `acrossKeys` asks for what the paper says of a whole database.
import type { Operation, VersionTuple } from '../kernel/history.ts';
import { lifeKey } from '../kernel/ids.ts';
import { at, type Model } from './model.ts';
import { compareVersions, isCovered } from './readsFrom.ts';
import { judgeServerOrder } from './serverOrder.ts';
import { judgeByValues } from './sessionValues.ts';
import { HOLDS, type Judgement, type SessionGuarantee, violated } from './verdict.ts';
import { content, tell, where } from './words.ts';

/** What a session guarantee can be decided from. */
export type Basis = 'vectors' | 'versions' | 'values';

export interface SessionOptions {
  /** Ask a read for all earlier writes of its session, or reads, not only those of its key. */
  readonly acrossKeys?: boolean;
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
    return judgeReads(model, versions, guarantee, options.acrossKeys ?? false);
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

/** What a session must find applied: by life of a server, the latest operation and its version. */
type Demand = Map<number, { op: number; version: VersionTuple }>;

function judgeReads(
  model: Model,
  versions: readonly (VersionTuple | null)[],
  guarantee: 'read-your-writes' | 'monotonic-reads',
  acrossKeys: boolean,
): Judgement {
  const { starts, sessionCount, key, isWrite } = model;
  const demanding = guarantee === 'read-your-writes' ? 1 : 0;
  for (let session = 0; session < sessionCount; session += 1) {
    const demands = new Map<number, Demand>();
    for (let op = at(starts, session); op < at(starts, session + 1); op += 1) {
      if (at(isWrite, op) === 0) {
        const asked = acrossKeys ? demands : new Map([[0, demands.get(at(key, op)) ?? new Map()]]);
        for (const demand of asked.values()) {
          const broken = firstUnmet(model, versions, op, demand);
          if (broken !== undefined) {
            return tooOld(model, guarantee, broken, op, versions[broken] ?? null);
          }
        }
      }
      const version = versions[op];
      if (at(isWrite, op) !== demanding || version == null) continue;
      const life = lifeKey({ id: version[1], incarnation: version[2] });
      const demand = demands.get(at(key, op));
      if (demand === undefined) demands.set(at(key, op), new Map([[life, { op, version }]]));
      else if ((demand.get(life)?.version[0] ?? -1) < version[0]) demand.set(life, { op, version });
    }
  }
  return HOLDS;
}

/** The operation whose write the read's server had not applied, or which the read is older than. */
function firstUnmet(
  model: Model,
  versions: readonly (VersionTuple | null)[],
  read: number,
  demand: Demand,
): number | undefined {
  const { operations, key, from } = model;
  const { applied } = operations[read] as Operation;
  const seen = versions[read] ?? null;
  for (const { op, version } of demand.values()) {
    if (applied !== null && !isCovered(applied, version)) return op;
    if (at(key, op) !== at(key, read)) continue;
    if (seen !== null && compareVersions(seen, version) < 0) return op;
    // A deletion that all servers have may be forgotten; then the key looks as if never written.
    const isDeletion = (operations[at(from, op)] as Operation).kind === 'delete';
    if (seen === null && !isDeletion) return op;
  }
  return undefined;
}

function tooOld(
  { operations }: Model,
  guarantee: 'read-your-writes' | 'monotonic-reads',
  earlier: number,
  read: number,
  version: VersionTuple | null,
): Judgement {
  const [before, r] = [operations[earlier], operations[read]] as [Operation, Operation];
  const isLacking = r.applied !== null && version !== null && !isCovered(r.applied, version);
  const server = r.server === null ? '' : ` from server ${r.server}`;
  const lacking = isLacking ? 'which had not applied' : 'which is older than';
  return guarantee === 'read-your-writes'
    ? violated(
        'ReadYourWrites',
        [before, r],
        `${tell(r)}${server}, ${lacking} its own ${content(before)} ${where(before)}.`,
      )
    : violated(
        'MonotonicReads',
        [before, r],
        `${tell(r)}${server}, ${lacking} the ${content(before)} that it had read ${where(before)}.`,
      );
}
